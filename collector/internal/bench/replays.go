package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"stocktake/collector/wire"
)

// replays records the cluster as the last race left it, and lets programs read it from
// the recording: first as it was, then multiplied.
func (b *bench) replays(ctx context.Context) (races []race, err error) {
	folder := b.path("recording")
	if err := b.record(ctx, folder); err != nil {
		return nil, err
	}
	recorded := b.sizes[len(b.sizes)-1]
	if err := b.cluster.Stop(); err != nil { // which frees its memory, and may be done twice
		return nil, err
	}
	for _, pods := range []int{recorded, b.replay} {
		r, err := b.replayed(ctx, folder, pods)
		if err != nil {
			return nil, fmt.Errorf("replay %d pods: %w", pods, err)
		}
		races = append(races, r)
	}
	return races, nil
}

// record writes down what the API server answers.
func (b *bench) record(ctx context.Context, folder string) error {
	b.say("recording")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for _, resource := range []string{"pods", "nodes", "namespaces"} {
		if err := b.recordPages(ctx, folder, resource); err != nil {
			return fmt.Errorf("record %s: %w", resource, err)
		}
	}
	for name, path := range map[string]string{"version": "/version", "kube-system": "/api/v1/namespaces/kube-system"} {
		answer, err := b.api.Get().AbsPath(path).SetHeader("Accept", string(wire.JSON)).DoRaw(ctx)
		if err != nil {
			return fmt.Errorf("record %s: %w", path, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".json"), answer, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) recordPages(ctx context.Context, folder, resource string) error {
	token := ""
	for n := 0; n == 0 || token != ""; n++ {
		page, err := b.api.Get().AbsPath("/api/v1/"+resource).SetHeader("Accept", string(wire.Protobuf)).
			Param("limit", strconv.Itoa(usualLimit)).Param("continue", token).DoRaw(ctx)
		if err != nil {
			return err
		}
		scanner, err := wire.NewScanner(string(wire.Protobuf), "", bufio.NewReader(bytes.NewReader(page)))
		if err != nil {
			return err
		}
		if known, err := scanner.Head(); err != nil || !known {
			return errors.Join(errors.New("no metadata at the start of the list"), err)
		}
		token = scanner.Meta().Continue
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%06d.pb", resource, n)), page, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// replayed lets the programs read so many pods of the recording, which a process of its
// own serves. The first round is not counted.
func (b *bench) replayed(ctx context.Context, folder string, pods int) (r race, err error) {
	server := exec.CommandContext(ctx, b.path("replay"), folder, strconv.Itoa(pods))
	server.Stderr = b.log
	in, err := server.StdinPipe()
	if err != nil {
		return r, err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err := server.Start(); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, in.Close(), server.Wait()) }() // it ends with its input
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return r, fmt.Errorf("the server did not start: %w", err)
	}
	at := *b
	at.kubeconfig = filepath.Join(folder, "kubeconfig")
	for round := range b.rounds + 1 {
		b.say("%d pods replayed, round %d of %d", pods, round, b.rounds)
		if err := at.replayLaps(ctx, &r, pods, round); err != nil {
			return r, err
		}
	}
	return r, nil
}

// replayLaps lets each program read once what is replayed.
func (b *bench) replayLaps(ctx context.Context, r *race, pods, round int) error {
	all := []entrant{
		{"e", "raw pager over HTTP/1.1", helper("raw", "http/1.1"), printed},
		{"c", "stocktake, full job", stocktake(b.program), summarized},
	}
	if r.Results == nil {
		r.Pods, r.Results = pods, make([]result, len(all))
	}
	for n, e := range all {
		m, stdout, stderr, err := b.meter(ctx, e.args(b))
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		if m.counts, err = e.counts(stdout, stderr); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		if err := b.check(m.counts, pods); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		of := &r.Results[n]
		of.Letter, of.Name = e.letter, e.name
		if round > 0 {
			of.Laps = append(of.Laps, m)
			of.Median = medianOf(of.Laps)
		}
	}
	return nil
}
