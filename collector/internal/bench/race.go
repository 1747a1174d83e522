package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entrant is a program in the race.
type entrant struct {
	letter string
	name   string
	args   func(*bench) []string
	counts func(stdout, stderr []byte) (counts, error)
}

// counts are what a program tells of its work.
type counts struct {
	Requests int   `json:"requests"`
	Bytes    int64 `json:"bytes"`             // read from the API server
	Pods     int   `json:"pods"`              // in the body
	Sent     int64 `json:"sent"`              // bytes of the body, compressed
	Plain    int64 `json:"plain"`             // bytes of the body before
	Objects  int   `json:"objects,omitempty"` // in the chunks that were delivered
}

// entrants are all of them, for so many pods.
func (b *bench) entrants(pods int) []entrant {
	if b.objects() {
		return b.objectEntrants(pods)
	}
	all := []entrant{
		{"a", "raw pager, one page after another", helper("raw", "h2"), printed},
		{"b", "client-go typed list", helper("typed"), printed},
		{"c", "stocktake, full job", stocktake(b.program), summarized},
		{"d", "stocktake, one page in flight", stocktake(b.program, "-set", "kubernetes.pages-in-flight=1"), summarized},
		{"e", "raw pager over HTTP/1.1", helper("raw", "http/1.1"), printed},
		{"g", "namespace by namespace, 100 workers, JSON", byNamespace, printed},
	}
	if b.before == "" {
		return all
	}
	return append(all, entrant{"f", "stocktake, the other build", stocktake(b.before), summarized})
}

// usualLimit is what kubectl and client-go's pager take.
const usualLimit = 500

func helper(name string, more ...string) func(*bench) []string {
	return func(b *bench) []string {
		return append([]string{b.path(name), b.kubeconfig, strconv.Itoa(cmp.Or(b.limit, usualLimit))}, more...)
	}
}

func byNamespace(b *bench) []string { return []string{b.path("bynamespace"), b.kubeconfig} }

func stocktake(program string, more ...string) func(*bench) []string {
	return func(b *bench) []string {
		args := []string{program, "-external", b.kubeconfig, "-set", "ignore-not-running=false"}
		if b.limit > 0 {
			args = append(args, "-set", "kubernetes.request-batch-size="+strconv.Itoa(b.limit))
		}
		return append(append(args, more...), "bench")
	}
}

// printed reads what raw and typed print.
func printed(stdout, _ []byte) (c counts, err error) {
	return c, json.Unmarshal(stdout, &c)
}

// summarized reads the summary, the last line of stocktake's log.
func summarized(_, stderr []byte) (counts, error) {
	lines := bytes.Split(bytes.TrimSpace(stderr), []byte("\n"))
	type reading struct {
		Requests int   `json:"page_requests"`
		Bytes    int64 `json:"bytes_read"`
	}
	var last struct {
		Summary struct {
			reading

			Collections struct{ Objects reading }
			Counts      struct{ Pods int }
			Deliveries  []struct {
				Sent  int64 `json:"bytes_sent"`
				Plain int64 `json:"bytes_json"`
			}
		}
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return counts{}, err
	}
	s := last.Summary
	if len(s.Deliveries) != 1 {
		return counts{}, fmt.Errorf("%d deliveries where one should be", len(s.Deliveries))
	}
	if s.Requests == 0 { // a run for objects alone
		s.reading = s.Collections.Objects
	}
	return counts{Requests: s.Requests, Bytes: s.Bytes, Pods: s.Counts.Pods, Sent: s.Deliveries[0].Sent, Plain: s.Deliveries[0].Plain}, nil
}

// race lets all programs read so many pods, round after round. The first round
// warms up the API server and is not counted.
func (b *bench) race(ctx context.Context, pods int) (race, error) {
	if err := b.seed(ctx, pods); err != nil {
		return race{}, err
	}
	all := b.entrants(pods)
	r := race{Pods: pods, Objects: b.objects(), Results: make([]result, len(all))}
	for round := range b.rounds + 1 {
		b.say("%d pods, round %d of %d", pods, round, b.rounds)
		for i := range all {
			n := place(i, round, len(all))
			m, err := b.lap(ctx, all[n])
			for tries := 0; err != nil && round == 0 && tries < warmUps; tries++ {
				b.say("%s: %v: once more", all[n].name, err)
				m, err = b.lap(ctx, all[n])
			}
			if err != nil {
				return race{}, fmt.Errorf("%s: %w", all[n].name, err)
			}
			if err := b.check(m.counts, pods); err != nil {
				return race{}, fmt.Errorf("%s: %w", all[n].name, err)
			}
			r.Results[n].Letter, r.Results[n].Name = all[n].letter, all[n].name
			if round > 0 {
				r.Results[n].Laps = append(r.Results[n].Laps, m)
			}
		}
	}
	for i := range r.Results {
		r.Results[i].Median = medianOf(r.Results[i].Laps)
	}
	return r, nil
}

