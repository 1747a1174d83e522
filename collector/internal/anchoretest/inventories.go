package anchoretest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// item is one image in one namespace, as the service lists them.
type item struct {
	InventoryType string    `json:"inventory_type"`
	Context       string    `json:"context"` // cluster/namespace
	ImageTag      string    `json:"image_tag"`
	ImageDigest   string    `json:"image_digest"`
	CreatedAt     time.Time `json:"created_at"`
	LastUpdated   time.Time `json:"last_updated"`
	LastSeen      time.Time `json:"last_seen"`
}

// inventories lists what the accepted reports contained, as far as their bodies were kept: v2 in an envelope, v1 bare.
func (x *exchange) inventories() (answer, error) {
	items := merge(x.receiver.Accepted(), x.req)
	if x.receiver.options.API == V2 {
		return content(http.StatusOK, map[string]any{"items": items}), nil
	}
	return content(http.StatusOK, items), nil
}

// merge joins the items of reports of the same account; an image seen again only moves its LastSeen.
func merge(reports []Request, req *http.Request) []item {
	type key struct{ context, tag, digest string }
	query, known, all := req.URL.Query(), map[key]int{}, []item{}
	for _, q := range reports {
		if q.Account != req.Header.Get("X-Anchore-Account") {
			continue
		}
		for _, it := range itemsOf(q) {
			k := key{it.Context, it.ImageTag, it.ImageDigest}
			if i, ok := known[k]; ok {
				all[i].LastSeen, all[i].LastUpdated = it.LastSeen, it.LastUpdated
				continue
			}
			if wanted(query.Get("context"), it.Context) && wanted(query.Get("image_digest"), it.ImageDigest) &&
				wanted(query.Get("inventory_type"), it.InventoryType) {
				known[k] = len(all)
				all = append(all, it)
			}
		}
	}
	return all
}

func wanted(filter, value string) bool { return filter == "" || filter == value }

// stored is what is read back of an accepted body of either kind.
type stored struct {
	Cluster    string `json:"cluster_name"`
	Namespaces []struct{ UID, Name string }
	Pods       []struct {
		UID       string
		Namespace string `json:"namespace_uid"`
	}
	Containers []struct {
		Tag    string `json:"image_tag"`
		Digest string `json:"image_digest"`
		Pod    string `json:"pod_uid"`
	}
	Results []struct {
		Namespace string
		Images    []struct{ Tag, RepoDigest string }
	}
}

func itemsOf(q Request) []item {
	var s stored
	if err := json.Unmarshal(q.Body, &s); err != nil {
		return []item{} // not kept
	}
	items := []item{}
	add := func(namespace, tag, digest string) {
		items = append(items, item{
			InventoryType: "kubernetes", Context: s.Cluster + "/" + namespace, ImageTag: tag, ImageDigest: digest,
			CreatedAt: q.Time.UTC(), LastUpdated: q.Time.UTC(), LastSeen: q.Time.UTC(),
		})
	}
	if strings.HasSuffix(q.Path, "/v1/enterprise/inventories") {
		s.eachImage(add)
	} else {
		s.eachContainer(add)
	}
	return items
}

func (s stored) eachImage(add func(namespace, tag, digest string)) {
	for _, result := range s.Results {
		for _, image := range result.Images {
			add(result.Namespace, image.Tag, image.RepoDigest)
		}
	}
}

func (s stored) eachContainer(add func(namespace, tag, digest string)) {
	names, namespaceOf := map[string]string{}, map[string]string{}
	for _, n := range s.Namespaces {
		names[n.UID] = n.Name
	}
	for _, p := range s.Pods {
		namespaceOf[p.UID] = names[p.Namespace]
	}
	for _, c := range s.Containers {
		add(namespaceOf[c.Pod], c.Tag, c.Digest)
	}
}
