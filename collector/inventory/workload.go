package inventory

import (
	"strconv"
	"strings"
	"time"
)

// Origin is what tells the workload of a pod. The API names the direct owner only;
// to list ReplicaSets and Jobs for their owners would double what is read and need
// more rights.
type Origin struct {
	Owner        Owner
	TemplateHash string        // the pod's label pod-template-hash
	Created      time.Time     // when the pod was created; the zero time if it is not known
	Server       ServerVersion // by which the names of Jobs are known
}

// TemplateHashLabel is the label that the controller of Deployments puts on its
// ReplicaSets and their pods.
const TemplateHashLabel = "pod-template-hash"

// Workload returns the top-most owner of the pod as far as names tell it, and
// whether it was derived.
//
// A ReplicaSet of a Deployment is called DEPLOYMENT-HASH, and the same hash is in
// the label pod-template-hash of its pods. ReplicaSets of other controllers lack
// the label, and their pods stay with them. A Job of a CronJob is called
// CRONJOB-TIME.
func (o Origin) Workload() (top Owner, derived bool) {
	switch o.Owner.Kind {
	case "ReplicaSet":
		if name, ok := withoutHash(o.Owner.Name, o.TemplateHash); ok {
			return Owner{Kind: "Deployment", Name: name}, true
		}
	case "Job":
		if name, ok := o.withoutTime(); ok {
			return Owner{Kind: "CronJob", Name: name}, true
		}
	}
	return o.Owner, false
}

// withoutHash cuts the hash of the pod template off the name of a ReplicaSet.
func withoutHash(name, hash string) (string, bool) {
	deployment, ok := strings.CutSuffix(name, hash)
	deployment, dashed := strings.CutSuffix(deployment, "-")
	return deployment, ok && dashed && hash != "" && deployment != ""
}

// withoutTime cuts the time of its schedule off the name of a Job. People put
// numbers there too: the second in which a chart was rendered, a ticket, a date.
// So it must be a time as this server's CronJobs write it, and of the day in which
// the pod was created.
func (o Origin) withoutTime() (string, bool) {
	dash := strings.LastIndexByte(o.Owner.Name, '-')
	if dash <= 0 || o.Created.IsZero() {
		return "", false
	}
	scheduled, ok := schedule(o.Owner.Name[dash+1:], o.Server)
	if !ok || scheduled.Sub(o.Created).Abs() > 24*time.Hour {
		return "", false
	}
	return o.Owner.Name[:dash], true
}

// minutesSince is the minor version of Kubernetes 1 in which CronJobs began to name
// their Jobs by the minute.
const minutesSince = 21

// schedule reads the time of a schedule: minutes since 1970, 8 digits, and before
// Kubernetes 1.21 seconds, 10 digits, but of whole minutes too. A server of unknown
// version is taken for one of today.
func schedule(digits string, server ServerVersion) (time.Time, bool) {
	number, err := strconv.ParseUint(digits, 10, 34)
	if err != nil {
		return time.Time{}, false
	}
	minor, known := server.minor()
	if !known || minor >= minutesSince {
		return time.Unix(int64(number)*60, 0), len(digits) == 8
	}
	return time.Unix(int64(number), 0), len(digits) == 10 && number%60 == 0
}

// minor returns y of version 1.y; vendors write "20+". A later major version is
// later than every minor one.
func (v ServerVersion) minor() (int, bool) {
	major, minor := v.Major, v.Minor
	if parts := strings.SplitN(strings.TrimPrefix(v.GitVersion, "v"), ".", 3); major == "" && len(parts) > 1 {
		major, minor = parts[0], parts[1]
	}
	if n, err := strconv.Atoi(major); err != nil || n != 1 {
		return minutesSince, err == nil
	}
	n, err := strconv.Atoi(strings.TrimRight(minor, "+"))
	return n, err == nil
}
