package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/report"
)

// consulting returns a doctor, and what it has shown since.
func consulting() (*doctor, func() string) {
	var out bytes.Buffer
	d := doctor{session: &collector.Session{}, plan: &collector.Plan{}, checks: report.NewChecks(&out, report.Screen{})}
	return &d, out.String
}

// cgroupRoot is what a container sees below /sys/fs/cgroup, with a limit of memory.
func cgroupRoot(limit string) fs.FS {
	return fstest.MapFS{"memory.max": {Data: []byte(limit + "\n")}}
}

func TestDoctorJudgesTheSeatsOfAPage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		flow      kube.Flow
		estimated int // seats of a page
		inFlight  int
		want      string
	}{
		"room": {kube.Flow{Schema: "service-accounts", Level: "workload-low", Seats: 245, Most: 37}, 25, 2,
			"  ok    fair queuing: flow schema service-accounts, priority level workload-low with 245 seats if the server has the usual 600; a page\n"},
		"larger than a request may be": {kube.Flow{Seats: 245, Most: 20}, 25, 2, "of which one request takes 20 at most\n"},
		"no room for two":              {kube.Flow{Seats: 1, Most: 1}, 25, 2, "  warn  "},
		"room for one":                 {kube.Flow{Seats: 1, Most: 1}, 25, 1, "  ok    "},
		"two wait for each other":      {kube.Flow{Seats: 1, Most: 1}, 1, 2, ": 2 pages at a time wait for each other\n        → set kubernetes.pages-in-flight=1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, shown := consulting()
			d.session.Settings.Kube.PagesInFlight = test.inFlight
			d.seats("API server", test.flow, test.estimated, "a page")

			assert.Contains(t, shown(), test.want)
		})
	}
}

func TestDoctorJudgesClockAndCertificateOfTheServer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := map[string]struct {
		sample kube.Sample
		want   []string
	}{
		"well":           {kube.Sample{Clock: now, Ahead: -2 * time.Second, CertificateEnd: now.Add(1000 * time.Hour)}, []string{"  ok    clock: agrees with the one here\n"}},
		"ahead":          {kube.Sample{Clock: now, Ahead: 31 * time.Second}, []string{"  warn  clock: 31s ahead of the one here", "NTP"}},
		"behind":         {kube.Sample{Clock: now, Ahead: -time.Hour}, []string{"  warn  clock: 1h0m0s behind the one here"}},
		"without a time": {kube.Sample{}, []string{"not checked: clock"}},
		"about to end":   {kube.Sample{Clock: now, CertificateEnd: now.Add(time.Hour)}, []string{"  warn  its certificate ends at", "have it renewed"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, shown := consulting()
			d.certificate("API server", test.sample)
			d.clock("API server", test.sample)

			for _, words := range test.want {
				assert.Contains(t, shown(), words)
			}
			if name == "well" {
				assert.NotContains(t, shown(), "warn")
			}
		})
	}
}

func TestDoctorComparesMemoryWithTheLimit(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]string{
		"max":       "  ok    memory: no limit (cgroup); a run takes up to 50 MiB\n",
		"134217728": "  ok    memory: the limit (cgroup) is 128 MiB, a run takes up to 50 MiB\n",
		"33554432":  "  warn  memory: the limit (cgroup) is 32 MiB, a run takes up to 50 MiB\n        → raise the memory limit",
	} {
		d, shown := consulting()
		d.memory(cgroupRoot(limit), 2<<20)

		assert.Contains(t, shown(), want)
	}
}

func TestDoctorLooksWhereBodiesAreSpooled(t *testing.T) {
	t.Parallel()
	d, shown := consulting()
	d.session.Settings.Payload.SpoolDir, d.session.Settings.Payload.SpoolMemory, d.pods = t.TempDir(), 16<<20, 1_000_000
	d.spool(250 << 20)
	assert.Contains(t, shown(), "this cluster's has some 250 MiB")
	d.spool(1 << 60)
	assert.Contains(t, shown(), "  warn  spool.dir: ")
	assert.Contains(t, shown(), "are free")

	d, shown = consulting()
	d.session.Settings.Payload.SpoolDir, d.session.Settings.Payload.SpoolMemory, d.pods = "/proc/self", 16<<20, 10
	d.spool(2500)
	assert.Contains(t, shown(), "  warn  spool.dir: no temporary file can be made")
	assert.Empty(t, d.outcome())
	d.spool(17 << 20)
	assert.Contains(t, shown(), "  fail  spool.dir: no temporary file can be made")
	assert.NotEmpty(t, d.outcome())
}

func TestDoctorEndsWithTheFirstFaultOfARun(t *testing.T) {
	t.Parallel()
	d, _ := consulting()
	at := func(when stage, words string) { d.fail(when, "area", errors.New(words), "") }
	assert.Empty(t, d.outcome())

	d.gaps = []inventory.Gap{{Reason: "no nodes"}}
	require.ErrorIs(t, d.outcome().err, collector.ErrIncomplete)
	at(inDelivery, "one")
	at(inDelivery, "two")
	require.EqualError(t, d.outcome().err, "one\ntwo", "all receivers are tried")
	at(inReading, "three")
	at(inReading, "four")
	require.EqualError(t, d.outcome().err, "three")
	at(inPreflight, "five")
	assert.Equal(t, "five", d.outcome().says)
	at(atStart, "six")
	assert.Equal(t, "six", d.outcome().says)
}

func TestEachFindsErrorsThatWereJoined(t *testing.T) {
	t.Parallel()
	one, two, three := errors.New("one"), errors.New("two"), errors.New("three")
	wrapped := fmt.Errorf("%w: %w", one, two)

	assert.Nil(t, each(nil))
	assert.Equal(t, []error{one}, each(one))
	assert.Equal(t, []error{wrapped}, each(wrapped))
	assert.Equal(t, []error{one, two, three}, each(errors.Join(errors.Join(one, two), nil, three)))
	assert.Len(t, each(errors.Join(wrapped)), 1)
}

func TestSizesForPeople(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 MiB", 1: "1 KiB", 2500: "3 KiB", 3 << 19: "1.5 MiB", 16 << 20: "16 MiB", 2 << 30: "2048 MiB", 64 << 30: "64 GiB"} {
		assert.Equal(t, want, mebibytes(n))
	}
}
