package main

import (
	"fmt"
	"io"
)

// print writes the report as Markdown, as the README has it.
func (r report) print(w io.Writer) {
	m := r.Machine
	fmt.Fprintf(w, "%s, %s, %d cores, %s, kube-apiserver %s, %s.\n\n", m.Date, m.CPU, m.Cores, m.Go, m.Kubernetes, r.pages())
	for _, race := range r.Races {
		race.print(w)
	}
	if len(r.Races) > 1 {
		growth(w, r.Races[0], r.Races[len(r.Races)-1])
	}
	if len(r.Replays) > 0 {
		replayed(w, r.Replays)
	}
	r.verdict(w)
}

// pages says how large they are.
func (r report) pages() string {
	if r.Limit > 0 {
		return fmt.Sprintf("pages of %d", r.Limit)
	}
	return fmt.Sprintf("pages of %d, and stocktake's as large as it makes them", usualLimit)
}

// print writes the medians of one race, and the minima.
func (r race) print(w io.Writer) {
	what := fmt.Sprintf("%d pods", r.Pods)
	if r.Objects {
		what += " and all other objects"
	}
	fmt.Fprintf(w, "Medians (minima) of %d rounds, %s:\n\n", len(r.Results[0].Laps), what)
	fmt.Fprintln(w, "| | program | wall | to a | client CPU | to a | to b | peak RSS | API server CPU | to a | allocated there | etcd CPU | requests | read |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	a, b := r.of("a"), r.of("b")
	for _, result := range r.Results {
		m, least := result.Median, leastOf(result.Laps)
		fmt.Fprintf(w, "| %s | %s | %.2f (%.2f) s | %s | %.2f (%.2f) s | %s | %s | %.0f (%.0f) MB | %.2f (%.2f) s | %s | %.0f MB | %.2f s | %s |\n",
			result.Letter, result.Name, m.Wall, least.Wall, to(m.Wall, a.Wall), m.CPU, least.CPU, to(m.CPU, a.CPU), to(m.CPU, b.CPU),
			m.RSS/1e6, least.RSS/1e6, m.Server, least.Server, to(m.Server, a.Server), m.Alloc/1e6, m.Etcd, m.read())
	}
	c := r.of("c")
	fmt.Fprintf(w, "\nThe body: %.1f MB of JSON, %.1f MB sent.\n\n", float64(c.Plain)/1e6, float64(c.Sent)/1e6)
	if r.has("f") {
		f := r.of("f")
		fmt.Fprintf(w, "This build to the other: wall %.3f, client CPU %.3f, peak RSS %.3f, API server CPU %.3f.\n\n",
			c.Wall/f.Wall, c.CPU/f.CPU, c.RSS/f.RSS, c.Server/f.Server)
	}
}

// to is a figure as a multiple of that of another program, if it took part.
func to(have, of float64) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", have/of)
}

// read is what a program says of its requests, as two cells.
func (c counts) read() string {
	if c.Requests == 0 {
		return " | "
	}
	return fmt.Sprintf("%d | %.0f MB", c.Requests, float64(c.Bytes)/1e6)
}

// growth compares what a pod costs in the smallest and in the largest cluster.
func growth(w io.Writer, small, large race) {
	fmt.Fprintf(w, "What a pod costs in a cluster of %d, to one of %d:\n\n| | wall | client CPU |\n|---|---|---|\n", large.Pods, small.Pods)
	for _, result := range large.Results {
		wall, cpu := grown(small, large, result.Letter)
		fmt.Fprintf(w, "| %s | %.2f | %.2f |\n", result.Letter, wall, cpu)
	}
	fmt.Fprintln(w)
}

// grown returns what a pod costs a program in the large cluster, as multiples of
// what it costs in the small one.
func grown(small, large race, letter string) (wall, cpu float64) {
	s, l := small.of(letter), large.of(letter)
	pods := float64(large.Pods) / float64(small.Pods)
	return l.Wall / s.Wall / pods, l.CPU / s.CPU / pods
}

// replayed writes what reading cost when no API server took part.
func replayed(w io.Writer, replays []race) {
	fmt.Fprintf(w, "Recorded pages, replayed. Medians of %d rounds:\n\n", len(replays[0].Results[0].Laps))
	fmt.Fprintln(w, "| pods | | program | wall | client CPU | of a pod | peak RSS | requests | read |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	for _, race := range replays {
		for _, result := range race.Results {
			m := result.Median
			fmt.Fprintf(w, "| %d | %s | %s | %.2f s | %.2f s | %.1f µs | %.0f MB | %d | %.0f MB |\n",
				race.Pods, result.Letter, result.Name, m.Wall, m.CPU, m.CPU/float64(race.Pods)*1e6, m.RSS/1e6, m.Requests, float64(m.Bytes)/1e6)
		}
	}
	fmt.Fprintln(w)
}

