package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
)

// measurement is what one program took, once.
type measurement struct {
	Wall   float64 `json:"wall"`   // seconds, from start to end of the process
	CPU    float64 `json:"cpu"`    // seconds, in user and in system mode
	RSS    float64 `json:"rss"`    // bytes, peak
	Server float64 `json:"server"` // seconds of CPU of the API server
	Etcd   float64 `json:"etcd"`   // seconds of CPU of etcd
	Alloc  float64 `json:"alloc"`  // bytes that the API server allocated
	counts
}

// result is what one program took in all rounds.
type result struct {
	Letter string        `json:"letter"`
	Name   string        `json:"name"`
	Median measurement   `json:"median"`
	Laps   []measurement `json:"laps"`
}

// race is what all programs took for so many pods.
type race struct {
	Pods    int      `json:"pods"`
	Objects bool     `json:"objects,omitempty"` // all other objects were read too
	Results []result `json:"results"`
}

// of returns the medians of a program, which are zero if it took no part.
func (r race) of(letter string) measurement {
	i := slices.IndexFunc(r.Results, func(r result) bool { return r.Letter == letter })
	if i < 0 {
		return measurement{}
	}
	return r.Results[i].Median
}

// has says whether a program took part.
func (r race) has(letter string) bool {
	return slices.ContainsFunc(r.Results, func(r result) bool { return r.Letter == letter })
}

// report is everything that was measured.
type report struct {
	Machine machine `json:"machine"`
	Limit   int     `json:"limit"`
	Program weight  `json:"program"`
	Races   []race  `json:"races"`
	Replays []race  `json:"replays,omitempty"`
}

// save writes the report, if there is a file to write it to.
func (r report) save(path string) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// weight is what the program costs before it does anything.
type weight struct {
	Size  int64   `json:"size"`  // bytes on disk
	Start float64 `json:"start"` // seconds that `stocktake version` takes, median
}

// starts is how often the start of the program is measured.
const starts = 20

func (b *bench) weigh(ctx context.Context) (weight, error) {
	info, err := os.Stat(b.program)
	if err != nil {
		return weight{}, err
	}
	laps := make([]measurement, starts)
	for i := range laps {
		if laps[i], _, _, err = b.meter(ctx, []string{b.program, "version"}); err != nil {
			return weight{}, err
		}
	}
	return weight{Size: info.Size(), Start: medianOf(laps).Wall}, nil
}

// medianOf takes the median of each figure by itself.
func medianOf(laps []measurement) measurement { return each(laps, median) }

// leastOf takes the minimum of each figure by itself.
func leastOf(laps []measurement) measurement { return each(laps, slices.Min) }

// each makes one of each figure by itself; the counts are those of the last lap,
// because they do not vary.
func each(laps []measurement, one func([]float64) float64) measurement {
	m := laps[len(laps)-1]
	for _, figure := range []func(*measurement) *float64{
		func(m *measurement) *float64 { return &m.Wall },
		func(m *measurement) *float64 { return &m.CPU },
		func(m *measurement) *float64 { return &m.RSS },
		func(m *measurement) *float64 { return &m.Server },
		func(m *measurement) *float64 { return &m.Etcd },
		func(m *measurement) *float64 { return &m.Alloc },
	} {
		values := make([]float64, len(laps))
		for i := range laps {
			values[i] = *figure(&laps[i])
		}
		*figure(&m) = one(values)
	}
	return m
}

// median is the middle one, and between the two middle ones of an even number.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
