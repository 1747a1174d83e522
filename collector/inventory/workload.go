package inventory

import (
	"strconv"
	"strings"
	"time"
)

// Workload returns the top-most owner of the pod as far as names tell it, and
// whether it was derived; now bounds what can be the time of a schedule. The API
// names the direct owner only; to list ReplicaSets and Jobs for their owners would
// double what is read and need more rights.
//
// A ReplicaSet of a Deployment is called DEPLOYMENT-HASH, and the same hash is in
// the label pod-template-hash of its pods. ReplicaSets of other controllers lack
// the label, and their pods stay with them. A Job of a CronJob is called
// CRONJOB-TIME.
//
// Where an inventory was saved with its workloads, these count: the labels from which
// they follow may not have been collected.
func (p *Pod) Workload(now time.Time) (top Owner, derived bool) {
	if p.Top.Kind != "" {
		return p.Top.Owner, p.Top.Derived
	}
	switch p.Owner.Kind {
	case "ReplicaSet":
		name, ok := withoutHash(p.Owner.Name, p.templateHash())
		if ok {
			return Owner{Kind: "Deployment", Name: name}, true
		}
	case "Job":
		name, ok := withoutTime(p.Owner.Name, now)
		if ok {
			return Owner{Kind: "CronJob", Name: name}, true
		}
	}
	return p.Owner, false
}

// Top is the top-most owner of a pod as it was found earlier.
type Top struct {
	Owner

	Derived bool `json:"derived"` // from names, rather than read
}

// TemplateHashLabel is the label that the controller of Deployments puts on its
// ReplicaSets and their pods.
const TemplateHashLabel = "pod-template-hash"

// templateHash is looked for among the labels where only these are known, as in
// an inventory that was saved.
func (p *Pod) templateHash() string {
	if p.TemplateHash != "" {
		return p.TemplateHash
	}
	for _, label := range p.Labels {
		if label.Key == TemplateHashLabel {
			return label.Value
		}
	}
	return ""
}

// withoutHash cuts the hash of the pod template off the name of a ReplicaSet.
func withoutHash(name, hash string) (string, bool) {
	deployment, ok := strings.CutSuffix(name, "-"+hash)
	return deployment, ok && hash != "" && deployment != ""
}

// cronJobsBegan is before the first release with CronJobs, and is no day that a
// date in digits, 20261121, could be mistaken for: as minutes that is in 2008.
func cronJobsBegan() time.Time { return time.Date(2015, time.January, 1, 0, 0, 0, 0, time.UTC) }

// withoutTime cuts the time of its schedule off the name of a Job: minutes since
// 1970, 8 digits, and until Kubernetes 1.25 seconds, 10 digits. Digits that are no
// such time, up to a day from now, are part of a name that somebody chose.
func withoutTime(name string, now time.Time) (string, bool) {
	dash := strings.LastIndexByte(name, '-')
	if dash <= 0 {
		return "", false
	}
	unit := map[int]int64{8: 60, 10: 1}[len(name)-dash-1]
	number, err := strconv.ParseUint(name[dash+1:], 10, 34)
	if err != nil || unit == 0 {
		return "", false
	}
	scheduled := time.Unix(int64(number)*unit, 0)
	if scheduled.Before(cronJobsBegan()) || scheduled.After(now.AddDate(0, 0, 1)) {
		return "", false
	}
	return name[:dash], true
}
