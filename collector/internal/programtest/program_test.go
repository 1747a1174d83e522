package programtest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// The tests of this file run the built program, as Kubernetes or a person would,
// against a real API server and a receiver that enforces the published schema.

var program = sync.OnceValues(buildProgram)

func TestMain(m *testing.M) {
	waitSideBySide()
	code := kubetest.Main(m, &sharedSmall, &sharedMatrix, &pool, &sharedPostgres)
	if path, err := program(); err == nil {
		code = max(code, boolToInt(os.RemoveAll(filepath.Dir(path)) != nil))
	}
	os.Exit(code)
}

// waitSideBySide lets more tests run at a time than there are cores, for they mostly wait
// for programs, deadlines and the cluster of the pool, unless the command line says how many.
func waitSideBySide() {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		_ = flag.Set("test.parallel", strconv.Itoa(5*runtime.GOMAXPROCS(0))) // a number is not refused
	}
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func buildProgram() (string, error) {
	dir, err := os.MkdirTemp("", "stocktake-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "stocktake")
	return path, build(path, nil)
}

// root is the top of the repository.
const root = "../../.."

const secret = "s3cret: #1"

// call is one run of the program.
type call struct {
	program string // instead of the usual one
	args    []string
	env     []string
	// limits are commands of bash that come before the program: ulimit -n 8.
	limits string
	// nobody runs the program as a user without rights, where the tests may do so.
	nobody bool
	// during is called once the program has started.
	during func(*os.Process)
}

// outcome is what the program left behind.
type outcome struct {
	code           int
	stdout, stderr string
	summary        summary
	termination    string
}

// recorded is what the history took.
type recorded struct {
	State          string
	Opened, Closed int
}

// summary is the part of the last log line that tests look at.
type summary struct {
	Code            int    `json:"exit_code"`
	Reason          string `json:"reason"`
	Complete        bool   `json:"complete"`
	Consistency     string `json:"consistency"`
	ResourceVersion string `json:"resource_version"`
	Pages           int    `json:"pages"`
	Counts          struct {
		Pods, Containers, Images, Invalid int
		WithoutDigest                     int `json:"without_digest"`
		Left                              []struct {
			Reason string
			Count  int
			Names  []string
		}
	} `json:"counts"`
	Gaps        []struct{ Source, Reason string } `json:"gaps"`
	Collections struct{ Objects struct{ Objects, Bodies int } }
	History     recorded
	Deliveries  []struct {
		Status, Attempts int
		Encoding, Error  string
	} `json:"deliveries"`
}

// run runs the program in an empty folder with nothing in its environment but
// what the call says, and checks what holds for every run: no secret anywhere, a
// summary as the last line, and the same as termination message.
func run(t *testing.T, c call) outcome {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	path = cmp.Or(c.program, path)
	dir := t.TempDir()
	note := newNote(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // what hangs for ever fails
	defer cancel()
	cmd := exec.CommandContext(ctx, path, c.args...)
	if c.limits != "" {
		cmd = exec.CommandContext(ctx, "bash", append([]string{"-c", c.limits + `; exec "$0" "$@"`, path}, c.args...)...)
	}
	cmd.WaitDelay = 10 * time.Second // for what it leaves behind
	cmd.Dir = dir
	cmd.Env = c.environ(dir, note)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if c.nobody {
		demote(t, cmd, note)
	}
	require.NoError(t, cmd.Start())
	if c.during != nil {
		c.during(cmd.Process)
	}
	if err := cmd.Wait(); err != nil {
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
	}
	return outcome{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}.read(t, note)
}

// newNote is an empty file for the termination message.
func newNote(t *testing.T, dir string) string {
	t.Helper()
	note := filepath.Join(dir, "termination-log")
	require.NoError(t, os.WriteFile(note, nil, 0o600))
	return note
}

// environ is the whole environment of the program.
func (c call) environ(home, note string) []string {
	return append([]string{"HOME=" + home, "STOCKTAKE_TERMINATION_MESSAGE_PATH=" + note, "KUBERNETES_SERVICE_HOST=192.0.2.1"}, c.env...)
}

// read takes up what else the program left, and checks it.
func (o outcome) read(t *testing.T, note string) outcome {
	t.Helper()
	b, err := os.ReadFile(note)
	require.NoError(t, err)
	o.termination = string(b)
	assertNoSecret(t, "streams", o.stdout+o.stderr+o.termination)
	o.readSummary(t)
	return o
}

// demote takes the rights of root away from a program, but for its binary, its
// folder and its note.
func demote(t *testing.T, cmd *exec.Cmd, note string) {
	t.Helper()
	const nobody = 65534
	if os.Geteuid() != 0 {
		return // without rights already
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	binary, err := program()
	require.NoError(t, err)
	for _, path := range []string{binary, filepath.Dir(binary), filepath.Dir(cmd.Dir)} {
		require.NoError(t, os.Chmod(path, 0o755))
	}
	for _, path := range []string{cmd.Dir, note} {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
}

func (o *outcome) readSummary(t *testing.T) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
	var last struct{ Summary json.RawMessage }
	if json.Unmarshal([]byte(lines[len(lines)-1]), &last) != nil || last.Summary == nil {
		return
	}
	require.NoError(t, json.Unmarshal(last.Summary, &o.summary))
	assert.Equal(t, o.code, o.summary.Code, "exit code and summary")
	var message summary
	require.NoError(t, json.Unmarshal([]byte(o.termination), &message))
	assert.LessOrEqual(t, len(o.termination), 4096)
	assert.Equal(t, o.code, message.Code)
	if len(last.Summary) <= 4096 { // else it was cut
		assert.Equal(t, o.summary, message, "log line and termination message")
	}
}

// delivering adds what delivery to a receiver needs.
func delivering(receiver string, c call) call {
	c.env = append(c.env, "ANCHORE_URL="+receiver, "ANCHORE_USER=robot", "ANCHORE_PASSWORD="+secret, "CLUSTER_ID=prod")
	return c
}

func receiverOptions() anchoretest.Options {
	return anchoretest.Options{Users: map[string]string{"robot": secret}}
}

func TestDryRunPrintsTheBodyAndNothingElse(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-dry-run", "prod"}})
	require.Equal(t, 0, got.code, got.stderr)
	require.NoError(t, anchoretest.CheckV2([]byte(got.stdout)))
	assert.Contains(t, got.stdout, `"cluster_name":"prod"`)
	assert.Equal(t, 3, got.summary.Counts.Pods)
	assert.Empty(t, got.summary.Deliveries)
	reasons := map[string][]string{}
	for _, l := range got.summary.Counts.Left {
		reasons[l.Reason] = l.Names
	}
	want := map[string][]string{
		"pod-not-running": {"team-a/done"}, "image-volume": {"team-a/web/data"},
		"container-without-id": {"team-b/stuck/stuck"}, "node-unknown": {"team-b/web"},
	}
	if cluster.Minor() < imageVolumes {
		delete(want, "image-volume")
	}
	assert.Equal(t, want, reasons)
}

func TestOutputTablePrintsTheTableOfKAI(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-output", "table", "prod"}})
	require.Equal(t, 0, got.code, got.stderr)
	lines := strings.Split(got.stdout, "\n")
	assert.Regexp(t, `^IMAGE TAG +REPO DIGEST +NAMESPACE$`, lines[0])
	assert.Equal(t, asKept(cluster, "busybox:latest", "nginx:1.27", "nginx:1.27", dataImage, "reg.io/Foo:1", ""), firstWords(lines[1:]))

	cluster.Wipe(t)
	got = run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-output", "table", "-set", "allow-empty=true", "prod"}})
	assert.Equal(t, "No Images found\n", got.stdout)
}

func firstWords(lines []string) []string {
	words := make([]string, len(lines))
	for i, line := range lines {
		words[i], _, _ = strings.Cut(line, " ")
	}
	return words
}

func TestDeliveryIsOneCompressedPost(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t)}}))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	posts := posted(receiver)
	require.Equal(t, 1, attempts(receiver))
	assert.Equal(t, "gzip", posts[0].Encoding)
	assert.Positive(t, posts[0].ContentLength)
	assert.Equal(t, "/v2/kubernetes-inventory", posts[0].Path)
	assert.Equal(t, "admin", posts[0].Account)
	assert.Equal(t, "stocktake/1.2.3", posts[0].Header.Get("User-Agent"))
	assert.Equal(t, 3, posts[0].Counts.Pods)
}

