// Command bench measures what a run costs, on a large cluster and beside others.
//
// Absolute times of one machine on one day say little, and on a machine that is
// shared they vary by a factor of two. So the benchmark is a race: it starts a
// real control plane, fills it with pods of 4.5 KB, and lets some programs read
// them in turn, round after round, each round in another order. What counts are
// the medians, and their ratios within this one race:
//
//	a  pages in protobuf, one after another, nothing made of them (raw)
//	b  a loop of typed lists with client-go, nothing made of them (typed)
//	c  stocktake with its whole job: read, resolve, encode, compress, deliver
//	d  the same with one page in flight
//	e  a once more, over HTTP/1.1
//	f  c by another build of stocktake, where one is named
//	g  the way of collectors before: pods by namespace, in JSON, 100 workers (bynamespace)
//
// a is the floor of every client that asks for one page after another, b is what
// others are built on, g what stocktake takes the place of. e and d tell how much of
// the difference is owed to the protocol and how much to pages that overlap, and f what
// a change costs. Each is
// a process of its own, measured from its start to its end by meter. The CPU time
// of the API server and of etcd is that between the two, from /proc, so that the
// benchmark needs Linux. The receiver reads what it is sent and answers 201.
//
// All of them read without compression, as stocktake does within a cluster.
//
// With kubectl (make bench-objects) the race is for every object of a cluster that also
// has custom resources, Helm releases and what else people keep, in JSON:
//
//	a  types and pages one after another, nothing made of them (rawobjects)
//	b  kubectl get of every type that can be listed, to nowhere
//	c  stocktake with its whole job: read, redact, compress, deliver, but no inventory
//	f  c by another build of stocktake, where one is named
//
//	make bench                          50,000 pods
//	make bench PODS=50000,200000        and how the cost of a pod grows
//	make bench PODS=200000 ROUNDS=3 JSON=figures.json
//	make bench BEFORE=/tmp/stocktake    beside the build of another commit
//	make bench SERVER=old               against Kubernetes 1.28
//	make bench REPLAY=500000            and how the cost of a pod grows beyond what a machine holds
//	make bench-objects                  all objects of a cluster of 20,000 pods
//
// With REPLAY, the pages of the largest cluster are recorded and served by a process
// of its own (replay), once as they are and once with copies of its pods in further
// namespaces. No API server and no etcd is measured then.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	sizes   []int // pods, ascending
	rounds  int
	limit   int
	program string
	before  string // another build of stocktake, or nothing
	kubectl string // its path, where all objects are raced for, or nothing
	json    string
	replay  int // pods to replay, or 0
}

// objects says that the race is for all objects.
func (o options) objects() bool { return o.kubectl != "" }

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	var pods string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&pods, "pods", "50000", "`number` of pods, or several, ascending, with commas between")
	flags.IntVar(&o.rounds, "rounds", 7, "`number` of rounds after the one that warms up")
	flags.IntVar(&o.limit, "limit", 0, "pods in a page; else stocktake decides by itself, and others take 500")
	flags.StringVar(&o.program, "program", "bin/stocktake", "`path` of the built program")
	flags.StringVar(&o.before, "before", "", "`path` of another build of the program, to compare with")
	flags.StringVar(&o.kubectl, "kubectl", "", "race for all objects instead of pods, also against the kubectl of this `path`")
	flags.IntVar(&o.replay, "replay", 0, "also replay the pages of the last race as those of so large a `number` of pods")
	flags.StringVar(&o.json, "json", "", "also write all measurements to this `file`")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 || o.rounds < 1 || o.limit < 0 {
		return o, errors.New("want no arguments, at least one round, and no page of less than nothing")
	}
	if o.objects() && (o.limit > 0 || o.replay > 0) {
		return o, errors.New("-limit and -replay are for a race for pods: leave out -kubectl")
	}
	for word := range strings.SplitSeq(pods, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || len(o.sizes) > 0 && n <= o.sizes[len(o.sizes)-1] {
			return o, fmt.Errorf("-pods %s: want ascending numbers with commas between", pods)
		}
		o.sizes = append(o.sizes, n)
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	b, err := prepare(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	r := report{Machine: b.machine(), Limit: o.limit}
	if r.Program, err = b.weigh(ctx); err != nil {
		return err
	}
	err = b.measure(ctx, o, &r)
	if len(r.Races) == 0 {
		return err
	}
	r.print(stdout) // also what was measured before something failed
	return errors.Join(err, r.save(o.json))
}

// measure runs all races.
func (b *bench) measure(ctx context.Context, o options, r *report) error {
	for _, pods := range o.sizes {
		race, err := b.race(ctx, pods)
		if err != nil {
			return err
		}
		r.Races = append(r.Races, race)
	}
	if o.replay == 0 {
		return nil
	}
	var err error
	r.Replays, err = b.replays(ctx)
	return err
}
