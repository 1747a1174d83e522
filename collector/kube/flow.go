package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
)

// Flow is the queue of the API server that our requests stand in. Priority and
// fairness (KEP-1040) sorts requests by flow schemas into priority levels, each
// of which has a share of the seats that the server has. A request for one
// object takes a seat, a list several.
type Flow struct {
	Schema string // name of the flow schema
	Level  string // name of the priority level
	Exempt bool   // the level has no limit
	// Seats are those of the level, if the server has as many as by default: it
	// does not tell. Others may borrow them, and it may borrow others'.
	Seats int
	// Most is what one request can take of them at most.
	Most int
}

// serverSeats is what kube-apiserver has by default: the sum of
// --max-requests-inflight and --max-mutating-requests-inflight.
const serverSeats = 600

// flowObject is what matters of a FlowSchema or a PriorityLevelConfiguration, in any
// of the flowVersions.
type flowObject struct {
	Metadata struct {
		Name string `json:"name"`
		UID  string `json:"uid"`
	} `json:"metadata"`
	Spec struct {
		Type    string `json:"type"` // Exempt or Limited
		Limited struct {
			Shares        *int `json:"nominalConcurrencyShares"`
			Assured       *int `json:"assuredConcurrencyShares"` // its name in v1beta2
			LimitResponse struct {
				Queuing struct {
					HandSize int `json:"handSize"`
				} `json:"queuing"`
			} `json:"limitResponse"`
		} `json:"limited"`
		Exempt struct {
			Shares int `json:"nominalConcurrencyShares"`
		} `json:"exempt"`
	} `json:"spec"`
}

// shares are those of the server's seats that the level is given; 30 is the
// default of the API.
func (o flowObject) shares() int {
	switch {
	case o.Spec.Type == exempt:
		return o.Spec.Exempt.Shares
	case o.Spec.Limited.Shares != nil:
		return *o.Spec.Limited.Shares
	case o.Spec.Limited.Assured != nil:
		return *o.Spec.Limited.Assured
	}
	return 30
}

const exempt = "Exempt"

// flowVersions are those of flowcontrol.apiserver.k8s.io that servers have had, the
// newest first: v1 since Kubernetes 1.29, v1beta3 from 1.26 to 1.31, v1beta2 from 1.23
// to 1.28.
func flowVersions() []string { return []string{"v1", "v1beta3", "v1beta2"} }

// ErrNoFlow says that the server has none of the versions that tell of its queues.
var ErrNoFlow = errors.New("the server does not tell of its priority levels")

// Flow finds the names that belong to the UIDs of a sample. It needs the right
// to list flow schemas and priority levels, which a run does not need: without
// it the error is ErrRefused.
func (c *Cluster) Flow(ctx context.Context, s Sample) (Flow, error) {
	for _, version := range flowVersions() {
		schemas, err := c.flowObjects(ctx, version, "flowschemas")
		if IsNotFound(err) {
			continue
		}
		if err != nil {
			return Flow{}, err
		}
		levels, err := c.flowObjects(ctx, version, "prioritylevelconfigurations")
		if err != nil {
			return Flow{}, err
		}
		return flowOf(s, schemas, levels), nil
	}
	return Flow{}, ErrNoFlow
}

// flowOf joins a sample with what the server tells of its queues.
func flowOf(s Sample, schemas, levels []flowObject) Flow {
	f := Flow{Schema: s.FlowSchema, Level: s.PriorityLevel}
	for _, o := range schemas {
		if o.Metadata.UID == s.FlowSchema {
			f.Schema = printable(o.Metadata.Name)
		}
	}
	total := 0
	for _, o := range levels {
		total += o.shares()
	}
	for _, o := range levels {
		if o.Metadata.UID == s.PriorityLevel {
			f.Level, f.Exempt = printable(o.Metadata.Name), o.Spec.Type == exempt
			f.Seats = int(math.Ceil(serverSeats * float64(o.shares()) / float64(max(total, 1))))
			f.Most = mostSeats(f.Seats, o.Spec.Limited.LimitResponse.Queuing.HandSize)
		}
	}
	return f
}

// mostSeats is what one request can take of a level (kubernetes#118601): 15 % of
// its seats, and no more than leaves every queue of a hand a share.
func mostSeats(seats, handSize int) int {
	most := int(math.Ceil(0.15 * float64(seats)))
	if handSize > 0 {
		most = min(most, seats/handSize)
	}
	return max(1, most)
}

func (c *Cluster) flowObjects(ctx context.Context, version, resource string) ([]flowObject, error) {
	var list struct {
		Items []flowObject `json:"items"`
	}
	path := "apis/flowcontrol.apiserver.k8s.io/" + version + "/" + resource
	if err := c.getObject(ctx, c.quick, resource, path, &list); err != nil {
		return nil, fmt.Errorf("list %s: %w", resource, err)
	}
	return list.Items, nil
}

// PageSeats estimates how many seats a page takes that is not the first, as the
// server does before it reads one. Since 1.34 it counts bytes: a seat for each
// 100,000 of them (SizeBasedListCostEstimate), 100 at most (kubernetes#133034);
// before, two for each hundred objects, 10 at most. Of a minor version that is 0,
// not known, the larger of both counts.
func (s Sample) PageSeats(limit int64, minor int) int {
	objects := min(limit, s.Objects)
	seats := int64(1)
	if minor < 34 {
		seats = max(seats, min(ceil(2*objects, 100), 10))
	}
	if minor >= 34 || minor == 0 {
		seats = max(seats, min(ceil(objects*s.Bytes, 100_000), 100))
	}
	return int(seats)
}

func ceil(n, by int64) int64 { return (n + by - 1) / cmp.Or(by, 1) }