// attempts and accepted count: a failing assertion must not print whole bodies.
func attempts(r *anchoretest.Receiver) int { return len(posted(r)) }
func accepted(r *anchoretest.Receiver) int { return len(r.Accepted()) }

func posted(r *anchoretest.Receiver) []anchoretest.Request {
	var posts []anchoretest.Request
	for _, request := range r.Requests() {
		if request.Method == http.MethodPost {
			posts = append(posts, request)
		}
	}
	return posts
}

func TestRefusedGzipIsSentPlainOnce(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	for _, refusal := range []anchoretest.Gzip{anchoretest.GzipRefuse400, anchoretest.GzipRefuse415} {
		options := receiverOptions()
		options.Gzip = refusal
		receiver, at := anchoretest.Start(t, options)
		got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t)}}))
		require.Equal(t, 0, got.code, got.stderr)
		posts := posted(receiver)
		require.Equal(t, 2, attempts(receiver))
		assert.Equal(t, "gzip", posts[0].Encoding)
		assert.Empty(t, posts[1].Encoding)
		assert.Equal(t, string(posts[0].Body), string(posts[1].Body))
		assert.Contains(t, got.stderr, "uncompressed")
	}
}

func TestRetrySendsTheSameBytes(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	receiver.FailNext(2, anchoretest.Fault{Status: http.StatusServiceUnavailable})
	got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t)}}))
	require.Equal(t, 0, got.code, got.stderr)
	posts := posted(receiver)
	require.Equal(t, 3, attempts(receiver))
	assert.Equal(t, posts[0].RawSHA256, posts[2].RawSHA256)
	assert.Equal(t, posts[1].RawSHA256, posts[2].RawSHA256)
}

