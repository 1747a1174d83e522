package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/discovery"
)

// machine is where and when the figures are from.
type machine struct {
	Date       string `json:"date"`
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	Go         string `json:"go"`
	Kubernetes string `json:"kubernetes"`
}

func (b *bench) machine() machine {
	m := machine{
		Date: time.Now().UTC().Format(time.DateOnly), CPU: cpuModel(), Cores: runtime.NumCPU(),
		Go: runtime.Version(), Kubernetes: "unknown",
	}
	if version, err := discovery.NewDiscoveryClient(b.api).ServerVersion(); err == nil {
		m.Kubernetes = version.GitVersion
	}
	return m
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}

// childNamed finds a process that this one started, by the name of its program.
func childNamed(name string) (int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, path := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		s, err := statOf(pid)
		if err == nil && s.name == name && s.parent == os.Getpid() {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("no process %s in /proc that was started here", name)
}

// stat is what proc_pid_stat(5) tells of a process.
type stat struct {
	name   string
	parent int
	ticks  int64 // of the CPU, in user and in system mode
}

func statOf(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	// The name stands in parentheses and may hold anything, parentheses too.
	first, last := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')')
	if first < 0 || last < first {
		return stat{}, fmt.Errorf("/proc/%d/stat: no name in it", pid)
	}
	s := stat{name: string(text[first+1 : last])}
	const state, utime, stime = 3, 14, 15 // fields, counted from 1
	fields := strings.Fields(string(text[last+1:]))
	if len(fields) <= stime-state {
		return stat{}, fmt.Errorf("/proc/%d/stat: too short", pid)
	}
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return stat{}, err
	}
	for _, field := range []int{utime, stime} {
		n, err := strconv.ParseInt(fields[field-state], 10, 64)
		if err != nil {
			return stat{}, err
		}
		s.ticks += n
	}
	return s, nil
}

// cpuSeconds returns the CPU time of a process so far. A tick is a hundredth of
// a second on every Linux that is in use (USER_HZ).
func cpuSeconds(pid int) (float64, error) {
	s, err := statOf(pid)
	return float64(s.ticks) / 100, err
}
