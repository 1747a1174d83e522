package objects

import (
	"errors"

	"stocktake/collector/kube"
	"stocktake/collector/object"
	"stocktake/collector/objecttype"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// Groups are all settings of whole objects, by the package that uses them.
type Groups struct {
	Objects      Options
	ObjectTypes  objecttype.Options
	ObjectChunks payload.ObjectOptions
}

// Options say what is collected, and what of it is sent.
type Options struct {
	Enabled       bool          `setting:"objects.enabled" envDefault:"false" doc:"collect whole objects too, for the receivers that take the kinds objects or k8s-collector"`
	Full          []string      `setting:"objects.full" envSeparator:"\n" doc:"types of objects whose strings are sent; of secrets only the metadata ever is"`
	Annotations   []string      `setting:"objects.annotations" envSeparator:"\n" doc:"annotations whose values are sent with whole objects: keys"`
	Helm          string        `setting:"objects.helm" choices:"off,labels,chart" envDefault:"off" doc:"releases of Helm: off, labels (name, revision and status), chart (also what was installed, without values and notes)"`
	Owners        bool          `setting:"objects.owners" envDefault:"false" doc:"say of each object that has an owner which object is at the end of the chain"`
	Workers       int           `setting:"objects.workers" envDefault:"2" doc:"types of objects read at a time, at most 8"`
	PageBytes     payload.Bytes `setting:"objects.page-bytes" envDefault:"4MiB" doc:"size that pages of whole objects aim at, from 64KiB to 64MiB"`
	OneMoment     bool          `setting:"objects.one-moment" envDefault:"false" doc:"read all types at one moment, as far as the API server has it: the types that are of another are mixed"`
	SkipForbidden bool          `setting:"objects.skip-forbidden" envDefault:"false" doc:"leave out the types that may not be listed (exit code 7)"`
}

// Bounds of the settings.
const (
	maxWorkers     = 8
	leastPageBytes = 64 << 10
	mostPageBytes  = 64 << 20
)

// Check finds values that are out of range.
func (o Options) Check() error {
	var errs []error
	if o.Workers < 1 || o.Workers > maxWorkers {
		errs = append(errs, settings.Invalid("objects.workers", "%d types at a time are out of range: give a number from 1 to %d", o.Workers, maxWorkers))
	}
	if o.PageBytes < leastPageBytes || o.PageBytes > mostPageBytes {
		errs = append(errs, settings.Invalid("objects.page-bytes", "%s is out of range: give a size from %s to %s", o.PageBytes, payload.Bytes(leastPageBytes), payload.Bytes(mostPageBytes)))
	}
	return errors.Join(errs...)
}

// What is read of the releases of Helm.
const (
	helmOff    = "off"
	helmCharts = "chart" // what was installed, besides what the labels say
)

// storeOf is the resource in which Helm keeps releases.
func storeOf(s object.Store) kube.Resource {
	if s.Resource == "secrets" {
		return kube.Core("secrets", "Secret", true)
	}
	return kube.Core("configmaps", "ConfigMap", true)
}

// helmResources are those that releases are read from.
func (o Options) helmResources() (all []kube.Resource) {
	if o.Helm == "" || o.Helm == helmOff {
		return nil
	}
	for _, store := range object.Stores() {
		all = append(all, storeOf(store))
	}
	return all
}