var timestamp = regexp.MustCompile(`"timestamp":"[^"]*"`)

// podsOf counts how often each pod is in a body, by UID.
func podsOf(t *testing.T, body string) map[string]int {
	t.Helper()
	var b struct {
		Pods []struct{ UID string }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &b))
	uids := map[string]int{}
	for _, p := range b.Pods {
		uids[p.UID]++
	}
	return uids
}

// proxied puts a reverse proxy before the API server and returns a kubeconfig
// that leads to it. Requests for which pass returns false are answered 403.
func proxied(t *testing.T, cluster *kubetest.Cluster, pass func(*http.Request) bool) string {
	t.Helper()
	config := cluster.Config()
	transport, err := rest.TransportFor(config)
	require.NoError(t, err)
	target, err := url.Parse(config.Host)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !pass(r) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the proxy says no","reason":"Forbidden","code":403}`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return kubeconfigOf(t, server.URL)
}

func kubeconfigOf(t *testing.T, server string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	content := `{"apiVersion":"v1","kind":"Config","current-context":"c","clusters":[{"name":"c","cluster":{"server":"` + server +
		`"}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"users":[{"name":"u","user":{}}]}`
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// unreachable is an address on which nobody listens, nor can while the test runs: a port
// that was only let go may be the next one that a test beside it gets.
func unreachable(t *testing.T) string {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(socket) })
	require.NoError(t, syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	address, err := syscall.Getsockname(socket)
	require.NoError(t, err)
	taken, ok := address.(*syscall.SockaddrInet4)
	require.True(t, ok)
	return "http://127.0.0.1:" + strconv.Itoa(taken.Port)
}

func TestFailuresHaveTheirExitCodeAndSendNothing(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	admin := cluster.Kubeconfig(t)
	onlyPods := cluster.KubeconfigFor(t, "only-pods", kubetest.Grant{Resources: []string{"pods", "nodes"}})
	noPods := cluster.KubeconfigFor(t, "no-pods", kubetest.Grant{Resources: []string{"namespaces", "nodes"}})
	for _, c := range []struct {
		name string
		call call
		code int
		want []string
	}{
		{"namespaces forbidden", call{args: []string{"-external", onlyPods}}, 3, []string{"namespaces", "forbidden", "only-pods"}},
		{"pods forbidden", call{args: []string{"-external", noPods}}, 3, []string{"pods", "forbidden", "no-pods"}},
		{"API server down", call{args: []string{"-external", kubeconfigOf(t, unreachable(t))}}, 6, []string{"connection refused"}},
		{"receiver down", call{args: []string{"-external", admin}, env: []string{"ANCHORE_URL=" + unreachable(t)}}, 5, []string{"connection refused"}},
		{"wrong password", call{args: []string{"-external", admin}, env: []string{"ANCHORE_PASSWORD=wrong"}}, 4, []string{"401", "password"}},
		{"bad CLUSTER_ID", call{args: []string{"-external", admin, "Prod"}}, 2, []string{"cluster-id", "Prod"}},
		{"no cluster ID", call{args: []string{"-external", admin}, env: []string{"CLUSTER_ID="}}, 2, []string{"CLUSTER_ID"}},
		{"unknown key", call{args: []string{"-external", admin, "-set", "anchore.urll=x"}}, 2, []string{"anchore.urll", "did you mean anchore.url?"}},
		{"missing kubeconfig", call{args: []string{"-external", "/nonexistent/kubeconfig"}}, 2, []string{"/nonexistent/kubeconfig"}},
		{"missing config", call{args: []string{"-external", admin, "-config", "/nonexistent/config"}}, 2, []string{"/nonexistent/config"}},
		{"missing CA file", call{args: []string{"-external", admin, "-set", "anchore.http.ca-file=/nonexistent/ca.pem"}}, 2, []string{"anchore.http.ca-file", "/nonexistent/ca.pem"}},
		{"half a receiver", call{args: []string{"-external", admin}, env: []string{"ANCHORE_USER="}}, 2, []string{"anchore.user"}},
		{"own deadline, while asking", call{args: []string{"-external", admin, "-set", "deadline=1ns"}}, 124, []string{"deadline"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			receiver, at := anchoretest.Start(t, receiverOptions())
			combined := delivering(at, call{args: c.call.args})
			combined.env = append(combined.env, c.call.env...)
			got := run(t, combined)
			assert.Equal(t, c.code, got.code, got.stderr)
			for _, want := range c.want {
				assert.Contains(t, got.summary.Reason, want)
			}
			assert.Empty(t, got.stdout)
			assert.Zero(t, accepted(receiver))
		})
	}
}

