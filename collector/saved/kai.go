package saved

import (
	"encoding/json"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// kaiForm reads bodies of KAI, a namespace at a time.
type kaiForm struct {
	*gathered

	ended map[string]bool // members of the body that have come
	begun bool            // a result has
	known map[kaiImage]image.Image
	pod   inventory.Pod
}

// newKAIForm returns a reader of one body. The members that have come are those that
// somebody else notes.
func newKAIForm(g *gathered, ended map[string]bool) *kaiForm {
	return &kaiForm{gathered: g, ended: ended, known: map[kaiImage]image.Image{}}
}

// kaiImage is an image as KAI knows it.
type kaiImage struct {
	Tag    string `json:"tag"`
	Digest string `json:"repoDigest"`
}

// take implements form.
func (f *kaiForm) take(member string, value []byte) error {
	if member != "results" {
		return f.head.take(member, value)
	}
	if !f.begun { // KAI writes the time first, this program last
		f.begun, f.loaded.OfKAI = true, f.ended["timestamp"] && (len(f.times) == 0 || f.loaded.OfKAI)
	}
	var result struct {
		Namespace string     `json:"namespace"`
		Images    []kaiImage `json:"images"`
	}
	if err := json.Unmarshal(value, &result); err != nil {
		return err
	}
	first, err := f.claim(result.Namespace)
	if err != nil || !first {
		return err
	}
	f.loaded.Namespaces = append(f.loaded.Namespaces, inventory.Namespace{Name: result.Namespace})
	if len(result.Images) > 0 {
		if err := f.showPod(f.podOf(result.Namespace, result.Images)); err != nil {
			return err
		}
	}
	return f.showEnd(result.Namespace)
}

// podOf puts the images of a namespace into one pod, which has no name.
func (f *kaiForm) podOf(namespace string, images []kaiImage) *inventory.Pod {
	f.pod = inventory.Pod{Namespace: namespace, Containers: f.pod.Containers[:0]}
	for _, each := range images {
		f.pod.Containers = append(f.pod.Containers, inventory.Container{Image: f.image(each)})
	}
	return &f.pod
}

func (f *kaiForm) image(i kaiImage) image.Image {
	img, known := f.known[i]
	if !known {
		img = imageOf(payload.KAI, i.Tag, i.Digest, f.inserted)
		f.known[i] = img
	}
	return img
}

// finish implements form: everything has been visited.
func (f *kaiForm) finish() error { return nil }

// withImageObjects writes a result of KAI 0.1, whose images are plain names, as later
// versions do. Any other result stays as it is.
func withImageObjects(result []byte) []byte {
	var old struct {
		Namespace string   `json:"namespace"`
		Images    []string `json:"images"`
	}
	if json.Unmarshal(result, &old) != nil || len(old.Images) == 0 {
		return result
	}
	names := make([]map[string]string, len(old.Images))
	for i, name := range old.Images {
		names[i] = map[string]string{"tag": name}
	}
	text, err := json.Marshal(map[string]any{"namespace": old.Namespace, "images": names})
	if err != nil {
		return result
	}
	return text
}
