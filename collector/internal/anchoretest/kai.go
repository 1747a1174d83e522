package anchoretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// CheckKAI reports the first reason for which a body of the older path, images by namespace, would be refused.
func CheckKAI(body []byte) error {
	_, err := readKAI(bytes.NewReader(body))
	return err
}

// The schema of KAI's body. The tables never change.
var (
	kaiTop = []property{
		{"cluster_name", true, filled},
		{"inventory_type", true, oneOf("kubernetes")},
		{"timestamp", true, utcTime},
	}
	kaiResult = []property{
		{"namespace", true, filled},
	}
	kaiImage = []property{
		{"tag", true, notBlank},
		{"repoDigest", false, bareDigest},
	}
)

// kaiReport is what must be remembered of a KAI body: the namespaces, which may come only once.
type kaiReport struct {
	counts     Counts
	namespaces map[string]bool
}

// readKAI checks a body while it streams.
func readKAI(r io.Reader) (Counts, error) {
	c := &kaiReport{namespaces: map[string]bool{}}
	seen, err := members(r, c.member)
	if err != nil {
		return c.counts, err
	}
	if !seen["results"] {
		return c.counts, missing("results")
	}
	return c.counts, checkPresent(seen, kaiTop)
}

func (c *kaiReport) member(name string, dec *json.Decoder) error {
	if name == "results" {
		return elements(dec, name, c.result)
	}
	return checkMember(dec, name, kaiTop)
}

func (c *kaiReport) result(path string, item object) error {
	c.counts.Namespaces++
	if err := checkObject(path, item, kaiResult); err != nil {
		return err
	}
	name, _ := decodeText(item["namespace"])
	if c.namespaces[name] {
		return at(path+".namespace", fmt.Errorf("'%s' is in this report twice", name))
	}
	c.namespaces[name] = true

	images, ok := item["images"]
	if !ok {
		return at(path, missing("images"))
	}
	return elements(json.NewDecoder(bytes.NewReader(images)), path+".images", c.image)
}

func (c *kaiReport) image(path string, item object) error {
	c.counts.Images++
	return checkObject(path, item, kaiImage)
}