func TestNothingToDoSaysWhatToSet(t *testing.T) {
	t.Parallel()
	got := run(t, call{args: []string{"prod"}})
	assert.Equal(t, 2, got.code)
	for _, want := range []string{"ANCHORE_URL", "-dry-run", "-output"} {
		assert.Contains(t, got.summary.Reason, want)
	}
}

func TestEmptyClusterIsRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t)}}))
	assert.Equal(t, 8, got.code)
	assert.Contains(t, got.summary.Reason, "allow-empty")
	assert.Zero(t, attempts(receiver))

	got = run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "allow-empty=true"}}))
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, 1, accepted(receiver))
}

func TestIncompleteIsDeliveredOnlyWhenAllowed(t *testing.T) {
	t.Parallel()
	cluster := matrixCluster(t)
	kubeconfig := proxied(t, cluster, func(r *http.Request) bool { return r.URL.Query().Get("continue") == "" })
	receiver, at := anchoretest.Start(t, receiverOptions())
	args := []string{"-external", kubeconfig, "-set", "kubernetes.request-batch-size=125", "-set", "ignore-not-running=false"}
	got := run(t, delivering(at, call{args: args}))
	assert.Equal(t, 3, got.code)
	assert.Zero(t, attempts(receiver))

	got = run(t, delivering(at, call{args: append(args, "-set", "allow-incomplete=true")}))
	assert.Equal(t, 7, got.code, got.stderr)
	require.Len(t, got.summary.Gaps, 1)
	assert.Contains(t, got.summary.Gaps[0].Reason, "the proxy says no")
	require.Equal(t, 1, accepted(receiver))
	counts := receiver.Accepted()[0].Counts
	assert.Equal(t, 1, counts.Namespaces, "one of three namespaces fits into the first page as a whole")
	assert.Equal(t, 100, counts.Pods)

	nothing := proxied(t, cluster, func(r *http.Request) bool { return r.URL.Path != "/api/v1/pods" || r.URL.Query().Get("limit") == "1" })
	got = run(t, delivering(at, call{args: []string{"-external", nothing, "-set", "allow-incomplete=true"}}))
	assert.Equal(t, 3, got.code, "nothing was read in full: nothing is sent")
	assert.Equal(t, 1, accepted(receiver))
}

// slowly lets pages through one at a time, so that a run takes a minute: thirty pages, of
// smallPages.
func slowly(t *testing.T, started chan<- struct{}) string {
	t.Helper()
	var once sync.Once
	return proxied(t, matrixCluster(t), func(r *http.Request) bool {
		if r.URL.Query().Get("continue") != "" {
			once.Do(func() { close(started) })
			select {
			case <-r.Context().Done():
			case <-time.After(2 * time.Second):
			}
		}
		return true
	})
}

const smallPages = "kubernetes.request-batch-size=10"

func TestSignalsStopTheRunAndNothingIsSent(t *testing.T) {
	t.Parallel()
	for signal, code := range map[os.Signal]int{syscall.SIGTERM: 143, os.Interrupt: 130} {
		started := make(chan struct{})
		kubeconfig := slowly(t, started)
		receiver, at := anchoretest.Start(t, receiverOptions())
		begin := time.Now()
		got := run(t, delivering(at, call{
			args:   []string{"-external", kubeconfig, "-set", smallPages},
			during: func(p *os.Process) { <-started; _ = p.Signal(signal) },
		}))
		assert.Equal(t, code, got.code, got.stderr)
		assert.Zero(t, attempts(receiver))
		assert.Less(t, time.Since(begin), 30*time.Second, "half of what all pages take")
	}
}

