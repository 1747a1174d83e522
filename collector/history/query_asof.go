package history

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// ErrNoRun says that nothing complete was recorded by the moment that was asked for.
var ErrNoRun = errors.New("the history has no complete run")

// AsOf shows a visitor a cluster as the last complete run before a moment saw it, and
// returns what is known of that run. Pods stand for workloads: each has one, with the containers
// of all its pods. Where no digest is known the container waits, and says nothing of the content: so
// that a digest came to be known, or is not any more, is no difference.
func (v *View) AsOf(cluster string, moment time.Time, to inventory.Visitor) (inventory.Cluster, error) {
	found, err := v.chosen([]string{cluster})
	if err != nil {
		return inventory.Cluster{}, err
	}
	of := inventory.Cluster{Name: cluster}
	var at int64
	query := `SELECT at FROM run WHERE cluster_id = $1 AND at < $2 AND state = 'complete' ORDER BY at DESC LIMIT 1`
	err = v.each(query, []any{found[0].id, moment.UnixMilli()}, func(row scanner) error { return row.Scan(&at) })
	if err != nil {
		return of, err
	}
	if at == 0 {
		return of, fmt.Errorf("%w of %s before %s", ErrNoRun, cluster, moment.Format(time.RFC3339))
	}
	of.Collected = time.UnixMilli(at).UTC()
	if of.Namespaces, err = v.namespacesAt(found[0].id, at); err != nil {
		return of, err
	}
	return of, v.showAt(found[0].id, at, of.Namespaces, to)
}

// namespacesAt are those that were read then.
func (v *View) namespacesAt(cluster, at int64) ([]inventory.Namespace, error) {
	var all []inventory.Namespace
	query := `SELECT n.name FROM namespace n JOIN coverage v ON v.namespace_id = n.id
		WHERE n.cluster_id = $1 AND v.first_at <= $2 AND (v.last_at IS NULL OR v.last_at >= $2) ORDER BY n.name`
	err := v.each(query, []any{cluster, at}, func(row scanner) error {
		var ns inventory.Namespace
		err := row.Scan(&ns.Name)
		all = append(all, ns)
		return err
	})
	return all, err
}

// showAtQuery asks for what was open then, and has ended since or not: each has its index, which
// the plus sign keeps SQLite from passing over.
const showAtQuery = `SELECT ` + sightingColumns + sightingTables + `WHERE s.cluster_id = $1 AND s.gone_at IS NULL AND +s.first_at <= $2
	UNION ALL SELECT ` + sightingColumns + sightingTables + `WHERE s.cluster_id = $1 AND s.gone_at > $2 AND +s.first_at <= $2
	ORDER BY 2, 3, 4, 5, 6, 7, 8`

// showAt shows what was there then, in the order of the namespaces. What came and went in
// between was there, as far as is remembered.
func (v *View) showAt(cluster, at int64, namespaces []inventory.Namespace, to inventory.Visitor) error {
	show := shower{namespaces: namespaces, to: to}
	err := v.each(showAtQuery, []any{cluster, at}, func(row scanner) error {
		s, err := v.scanSighting(row)
		if err != nil {
			return err
		}
		return show.take(&s)
	})
	if err != nil {
		return err
	}
	return show.end("")
}

// shower makes pods of sightings, which come in the order of their places.
type shower struct {
	namespaces []inventory.Namespace // that have not ended
	to         inventory.Visitor
	pod        inventory.Pod
}

func (s *shower) take(seen *Sighting) error {
	owner := inventory.Owner{Kind: seen.Place.WorkloadKind, Name: seen.Place.Workload}
	if s.pod.Namespace != seen.Place.Namespace || s.pod.Workload != owner {
		if err := s.end(seen.Place.Namespace); err != nil {
			return err
		}
		s.pod = inventory.Pod{
			Namespace: seen.Place.Namespace, Name: seen.Place.Workload, Phase: inventory.Running, Owner: owner, Workload: owner, Containers: s.pod.Containers[:0],
		}
	}
	s.pod.Containers = append(s.pod.Containers, inventory.Container{
		Kind: inventory.Kind(seen.Place.ContainerKind), Name: seen.Place.Container, Image: imageOf(seen.Image), State: stateOfImage(seen.Image),
	})
	return nil
}

// end hands on the pod that was made, and ends the namespaces before the next one: all of them
// where there is none. What is of no namespace that was read then is left out.
func (s *shower) end(next string) error {
	for len(s.namespaces) > 0 && s.namespaces[0].Name < s.pod.Namespace {
		if err := s.close(); err != nil {
			return err
		}
	}
	if len(s.pod.Containers) > 0 && len(s.namespaces) > 0 && s.namespaces[0].Name == s.pod.Namespace {
		if err := s.to.Pod(&s.pod); err != nil {
			return err
		}
	}
	s.pod.Containers = s.pod.Containers[:0]
	for len(s.namespaces) > 0 && (next == "" || s.namespaces[0].Name < next) {
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}

func (s *shower) close() error {
	name := s.namespaces[0].Name
	s.namespaces = s.namespaces[1:]
	return s.to.End(name, nil)
}

// imageOf is an image as an inventory has it, as far as the history knows.
func imageOf(i Image) image.Image {
	of := image.Image{Written: i.Name, DigestSource: image.SourceNone}
	if i.Tag != "" {
		of.Written += ":" + i.Tag
	}
	if _, err := image.Parse(i.Name); err != nil {
		of.Flags |= image.Invalid
	} else {
		of.Ref.Registry, of.Ref.Repository, _ = strings.Cut(i.Name, "/")
		of.Ref.Tag = i.Tag
	}
	switch {
	case i.IsConfig():
		of.ConfigID = i.Digest
		of.Flags |= image.ConfigIDOnly
	case i.Digest != "":
		of.Ref.Digest, of.StatusDigest, of.DigestSource = i.Digest, i.Digest, image.SourceStatus
	}
	return of
}

// stateOfImage is waiting where nothing is known of the content: nobody is to take that
// for another one.
func stateOfImage(i Image) inventory.State {
	if i.Digest == "" {
		return inventory.StateWaiting
	}
	return inventory.StateRunning
}