// place says who is i-th in a round. Who goes first changes from round to round, and every
// other round goes backwards: each leaves the API server in a state that costs the next one
// something, and it must not always be the same one that pays.
func place(i, round, entrants int) int {
	n := (i + round) % entrants
	if round%2 == 1 {
		n = entrants - 1 - n
	}
	return n
}

// warmUps is how often a lap of the first round is run again: a server that has just been
// filled may answer with 504 while its cache catches up.
const warmUps = 3

// check makes sure that a program which tells what it found has found everything. Of the
// objects besides those that were written the API server has some of its own.
func (b *bench) check(c counts, pods int) error {
	if c.Pods > 0 && c.Pods != pods {
		return fmt.Errorf("%d pods in the body where %d should be", c.Pods, pods)
	}
	if least := namespaces + nodes + pods + b.around.objects; c.Objects > 0 && c.Objects < least {
		return fmt.Errorf("%d objects in the body where at least %d should be", c.Objects, least)
	}
	return nil
}

// pause lets the API server finish what it began before.
const pause = 300 * time.Millisecond

// settle gives every lap the same start.
//
// The API server holds all pods in memory and collects its garbage after every
// other listing or so, for about as long as the listing itself took. Left to
// itself it would be chance which of the programs pays for that, and with a fixed
// number of programs always the same.
//
// It serves pages from snapshots of that memory, one for each change, and forgets
// those older than the last compaction (KEP-4988). In a cluster where pods come
// and go there is always one; where nothing changes for five minutes, pages come
// from etcd at twice the cost. So a pod is written once more.
func (b *bench) settle(ctx context.Context) error {
	time.Sleep(pause)
	if err := b.cluster.Seed(ctx, onePod()); err != nil {
		return err
	}
	_, err := b.api.Get().AbsPath("/debug/pprof/heap").Param("gc", "1").DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("collect the garbage of the API server: %w", err)
	}
	time.Sleep(pause)
	return nil
}

// lap runs one program once.
func (b *bench) lap(ctx context.Context, e entrant) (measurement, error) {
	if err := b.settle(ctx); err != nil {
		return measurement{}, err
	}
	before, err := b.spent(ctx)
	if err != nil {
		return measurement{}, err
	}
	m, stdout, stderr, err := b.meter(ctx, e.args(b))
	if err != nil {
		return m, err
	}
	after, err := b.spent(ctx)
	if err != nil {
		return m, err
	}
	m.Server, m.Etcd, m.Alloc = after.Server-before.Server, after.Etcd-before.Etcd, after.Alloc-before.Alloc
	m.counts, err = e.counts(stdout, stderr)
	return m, err
}

// spent is what the control plane has taken so far.
func (b *bench) spent(ctx context.Context) (m measurement, err error) {
	if m.Server, err = cpuSeconds(b.apiPID); err != nil {
		return m, err
	}
	if m.Etcd, err = cpuSeconds(b.etcdPID); err != nil {
		return m, err
	}
	metrics, err := b.api.Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return m, fmt.Errorf("read the metrics of the API server: %w", err)
	}
	m.Alloc, err = metricOf(metrics, "go_memstats_alloc_bytes_total")
	return m, err
}

// metricOf finds the value of a metric without labels.
func metricOf(metrics []byte, name string) (float64, error) {
	for line := range bytes.Lines(metrics) {
		if value, is := bytes.CutPrefix(line, []byte(name+" ")); is {
			return strconv.ParseFloat(string(bytes.TrimSpace(value)), 64)
		}
	}
	return 0, fmt.Errorf("the API server has no metric %s", name)
}

// meter runs a program in the folder of the benchmark, with nothing in its
// environment but what it needs.
func (b *bench) meter(ctx context.Context, args []string) (m measurement, stdout, stderr []byte, err error) {
	cost := b.path("cost.json")
	cmd := exec.CommandContext(ctx, b.path("meter"), append([]string{cost}, args...)...)
	cmd.Dir = b.dir
	cmd.Env = append(tuning(os.Environ()), "HOME="+b.dir, "TMPDIR="+b.dir, "PATH="+os.Getenv("PATH"))
	if !b.objects() {
		cmd.Env = append(cmd.Env, "ANCHORE_URL="+b.url, "ANCHORE_USER=bench", "ANCHORE_PASSWORD=bench")
	}
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		return m, nil, nil, errors.Join(fmt.Errorf("%w\n%s", err, log.Bytes()), ctx.Err())
	}
	data, err := os.ReadFile(cost)
	if err != nil {
		return m, nil, nil, err
	}
	return m, out.Bytes(), log.Bytes(), json.Unmarshal(data, &m)
}

// tuning are the variables of Go's runtime, for whoever wants to try them.
func tuning(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return !slices.Contains([]string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"}, name)
	})
}
