package inventory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/inventory"
)

func TestWorkloadIsDerivedFromNamesThatControllersMake(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	hash := []inventory.Label{{Key: "app", Value: "web"}, {Key: "pod-template-hash", Value: "5d4f8c7b9"}}
	for _, test := range []struct {
		kind, name string
		labels     []inventory.Label
		want       inventory.Owner
		derived    bool
	}{
		{"ReplicaSet", "web-5d4f8c7b9", hash, inventory.Owner{Kind: "Deployment", Name: "web"}, true},
		{"ReplicaSet", "a-b-5d4f8c7b9", hash, inventory.Owner{Kind: "Deployment", Name: "a-b"}, true},
		{"ReplicaSet", "web-5d4f8c7b9", nil, inventory.Owner{Kind: "ReplicaSet", Name: "web-5d4f8c7b9"}, false},
		{"ReplicaSet", "web", hash, inventory.Owner{Kind: "ReplicaSet", Name: "web"}, false},
		{"ReplicaSet", "web5d4f8c7b9", hash, inventory.Owner{Kind: "ReplicaSet", Name: "web5d4f8c7b9"}, false},
		{"ReplicaSet", "-5d4f8c7b9", hash, inventory.Owner{Kind: "ReplicaSet", Name: "-5d4f8c7b9"}, false},
		{"ReplicaSet", "web-", []inventory.Label{{Key: "pod-template-hash"}}, inventory.Owner{Kind: "ReplicaSet", Name: "web-"}, false},
		{"Job", "nightly-29530566", nil, inventory.Owner{Kind: "CronJob", Name: "nightly"}, true},
		{"Job", "a-1-29530566", nil, inventory.Owner{Kind: "CronJob", Name: "a-1"}, true},
		{"Job", "nightly-1609459200", nil, inventory.Owner{Kind: "CronJob", Name: "nightly"}, true},
		{"Job", "nightly-29999999", nil, inventory.Owner{Kind: "Job", Name: "nightly-29999999"}, false}, // in 2027
		{"Job", "backup-20260304", nil, inventory.Owner{Kind: "Job", Name: "backup-20260304"}, false},   // a date
		{"Job", "load-00000001", nil, inventory.Owner{Kind: "Job", Name: "load-00000001"}, false},
		{"Job", "load-9999999999", nil, inventory.Owner{Kind: "Job", Name: "load-9999999999"}, false},
		{"Job", "load-295305661", nil, inventory.Owner{Kind: "Job", Name: "load-295305661"}, false}, // 9 digits
		{"Job", "load-2953056a", nil, inventory.Owner{Kind: "Job", Name: "load-2953056a"}, false},
		{"Job", "load-+2953056", nil, inventory.Owner{Kind: "Job", Name: "load-+2953056"}, false},
		{"Job", "-29530566", nil, inventory.Owner{Kind: "Job", Name: "-29530566"}, false},
		{"Job", "29530566", nil, inventory.Owner{Kind: "Job", Name: "29530566"}, false},
		{"StatefulSet", "db-29530566", hash, inventory.Owner{Kind: "StatefulSet", Name: "db-29530566"}, false},
		{"Node", "n1", nil, inventory.Owner{Kind: "Node", Name: "n1"}, false},
	} {
		pod := inventory.Pod{Owner: inventory.Owner{Kind: test.kind, Name: test.name}, Labels: test.labels}
		got, derived := pod.Workload(now)
		assert.Equal(t, test.want, got, test.name)
		assert.Equal(t, test.derived, derived, test.name)
	}
}