// goal is a figure that must not be exceeded.
type goal struct {
	name       string
	most, have float64
	unit       string
}

// Peak memory may not grow with the cluster: 48 MB up to 50,000 pods, 64 MB up to
// 200,000, and 72 MB for whatever is replayed.
const (
	smallCluster                  = 50_000
	mostRSS, moreRSS, replayedRSS = 48, 64, 72 // MB
)

func (r race) goals() []goal {
	if r.Objects {
		return r.objectGoals()
	}
	a, b, c, g := r.of("a"), r.of("b"), r.of("c"), r.of("g")
	most := float64(mostRSS)
	if r.Pods > smallCluster {
		most = moreRSS
	}
	at := fmt.Sprintf("%d pods: ", r.Pods)
	return []goal{
		{at + "wall, to a", 0.45, c.Wall / a.Wall, ""},
		{at + "wall, to g", 0.60, c.Wall / g.Wall, ""},
		{at + "client CPU, to b", 0.8, c.CPU / b.CPU, ""},
		{at + "client CPU, to g", 0.30, c.CPU / g.CPU, ""},
		{at + "API server CPU, to a", 0.70, c.Server / a.Server, ""},
		{at + "API server CPU, to g", 0.90, c.Server / g.Server, ""},
		{at + "peak RSS", most, c.RSS / 1e6, " MB"},
		{at + "gzipped body, share of the JSON", 0.19, float64(c.Sent) / float64(c.Plain), ""},
	}
}

// Peak memory with objects, whatever their number.
const objectsRSS = 64 // MiB

func (r race) objectGoals() []goal {
	a, b, c := r.of("a"), r.of("b"), r.of("c")
	at := fmt.Sprintf("objects, %d pods: ", r.Pods)
	goals := []goal{
		{at + "wall, to a", 0.7, c.Wall / a.Wall, ""},
		{at + "client CPU, to a", 2, c.CPU / a.CPU, ""},
		{at + "API server CPU, to a", 0.8, c.Server / a.Server, ""},
		{at + "peak RSS", objectsRSS, c.RSS / (1 << 20), " MiB"},
	}
	if r.has("b") {
		goals = append(goals, goal{at + "client CPU, to b", 0.15, c.CPU / b.CPU, ""})
	}
	return goals
}

func (r report) growthGoals() []goal {
	if len(r.Races) < 2 {
		return nil
	}
	wall, cpu := grown(r.Races[0], r.Races[len(r.Races)-1], "c")
	return []goal{{"growth of the wall time of a pod", 1.1, wall, ""}, {"growth of the client CPU of a pod", 1.1, cpu, ""}}
}

func (r report) replayGoals() []goal {
	if len(r.Replays) < 2 {
		return nil
	}
	small, large := r.Replays[0], r.Replays[len(r.Replays)-1]
	_, cpu := grown(small, large, "c")
	at := fmt.Sprintf("%d pods replayed: ", large.Pods)
	return []goal{
		{at + "peak RSS", replayedRSS, large.of("c").RSS / 1e6, " MB"},
		{at + fmt.Sprintf("client CPU of a pod, to that of %d replayed", small.Pods), 1.1, cpu, ""},
	}
}

// verdict compares the figures with what is asked of them.
func (r report) verdict(w io.Writer) {
	goals := []goal{
		{"`stocktake version`, median of 20", 25, r.Program.Start * 1e3, " ms"},
		{"size of the program", 44, float64(r.Program.Size) / 1e6, " MB"},
	}
	for _, race := range r.Races {
		goals = append(goals, race.goals()...)
	}
	goals = append(append(goals, r.growthGoals()...), r.replayGoals()...)
	fmt.Fprintln(w, "| figure | at most | measured | |\n|---|---|---|---|")
	for _, g := range goals {
		word := "good"
		if g.have > g.most {
			word = "missed"
		}
		fmt.Fprintf(w, "| %s | %.4g%s | %.3g%s | %s |\n", g.name, g.most, g.unit, g.have, g.unit, word)
	}
}
