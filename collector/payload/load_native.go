package payload

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// nativeForm reads native bodies. What pods refer to comes before them, so nothing of
// them is held.
type nativeForm struct {
	*loader
	outcome inventory.Outcome
	images  []image.Image
	expect  map[string]int // pods by namespace
	begun   map[string]bool
	next    int    // of the namespaces: those before it are done, or their pods have come
	current string // the namespace whose pods come
	count   int    // of its pods so far
	pod     inventory.Pod
}

// take implements form.
func (f *nativeForm) take(member string, value []byte) error {
	switch member {
	case "format":
		return checkFormat(value)
	case "cluster":
		return f.takeCluster(value)
	case "run":
		return f.takeRun(value)
	case "gaps":
		var gap inventory.Gap
		err := json.Unmarshal(value, &gap)
		f.outcome.Gaps = append(f.outcome.Gaps, gap)
		return err
	case "nodes":
		return f.takeNode(value)
	case "namespaces":
		return f.takeNamespace(value)
	case "images":
		return f.takeImage(value)
	case "pods":
		return f.takePod(value)
	}
	return nil
}

func (f *nativeForm) takeCluster(value []byte) error {
	var cluster struct {
		Name    string                  `json:"name"`
		UID     string                  `json:"uid"`
		Version inventory.ServerVersion `json:"version"`
	}
	err := json.Unmarshal(value, &cluster)
	f.head.cluster, f.head.uid, f.head.server = cluster.Name, cluster.UID, cluster.Version
	return err
}

func (f *nativeForm) takeRun(value []byte) error {
	var run struct {
		Started     time.Time             `json:"started"`
		Finished    time.Time             `json:"finished"`
		Complete    bool                  `json:"complete"`
		Consistency inventory.Consistency `json:"consistency"`
		Version     string                `json:"resource_version"`
		Pages       int                   `json:"pages"`
	}
	err := json.Unmarshal(value, &run)
	f.head.time, f.outcome.Finished, f.outcome.Complete = run.Started, run.Finished, run.Complete
	f.outcome.Listing = inventory.Listing{ResourceVersion: run.Version, Consistency: run.Consistency, Pages: run.Pages}
	return err
}

func (f *nativeForm) takeNode(value []byte) error {
	var n struct {
		Name        string    `json:"name"`
		UID         string    `json:"uid"`
		OS          string    `json:"os"`
		Arch        string    `json:"arch"`
		OSImage     string    `json:"os_image"`
		Kernel      string    `json:"kernel_version"`
		Runtime     string    `json:"container_runtime_version"`
		Kubelet     string    `json:"kubelet_version"`
		Labels      labelList `json:"labels"`
		Annotations labelList `json:"annotations"`
	}
	err := json.Unmarshal(value, &n)
	f.addNode(inventory.Node{
		Name: f.texts.text(n.Name), UID: n.UID, OperatingSystem: n.OS, Architecture: n.Arch, OSImage: n.OSImage, KernelVersion: n.Kernel,
		ContainerRuntimeVersion: n.Runtime, KubeletVersion: n.Kubelet, Labels: n.Labels, Annotations: n.Annotations,
	})
	return err
}

func (f *nativeForm) takeNamespace(value []byte) error {
	var ns struct {
		Name        string    `json:"name"`
		UID         string    `json:"uid"`
		Labels      labelList `json:"labels"`
		Annotations labelList `json:"annotations"`
		Pods        int       `json:"pods"`
	}
	if err := json.Unmarshal(value, &ns); err != nil {
		return err
	}
	if _, err := f.claim(ns.Name); err != nil {
		return err
	}
	if len(f.begun) > 0 {
		return errors.New("namespaces come before pods")
	}
	f.expect[f.texts.text(ns.Name)] = ns.Pods
	f.loaded.Namespaces = append(f.loaded.Namespaces, inventory.Namespace{
		Name: f.texts.text(ns.Name), UID: ns.UID, Labels: ns.Labels, Annotations: ns.Annotations,
	})
	return nil
}

func (f *nativeForm) takeImage(value []byte) error {
	var i struct {
		Written      string       `json:"written"`
		Observed     string       `json:"observed"`
		Name         string       `json:"name"`
		Tag          string       `json:"tag"`
		Implied      bool         `json:"tag_implied"`
		Digest       string       `json:"digest"`
		Source       image.Source `json:"digest_source"`
		SpecDigest   string       `json:"spec_digest"`
		StatusDigest string       `json:"status_digest"`
		Repository   string       `json:"digest_repository"`
		ConfigID     string       `json:"config_id"`
		Flags        []string     `json:"flags"`
	}
	err := json.Unmarshal(value, &i)
	ref := image.Ref{Tag: i.Tag, Digest: i.Digest, TagImplied: i.Implied}
	ref.Registry, ref.Repository, _ = strings.Cut(i.Name, "/")
	f.images = append(f.images, image.Image{
		Written: i.Written, Observed: i.Observed, Ref: ref, SpecDigest: i.SpecDigest, StatusDigest: i.StatusDigest, DigestSource: i.Source,
		DigestRepository: i.Repository, ConfigID: i.ConfigID, Flags: image.FlagsNamed(i.Flags),
	})
	return err
}

// finish implements form: what is left are namespaces without pods.
func (f *nativeForm) finish() error {
	if err := f.leave(); err != nil {
		return err
	}
	if err := f.pass(""); err != nil {
		return err
	}
	if f.next < len(f.loaded.Namespaces) {
		name := f.loaded.Namespaces[f.next].Name
		return fmt.Errorf("%w: namespace %q has no pods and says that it has %d", ErrSchema, name, f.expect[name])
	}
	f.head.outcome = &f.outcome
	return nil
}
