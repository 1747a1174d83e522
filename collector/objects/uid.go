package objects

import (
	"cmp"

	"stocktake/collector/wire"
)

// clusterUID is the UID of kube-system, which no other cluster has (kubernetes#77487), if that
// namespace is among the objects.
type clusterUID struct{ text string }

// learn takes it from a namespace.
func (u *clusterUID) learn(namespace *wire.Object) {
	if string(namespace.Name) == "kube-system" {
		u.text = wire.Text(namespace.UID)
	}
}

// or is the UID that is known already, or the one that was found.
func (u *clusterUID) or(known string) string { return cmp.Or(known, u.text) }
