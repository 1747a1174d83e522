package inventory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/inventory"
)

func TestWorkloadOfAReplicaSetIsTheDeploymentWithItsHash(t *testing.T) {
	t.Parallel()
	const hash = "5d4f8c7b9"
	for _, test := range []struct{ name, hash, want string }{
		{"web-" + hash, hash, "Deployment/web"},
		{"a-b-" + hash, hash, "Deployment/a-b"},
		{"web-" + hash, "", "ReplicaSet/web-" + hash},
		{"web", hash, "ReplicaSet/web"},
		{"web" + hash, hash, "ReplicaSet/web" + hash},
		{"-" + hash, hash, "ReplicaSet/-" + hash},
		{"web-", "", "ReplicaSet/web-"},
	} {
		checkWorkload(t, inventory.Origin{Owner: inventory.Owner{Kind: "ReplicaSet", Name: test.name}, TemplateHash: test.hash}, test.want)
	}
}

// The pods of the table below were created at 29543347 minutes, 1772600820 seconds.
var born = time.Date(2026, 3, 4, 5, 7, 0, 0, time.UTC)

func TestWorkloadOfAJobIsTheCronJobThatMadeItThen(t *testing.T) {
	t.Parallel()
	now := inventory.ServerVersion{Major: "1", Minor: "36"}
	for _, test := range []struct {
		name, want string
		server     inventory.ServerVersion
	}{
		{"nightly-29543347", "CronJob/nightly", now},
		{"a-1-29543347", "CronJob/a-1", now},
		{"late-29541907", "CronJob/late", now},        // to the minute a day before the pod
		{"later-29541906", "Job/later-29541906", now}, // and a minute more
		{"early-29544787", "CronJob/early", now},
		{"earlier-29544788", "Job/earlier-29544788", now},
		{"acme-migrate-1696500000", "Job/acme-migrate-1696500000", now}, // blinkbitcoin/charts#4394
		{"acme-migrate-1772600820", "Job/acme-migrate-1772600820", now}, // {{ now | unixEpoch }}, of whole minutes by chance
		{"restore-29123456", "Job/restore-29123456", now},               // a ticket, which was a minute in May 2025
		{"report-20260304", "Job/report-20260304", now},                 // a date
		{"plane-migrate-20251104-101500", "Job/plane-migrate-20251104-101500", now},
		{"load-029543347", "Job/load-029543347", now},
		{"load-2954334", "Job/load-2954334", now},
		{"load-2954334a", "Job/load-2954334a", now},
		{"load-+9543347", "Job/load-+9543347", now},
		{"-29543347", "Job/-29543347", now},
		{"29543347", "Job/29543347", now},

		{"nightly-29543347", "CronJob/nightly", inventory.ServerVersion{}}, // as on all servers of today
		{"nightly-1772600820", "Job/nightly-1772600820", inventory.ServerVersion{}},
		{"nightly-29543347", "CronJob/nightly", inventory.ServerVersion{Major: "1", Minor: "21+"}},
		{"nightly-29543347", "CronJob/nightly", inventory.ServerVersion{Major: "2", Minor: "0"}},
		{"nightly-29543347", "CronJob/nightly", inventory.ServerVersion{GitVersion: "v1.21.0"}},
		{"nightly-29543347", "CronJob/nightly", inventory.ServerVersion{Major: "?", Minor: "?", GitVersion: "?"}},
		{"nightly-29543347", "Job/nightly-29543347", inventory.ServerVersion{Major: "1", Minor: "20+"}},
		{"nightly-29543347", "Job/nightly-29543347", inventory.ServerVersion{GitVersion: "v1.20.15-gke.1"}},
		{"nightly-1772600820", "CronJob/nightly", inventory.ServerVersion{Major: "1", Minor: "20+"}},
		{"nightly-1772600820", "CronJob/nightly", inventory.ServerVersion{GitVersion: "v1.19.3"}},
		{"nightly-1772600820", "Job/nightly-1772600820", inventory.ServerVersion{Major: "1", Minor: "21"}},
		{"migrate-1772600821", "Job/migrate-1772600821", inventory.ServerVersion{Major: "1", Minor: "20"}}, // schedules have no seconds
		{"nightly-1696500000", "Job/nightly-1696500000", inventory.ServerVersion{Major: "1", Minor: "20"}},
	} {
		origin := inventory.Origin{Owner: inventory.Owner{Kind: "Job", Name: test.name}, Created: born, Server: test.server}
		checkWorkload(t, origin, test.want)
		origin.Created = time.Time{}
		checkWorkload(t, origin, "Job/"+test.name) // nobody knows when
	}
}

func TestWorkloadOfOthersIsTheOwner(t *testing.T) {
	t.Parallel()
	for _, owner := range []inventory.Owner{{Kind: "StatefulSet", Name: "db-29543347"}, {Kind: "Node", Name: "n1"}, {}} {
		checkWorkload(t, inventory.Origin{Owner: owner, TemplateHash: "5d4f8c7b9", Created: born}, owner.Kind+"/"+owner.Name)
	}
}

func checkWorkload(t *testing.T, origin inventory.Origin, want string) {
	t.Helper()
	got, derived := origin.Workload()
	assert.Equal(t, want, got.Kind+"/"+got.Name, "%+v", origin)
	assert.Equal(t, got != origin.Owner, derived, "%+v", origin)
}
