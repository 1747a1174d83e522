package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"stocktake/collector/payload"
)

// kubectl holds 170 KB of memory for each pod: of larger clusters it is not asked for
// all objects.
const mostForKubectl = 50_000

// objectEntrants are those who race for all objects.
func (b *bench) objectEntrants(pods int) []entrant {
	all := []entrant{{"a", "raw pager, types and pages one after another", helper("rawobjects"), printed}}
	if pods <= mostForKubectl {
		all = append(all, entrant{"b", "kubectl get of every type, JSON", kubectlGet, silent})
	}
	all = append(all, entrant{"c", "stocktake, all objects redacted and delivered", stocktakeObjects(b.program), b.received})
	if b.before == "" {
		return all
	}
	return append(all, entrant{"f", "stocktake, the other build", stocktakeObjects(b.before), b.received})
}

// stocktakeObjects is the command that delivers the objects and nothing else.
func stocktakeObjects(program string) func(*bench) []string {
	return func(b *bench) []string {
		return []string{
			program, "-external", b.kubeconfig,
			"-set", "objects.enabled=true", "-set", "objects.types=*",
			"-set", "deliver.http.url=" + b.url + inboxPath, "-set", "deliver.http.kind=" + string(payload.Objects),
			"bench",
		}
	}
}

// kubectlGet throws away what kubectl prints before it reaches anybody.
func kubectlGet(b *bench) []string {
	return []string{
		"sh", "-c", `exec "$@" > /dev/null`, "sh",
		b.kubectl, "--kubeconfig", b.kubeconfig, "get", b.around.types, "--all-namespaces", "--output", "json",
	}
}

// silent is somebody who tells nothing.
func silent(_, _ []byte) (counts, error) { return counts{}, nil }

// received reads the summary, and what the receiver got.
func (b *bench) received(stdout, stderr []byte) (counts, error) {
	c, err := summarized(stdout, stderr)
	if err != nil {
		return c, err
	}
	c.Objects, err = b.inbox.take()
	return c, err
}

// inboxPath is where an inbox is.
const inboxPath = "/objects"

// inbox takes chunks of objects, and looks at nothing but their first line.
type inbox struct {
	mu    sync.Mutex
	last  payload.HeadRecord // of the chunk that came last
	taken map[int]bool       // the chunks of its run
}

// ServeHTTP implements http.Handler.
func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		return
	}
	head, err := headOf(r.Body)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err == nil {
		err = i.add(head)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// headOf reads the first line of a chunk.
func headOf(chunk io.Reader) (head payload.HeadRecord, err error) {
	plain, err := gzip.NewReader(chunk)
	if err != nil {
		return head, err
	}
	return head, json.NewDecoder(plain).Decode(&head)
}

// add makes sure that no chunk of a run comes twice.
func (i *inbox) add(head payload.HeadRecord) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if head.Run != i.last.Run {
		i.taken = map[int]bool{}
	}
	if i.taken[head.Chunk] {
		return fmt.Errorf("chunk %d of run %s came before", head.Chunk, head.Run)
	}
	i.last = head
	i.taken[head.Chunk] = true
	return nil
}

// take returns how many objects the run had that came last, once.
func (i *inbox) take() (objects int, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	last, taken := i.last, len(i.taken)
	i.last, i.taken = payload.HeadRecord{}, nil
	switch {
	case taken == 0:
		return 0, errors.New("no objects were delivered")
	case taken < last.Chunks:
		return 0, fmt.Errorf("%d of %d chunks were delivered", taken, last.Chunks)
	case !last.Complete:
		return 0, errors.New("a type could not be read")
	}
	return last.Objects, nil
}