func TestDeadlineStopsTheRunAndNothingIsSent(t *testing.T) {
	t.Parallel()
	kubeconfig := slowly(t, make(chan struct{}, 1))
	receiver, at := anchoretest.Start(t, receiverOptions())
	got := run(t, delivering(at, call{args: []string{"-external", kubeconfig, "-set", smallPages, "-set", "deadline=3s"}}))
	assert.Equal(t, 124, got.code, got.stderr)
	assert.Contains(t, got.summary.Reason, "deadline")
	assert.Zero(t, attempts(receiver))
}

func TestDeadlineWhileRetryingNamesWhatWasRetried(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	receiver.FailNext(100, anchoretest.Fault{Status: http.StatusServiceUnavailable})
	got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "deadline=15s"}}))
	assert.Equal(t, 5, got.code, got.stderr)
	assert.Contains(t, got.summary.Reason, "503")
	assert.Zero(t, accepted(receiver))
}

func TestUnwritableOutputIsAnError(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	path, err := program()
	require.NoError(t, err)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, full.Close()) }()
	cmd := exec.CommandContext(t.Context(), path, "-external", cluster.Kubeconfig(t), "-dry-run", "prod")
	cmd.Dir, cmd.Stdout = t.TempDir(), full
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Run(), &exit)
	assert.Equal(t, 1, exit.ExitCode())
}

func TestSecretArrivesFromEverySourceAndIsShownNowhere(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "anchore.password"), []byte(secret+"\n"), 0o600))
	for name, c := range map[string]call{
		"environment": {env: []string{"ANCHORE_PASSWORD=" + secret}},
		"file":        {env: []string{"ANCHORE_PASSWORD_FILE=" + filepath.Join(dir, "anchore.password")}},
		"folder":      {args: []string{"-config", dir}},
	} {
		for _, user := range []string{"robot", "stranger"} {
			receiver, at := anchoretest.Start(t, receiverOptions())
			c := call{
				args: append([]string{"-external", cluster.Kubeconfig(t), "-debug"}, c.args...),
				env:  append([]string{"ANCHORE_URL=" + at, "ANCHORE_USER=" + user, "CLUSTER_ID=prod"}, c.env...),
			}
			got := run(t, c) // run itself looks for the secret in all streams
			if user == "robot" {
				assert.Equal(t, 0, got.code, "%s: %s", name, got.stderr)
				assert.Equal(t, 1, accepted(receiver))
				continue
			}
			assert.Equal(t, 4, got.code, "%s: %s", name, got.stderr)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown flag":            {[]string{"-nonsense"}, "usage: --nonsense is no flag of a run"},
		"two arguments":           {[]string{"a", "b"}, "usage: 2 arguments: there is one, the cluster ID"},
		"unknown flag at the end": {[]string{"prod", "-nonsense"}, "usage: --nonsense is no flag of a run"},
		"set without =":           {[]string{"-set", "deadline"}, "usage: -set deadline: write it as NAME=VALUE"},
		"bad version form":        {[]string{"version", "-o", "xml"}, `settings: -o: "xml" is not one of text, json`},
		"unknown in sub":          {[]string{"settings", "-nonsense"}, "usage: --nonsense is no flag of settings"},
	} {
		got := run(t, call{args: c.args})
		assert.Equal(t, 2, got.code, name)
		assert.Contains(t, got.stderr, "stocktake: "+c.says, name)
		assert.Empty(t, got.stdout, name)
	}
}

func TestVersionAndSettingsPrint(t *testing.T) {
	t.Parallel()
	got := run(t, call{args: []string{"version", "-o", "json"}})
	require.Equal(t, 0, got.code)
	var v map[string]string
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &v))
	assert.Equal(t, "1.2.3", v["version"])

	got = run(t, call{args: []string{"-debug", "settings"}, env: []string{"ANCHORE_PASSWORD=" + secret, "KAI_ANCHORE_USER=robot"}})
	require.Equal(t, 0, got.code)
	assert.Regexp(t, `anchore\.password +\*{6} +environment ANCHORE_PASSWORD`, got.stdout)
	assert.Regexp(t, `anchore\.user +"robot" +environment KAI_ANCHORE_USER`, got.stdout)
	assert.Regexp(t, `log\.level +"debug" +flag`, got.stdout)
}
