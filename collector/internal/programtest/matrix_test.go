package programtest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// The fault matrix: what the program does when something else goes wrong. Each
// row runs the built program against a real API server behind a proxy and a
// receiver that checks what it is sent, breaks one thing, and demands the exit
// code, the words, the number of bodies and the time. Whatever breaks, a receiver
// never holds a part of an inventory, no stream holds a secret or a byte that a
// terminal obeys, and no temporary file is left.

// trial is one row.
type trial struct {
	group, fault string
	code         int
	says         string // within the reason of the exit, or a log line
	bodies       int    // that the receiver accepted
	within       time.Duration
	set          func(*stage)
}

// stage is what one trial plays on.
type stage struct {
	*testing.T
	call
	cluster  *kubetest.Cluster
	proxy    *faultproxy.Proxy
	config   *rest.Config // to reach it
	receiver *anchoretest.Receiver
	at       string // its address
	tmp      string // where the program puts temporary files
	pods     int    // in every body that the receiver accepts
	check    func(outcome)
}

// killed is the exit code of a run that a signal ended that it does not handle.
const killed = -1

// matrixPods is the size of the cluster: six pages of fifty.
const matrixPods = 300

// matrix is the whole table.
func matrix() []trial {
	return slices.Concat(faults(), oddTrials())
}

// faults are the rows that share one ordinary cluster.
func faults() []trial {
	return slices.Concat(readingTrials(), pluginTrials(), wordsTrials(), deliveringTrials(), processTrials(), settingsTrials())
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	cluster := matrixCluster(t)
	_, err := program() // to build it is in nobody's time
	require.NoError(t, err)
	for _, c := range faults() {
		t.Run(c.group+"/"+c.fault, func(t *testing.T) {
			t.Parallel()
			c.play(newStage(t, cluster))
		})
	}
}

// newStage is a run that would succeed.
func newStage(t *testing.T, cluster *kubetest.Cluster) *stage {
	t.Helper()
	_, err := program() // to build it is in no trial's time
	require.NoError(t, err)
	s := &stage{T: t, cluster: cluster, tmp: t.TempDir(), pods: matrixPods, check: func(outcome) {}}
	s.proxy = faultproxy.New(t, cluster.Config())
	s.proxy.Match = func(r *http.Request) bool {
		return r.URL.Path == "/api/v1/pods" && r.URL.Query().Get("limit") != "1" // one is asked for in preflight
	}
	receiver, at := anchoretest.Start(t, receiverOptions())
	s.receiver, s.at, s.config = receiver, at, s.proxy.Serve(t)
	s.call = delivering(at, call{
		args: []string{"-external", faultproxy.WriteKubeconfig(t, s.config)},
		env:  []string{"TMPDIR=" + s.tmp},
	})
	s.setting("kubernetes.request-batch-size=50", "ignore-not-running=false", "spool.memory=0")
	return s
}

// setting gives settings on the command line; later ones win.
func (s *stage) setting(assignments ...string) {
	for _, a := range assignments {
		s.args = append(s.args, "-set", a)
	}
}

// play breaks what the trial breaks, runs the program and judges.
func (c trial) play(s *stage) {
	c.set(s)
	begin := time.Now()
	got := run(s.T, s.call)
	assert.LessOrEqual(s, time.Since(begin), c.within, "time")
	assert.Equal(s, c.code, got.code, got.stderr)
	assert.Contains(s, got.stderr, c.says)
	assert.Equal(s, c.bodies, accepted(s.receiver), "bodies accepted")
	s.judge(got)
	s.check(got)
}

// judge demands what holds after any run.
func (s *stage) judge(got outcome) {
	for _, body := range s.receiver.Accepted() {
		assert.Equal(s, s.pods, body.Counts.Pods, "pods of an accepted body")
	}
	streams := got.stdout + got.stderr + got.termination
	assert.NotContains(s, streams, base64.StdEncoding.EncodeToString([]byte("robot:"+secret)))
	assert.NotContains(s, streams, "goroutine ", "a panic")
	assert.Equal(s, -1, strings.IndexFunc(got.stderr, obeyed), "a control character: %q", got.stderr)
	left, err := filepath.Glob(filepath.Join(s.tmp, "*"))
	require.NoError(s, err)
	assert.Empty(s, left, "temporary files")
}

// obeyed are the characters that do something to a terminal, or make a line look
// like two.
func obeyed(r rune) bool { return (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) && r != '\n' }

const matrixPage = "testdata/matrix.md"

// TestMatrixPageIsUpToDate compares the published table with the trials.
// UPDATE_GOLDEN=1 writes it.
func TestMatrixPageIsUpToDate(t *testing.T) {
	t.Parallel()
	want := matrixText(matrix())
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(matrixPage, []byte(want), 0o644))
		return
	}
	is, err := os.ReadFile(matrixPage)
	require.NoError(t, err)
	require.Equal(t, want, string(is), "%s is not up to date: run `make generate`", matrixPage)
}

func matrixText(all []trial) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- Generated from the tests: make generate. -->\n# What happens when something else goes wrong\n\n")
	odd := len(oddTrials())
	fmt.Fprintf(&b, "%d runs of the built program against a real API server: one undisturbed, %d with a fault each, %d over an odd cluster.\n", len(all), len(all)-1-odd, odd)
	fmt.Fprintf(&b, "Besides, %d sorts of input are given to every setting.\n", len(wrongValues()))
	fmt.Fprintf(&b, "`make soak` kills %d more runs at random moments, makes %d with race detector while pods come and go %d times a second,\n", soakKills, soakRuns, changesPerSecond)
	fmt.Fprintf(&b, "and some whose clock steps by a day.\n\n")
	fmt.Fprintf(&b, "| area | fault | exit code | says | bodies accepted | within |\n|---|---|---|---|---|---|\n")
	for _, c := range all {
		code := strconv.Itoa(c.code)
		if c.code == killed {
			code = "SIGPIPE"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d | %s |\n", c.group, c.fault, code, c.says, c.bodies, c.within)
	}
	return b.String()
}

func TestMatrixNamesEachFaultOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range matrix() {
		assert.False(t, seen[c.group+c.fault], "%s: %s is there twice", c.group, c.fault)
		assert.Equal(t, c.code == killed, c.says == "", "%s: %s: words", c.group, c.fault)
		seen[c.group+c.fault] = true
	}
}
