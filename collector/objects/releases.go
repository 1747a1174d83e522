package objects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/object"
	"stocktake/collector/wire"
)

// readReleases reads the releases of Helm, by the labels of their records, and the charts of
// those that count.
func (c *Collection) readReleases(ctx context.Context, from Source) error {
	if len(c.plan.options.helmResources()) == 0 {
		return nil
	}
	var found object.Releases
	for _, store := range object.Stores() {
		if err := c.findReleases(ctx, from, store, &found); err != nil {
			return err
		}
	}
	for _, release := range found.All() {
		record, err := c.recordOf(ctx, from, release)
		if err != nil {
			return err
		}
		c.releases = append(c.releases, record)
		line, err := json.Marshal(record)
		if err != nil {
			return err
		}
		for _, w := range c.writers {
			if err := w.Release(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// findReleases reads the labels of the records in a store.
func (c *Collection) findReleases(ctx context.Context, from Source, store object.Store, into *object.Releases) error {
	labels, err := kube.ParseSelector(store.LabelSelector)
	if err != nil {
		return err
	}
	s := from.Scope
	s.Labels, s.Fields = labels, store.FieldSelector
	of := storeOf(store)
	outcome, err := from.Cluster.Read(ctx, s, []kube.Want{{Resource: of, Form: kube.Metadata, Sink: each(func(o *wire.Object) error {
		if c.matches != nil && !c.matches(wire.Text(o.Namespace)) {
			return nil
		}
		if err := into.Add(store.Resource, o.Bytes); err != nil {
			c.warn("%s %s: %v: it is in no release", of.Plural, name(o), err)
		}
		return nil
	})}})
	return c.tolerated(ctx, of, outcome, err)
}

// tolerated is an error of reading records of Helm, unless the settings let them be missing.
func (c *Collection) tolerated(ctx context.Context, of kube.Resource, outcome inventory.Outcome, err error) error {
	if err == nil && len(outcome.Gaps) > 0 {
		err = outcome.Gaps[0].Cause
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case kube.IsForbidden(err) && !c.plan.options.SkipForbidden:
		return forbidden(err, []kube.Right{{Verb: "list", Resource: of.Plural}})
	case kube.IsForbidden(err) || c.plan.incomplete && tolerable(err):
		c.gaps = append(c.gaps, inventory.Gap{Source: "releases of Helm in " + of.Plural, Reason: err.Error(), Cause: err})
		return nil
	}
	return fmt.Errorf("releases of Helm: %w", err)
}

// recordOf is what is told of a release.
func (c *Collection) recordOf(ctx context.Context, from Source, r object.Release) (ReleaseRecord, error) {
	record := ReleaseRecord{Namespace: r.Namespace, Name: r.Name, Store: r.Resource}
	var err error
	if record.Latest, err = c.revision(ctx, from, r, r.Latest); err != nil || r.Deployed == nil {
		return record, err
	}
	deployed := record.Latest
	if *r.Deployed != r.Latest {
		if deployed, err = c.revision(ctx, from, r, *r.Deployed); err != nil {
			return record, err
		}
	}
	record.Deployed = &deployed
	return record, nil
}

func (c *Collection) revision(ctx context.Context, from Source, of object.Release, r object.Revision) (RevisionRecord, error) {
	record := RevisionRecord{Revision: r.Number, Status: r.Status}
	if r.Changed > 0 {
		record.Changed = time.Unix(r.Changed, 0).UTC().Format(time.RFC3339)
	}
	if c.plan.options.Helm != helmCharts {
		return record, nil
	}
	store := storeOf(object.Store{Resource: of.Resource})
	s := kube.Scope{ByName: true, Namespaces: []string{of.Namespace}, Fields: r.FieldSelector(), InTurn: true}
	outcome, err := from.Cluster.Read(ctx, s, []kube.Want{{Resource: store, Form: kube.Whole, Sink: each(func(o *wire.Object) error {
		chart, err := object.ReadChart(of.Resource, o.Bytes)
		if errors.Is(err, object.ErrRecord) || errors.Is(err, object.ErrRecordTooLarge) {
			c.warn("%s %s: %v: its chart is not known", store.Plural, name(o), err)
			return nil
		}
		record.Chart = chartRecord(chart)
		return err
	})}})
	return record, c.tolerated(ctx, store, outcome, err)
}

func chartRecord(c object.Chart) *ChartRecord {
	record := &ChartRecord{Name: c.Name, Version: c.Version, AppVersion: c.AppVersion, Home: c.Home, Type: c.Type, Unread: c.Unread}
	for _, o := range c.Objects {
		record.Objects = append(record.Objects, ManifestRecord(o))
	}
	return record
}

// each is a sink that looks at every object.
type each func(*wire.Object) error

// Object implements kube.Sink.
func (e each) Object(o *wire.Object) error { return e(o) }

// End implements kube.Sink. What could not be read is in the outcome.
func (e each) End(string, *inventory.Gap) error { return nil }
