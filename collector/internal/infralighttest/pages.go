package infralighttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// page takes a page of releases, trees or objects. One that was taken, and comes again because the answer was lost, is
// taken once.
func (s *Service) page(r *Request) answer {
	var p struct {
		Fetching string            `json:"fetchingId"`
		Releases []json.RawMessage `json:"helmReleases"`
		Types    []json.RawMessage `json:"k8sTypes"`
		Trees    []json.RawMessage `json:"k8sTrees"`
		Objects  []json.RawMessage `json:"k8sObjects"`
	}
	if err := strictly(r.Body, &p); err != nil {
		return refuse(http.StatusBadRequest, "%s: %s", r.Step, err)
	}
	if p.Fetching != s.state.fetching {
		return refuse(http.StatusBadRequest, "%s: fetchingId %q", r.Step, p.Fetching)
	}
	items, members := p.Objects, 0
	for _, there := range []bool{p.Releases != nil, p.Types != nil, p.Trees != nil, p.Objects != nil} {
		if there {
			members++
		}
	}
	check, want := checkObject, 1
	switch r.Step {
	case Helm:
		items, check, want = p.Releases, checkRelease, 2
		if err := s.types(p.Types); err != nil {
			return refuse(http.StatusBadRequest, "helm: %s", err)
		}
	case Tree:
		items, check = p.Trees, checkTree
	}
	if items == nil || members != want {
		return refuse(http.StatusBadRequest, "%s: members that belong to another step, or none", r.Step)
	}
	if len(items) == 0 && r.Step != Helm {
		return refuse(http.StatusBadRequest, "%s: an empty page", r.Step)
	}
	for i, item := range items {
		if err := check(item); err != nil {
			return refuse(http.StatusBadRequest, "%s: item %d: %s", r.Step, i, err)
		}
	}
	s.state.reached = slices.Index(order(), r.Step)
	if page := r.Step + r.SHA256; !s.state.taken[page] {
		s.state.taken[page] = true
		s.state.items[r.Step] = append(s.state.items[r.Step], items...)
	}
	return answer{status: http.StatusNoContent}
}

// types checks those of a page of releases: each page has all of them.
func (s *Service) types(all []json.RawMessage) error {
	if len(all) == 0 {
		return errors.New("no k8sTypes")
	}
	if s.state.types != 0 && s.state.types != len(all) {
		return fmt.Errorf("%d types after %d", len(all), s.state.types)
	}
	s.state.types = len(all)
	for _, one := range all {
		var t struct {
			Kind       string `json:"kind"`
			Namespaced *bool  `json:"namespaced"`
			APIVersion string `json:"apiVersion"`
		}
		if err := strictly(one, &t); err != nil || t.Kind == "" || t.Namespaced == nil || t.APIVersion == "" {
			return fmt.Errorf("type %s: %w", one, errors.Join(err, errors.New("a member is missing")))
		}
	}
	return nil
}

func checkRelease(text json.RawMessage) error {
	var r struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Version   int    `json:"version"`
		Info      struct {
			LastDeployed string `json:"last_deployed"`
			Status       string `json:"status"`
		} `json:"info"`
		Chart *struct {
			Metadata struct {
				Name       string `json:"name"`
				Version    string `json:"version"`
				AppVersion string `json:"appVersion"`
				Home       string `json:"home"`
				Type       string `json:"type"`
			} `json:"metadata"`
		} `json:"chart"`
		Manifest string `json:"manifest"`
	}
	if err := strictly(text, &r); err != nil {
		return err
	}
	if r.Name == "" || r.Namespace == "" || r.Version < 1 || r.Info.Status == "" || r.Chart != nil && r.Chart.Metadata.Name == "" {
		return errors.New("a release that lacks something")
	}
	return checkTime(r.Info.LastDeployed)
}

func checkTime(text string) error {
	if text == "" {
		return nil
	}
	_, err := time.Parse(time.RFC3339, text)
	return err
}

// object is what every object has.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
		UID  string `json:"uid"`
	} `json:"metadata"`
}

func (o object) check(kind string) error {
	if o.Kind == "" || o.Kind != kind || o.APIVersion == "" || o.Metadata.Name == "" {
		return fmt.Errorf("kind %q beside an object of kind %q, apiVersion %q and name %q", kind, o.Kind, o.APIVersion, o.Metadata.Name)
	}
	return nil
}

func checkObject(text json.RawMessage) error {
	var item struct {
		Kind   string          `json:"kind"`
		Object json.RawMessage `json:"object"`
	}
	if err := strictly(text, &item); err != nil {
		return err
	}
	var o object
	if err := json.Unmarshal(item.Object, &o); err != nil {
		return err
	}
	return o.check(item.Kind)
}

func checkTree(text json.RawMessage) error {
	var t struct {
		Children []json.RawMessage `json:"children"`
		UID      string            `json:"uid"`
		Kind     string            `json:"kind"`
		Object   json.RawMessage   `json:"object"`
	}
	if err := strictly(text, &t); err != nil {
		return err
	}
	var o object
	if err := json.Unmarshal(t.Object, &o); err != nil {
		return err
	}
	if t.Children == nil || t.UID != o.Metadata.UID {
		return fmt.Errorf("uid %q of an object with %q, or no children", t.UID, o.Metadata.UID)
	}
	for _, child := range t.Children {
		if err := checkTree(child); err != nil {
			return err
		}
	}
	return o.check(t.Kind)
}

func (s *Service) lock(body []byte) answer {
	var l struct {
		Fetching string `json:"fetchingId"`
		Cluster  string `json:"clusterId"`
	}
	if err := strictly(body, &l); err != nil || l.Fetching != s.state.fetching || l.Cluster == "" || s.options.Cluster != "" && l.Cluster != s.options.Cluster {
		return refuse(http.StatusBadRequest, "lock: %s, fetchingId %q, clusterId %q", err, l.Fetching, l.Cluster)
	}
	s.state.locked, s.state.reached = true, slices.Index(order(), Lock)
	return answer{status: http.StatusNoContent}
}

func (s *Service) metadata(body []byte) answer {
	var m struct {
		Fetching string `json:"fetchingId"`
		Began    string `json:"startDate"`
		Ended    string `json:"endDate"`
		Result   string `json:"result"`
		Error    string `json:"error"`
		Version  string `json:"collectorVersion"`
		Server   string `json:"serverVersion"`
		Stats    map[string]struct {
			Collection int64 `json:"collectionTime"`
			Redaction  int64 `json:"redactionTime"`
		} `json:"collectorStats"`
	}
	err := strictly(body, &m)
	failed := m.Result == "failure" && m.Error != ""
	if err != nil || m.Fetching != s.state.fetching || !failed && (m.Result != "success" || m.Error != "") || m.Began == "" || m.Ended == "" || m.Stats == nil {
		return refuse(http.StatusBadRequest, "metadata: %v: %s", err, body)
	}
	if err := errors.Join(checkTime(m.Began), checkTime(m.Ended)); err != nil {
		return refuse(http.StatusBadRequest, "metadata: %s", err)
	}
	if !failed && !s.state.locked {
		return refuse(http.StatusBadRequest, "metadata: success without a lock")
	}
	if err := json.Unmarshal(body, &s.state.told); err != nil {
		return refuse(http.StatusBadRequest, "metadata: %s", err)
	}
	return answer{status: http.StatusNoContent}
}
