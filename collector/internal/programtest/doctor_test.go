package programtest_test

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// ailment is something wrong, what doctor says of it, and the code that both a
// run and doctor end with.
type ailment struct {
	name string
	code int
	says []string // on stdout, each of them
	set  func(*stage)
}

// TestDoctorEndsWithTheCodeOfARun breaks one thing after the other, and compares. Both
// go from the command line to their code in this process; the tests after it start the
// program, as those of the fault matrix do.
func TestDoctorEndsWithTheCodeOfARun(t *testing.T) {
	t.Parallel()
	cluster := matrixCluster(t)
	for _, a := range ailments(cluster) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, cluster)
			a.set(s)
			a.compare(s)
		})
	}
}

// inParts says that a run delivers the pods in several bodies.
const inParts = -1

// compare examines first, and then runs.
func (a ailment) compare(s *stage) {
	c, play := s.call, inside
	if slices.ContainsFunc(c.env, func(kv string) bool { return strings.HasPrefix(kv, "HTTP_PROXY=") }) {
		play = run // the standard library looks for proxies in the environment of the process
	}
	c.args = append([]string{"doctor"}, s.args...)
	got := play(s.T, c)
	assert.Equal(s, a.code, got.code, "doctor: %s", got.stdout)
	for _, words := range a.says {
		assert.Contains(s, got.stdout, words)
	}
	assert.Empty(s, got.stderr)
	assert.Empty(s, got.termination, "doctor is no run")
	assert.NotContains(s, got.stdout, "\x1b", "colours in a pipe")
	assert.Zero(s, attempts(s.receiver), "doctor sends nothing")
	s.judge(got)

	ran := play(s.T, s.call)
	assert.Equal(s, a.code, ran.code, "run: %s", ran.stderr)
	if s.pods != inParts {
		s.judge(ran)
	}
}

func ailments(cluster *kubetest.Cluster) []ailment {
	all := append(kubernetesAilments(cluster), receiverAilments()...)
	return append(all, settingsAilments()...)
}

func kubernetesAilments(cluster *kubetest.Cluster) []ailment {
	// as has the program ask as a user with these rights.
	as := func(user string, grants ...kubetest.Grant) func(*stage) {
		return func(s *stage) { s.args[1] = cluster.KubeconfigFor(s, user, grants...) }
	}
	lists := func(resources ...string) kubetest.Grant { return kubetest.Grant{Resources: resources} }
	return []ailment{
		{"nothing", 0, []string{"may list pods, list namespaces, list nodes", "300 pods to read", "clock: agrees with the one here", "A run would succeed"}, func(*stage) {}},
		{"no right to nodes", 3, []string{"fail  may not list nodes", "stocktake rbac", "may list pods, list namespaces"}, as("doctor-nodes", lists("pods", "namespaces"))},
		{"no right to namespaces", 3, []string{"fail  may not list namespaces", "stocktake rbac"}, as("doctor-namespaces", lists("pods", "nodes"))},
		{"no right to pods", 3, []string{"fail  may not list pods", "stocktake rbac"}, as("doctor-pods", lists("nodes", "namespaces"))},
		{"no right at all", 3, []string{"fail  may not list pods", "fail  may not list nodes", "may log in"}, as("doctor-none")},
		{"a user who may read priority levels", 0, []string{"fair queuing: flow schema global-default, priority level global-default with", "a page of 50 pods counts as"},
			as("doctor-flow", lists("pods", "nodes", "namespaces"), kubetest.Grant{Group: "flowcontrol.apiserver.k8s.io", Resources: []string{"flowschemas", "prioritylevelconfigurations"}})},
		{"no right to nodes, and incomplete is fine", 7, []string{"warn  may not list nodes"}, func(s *stage) {
			as("doctor-incomplete", lists("pods", "namespaces"))(s)
			s.setting("allow-incomplete=true")
		}},
		{"a right in one of two namespaces", 3, []string{"may list pods in team-000", "fail  may not list pods in namespace team-001"}, func(s *stage) {
			as("doctor-one", kubetest.Grant{Namespace: "team-000", Resources: []string{"pods"}},
				kubetest.Grant{Namespace: "team-000", Resources: []string{"namespaces"}, Verbs: []string{"get"}})(s)
			s.setting("namespace-selectors.include=team-000,team-001")
		}},
		{"a named namespace is missing", 2, []string{"fail  namespace nowhere does not exist"}, func(s *stage) { s.setting("namespace-selectors.include=team-000,nowhere") }},
		{"no namespace is selected", 8, []string{`warn  "x*" in namespace-selectors.include matches no namespace`, "match no namespace"}, func(s *stage) { s.setting("namespace-selectors.include=x*") }},
		{"all that are named are excluded", 8, []string{"match no namespace"}, func(s *stage) {
			s.setting("namespace-selectors.include=team-000", "namespace-selectors.exclude=team-000")
		}},
		{"API server down", 6, []string{"connection refused", "see whether the address is right", "not checked: latency", "may log in"}, func(s *stage) {
			s.reach(&rest.Config{Host: "https://127.0.0.1:1", TLSClientConfig: rest.TLSClientConfig{CAData: s.config.CAData}})
		}},
		{"API server of another authority", 6, []string{"unknown authority", "certificate-authority-data"}, func(s *stage) {
			stranger := rest.CopyConfig(s.config)
			stranger.CAData = nil
			s.reach(stranger)
		}},
		{"certificate of the API server expired", 6, []string{"expired", "have the certificate renewed"}, func(s *stage) {
			s.proxy.TLS = &tls.Config{Certificates: []tls.Certificate{faultproxy.Certificate(s, "server", yesterday())}, MinVersion: tls.VersionTLS12}
			s.reach(s.proxy.Serve(s))
		}},
		{"API server that is not verified", 0, []string{"warn  insecure-skip-tls-verify: ", "anyone in between can read the token\n", "→ give the kubeconfig its certificate-authority"}, func(s *stage) {
			stranger := rest.CopyConfig(s.config)
			stranger.CAData, stranger.Insecure = nil, true
			s.reach(stranger)
		}},
		{"credentials expired", 2, []string{"client-certificate ended at", "renew it"}, clientExpired},
	}
}

func receiverAilments() []ailment {
	throughTLS := func(config *tls.Config) func(*stage) {
		return to(func(s *stage) string { return secured(s, config) })
	}
	login := func(o anchoretest.Options, settings ...string) func(*stage) {
		return func(s *stage) {
			o.Users = map[string]string{"robot": secret}
			s.receiver, s.at = anchoretest.Start(s, o)
			s.env = append(s.env, "ANCHORE_URL="+s.at)
			s.setting(settings...)
		}
	}
	return []ailment{
		{"wrong password", 4, []string{"fail  user robot for account admin: 401", "see anchore.user and anchore.password"}, func(s *stage) { s.env = append(s.env, "ANCHORE_PASSWORD=s3cret wrong") }},
		{"unknown account", 4, []string{"fail  user robot for account other: 404", "see anchore.account"}, login(anchoretest.Options{Accounts: []string{"admin"}}, "anchore.account=other")},
		{"unknown account, and a default one", 0, []string{"warn  account other is not known: its namespaces go to account admin"},
			func(s *stage) {
				login(anchoretest.Options{Accounts: []string{"admin"}}, "account-route-by-namespace-label.default-account=admin")(s)
				s.env = append(s.env, "STOCKTAKE_ACCOUNT_ROUTES=other: {namespaces: [team-000]}")
				s.pods = inParts
			}},
		{"accounts with passwords of their own, one wrong", 4, []string{"ok    user robot for account admin may log in", "fail  user mallory for account other: 401"}, func(s *stage) {
			s.env = append(s.env, `STOCKTAKE_ACCOUNT_ROUTES=other: {namespaces: [team-000], user: mallory, password: "s3cret no"}`)
			s.pods = inParts
		}},
		{"receiver down", 5, []string{"fail  TCP: ", "connection refused", "not checked: TLS, version"}, to(func(s *stage) string { return strings.Replace(unreachable(s.T), "http:", "https:", 1) })},
		{"name unknown", 5, []string{"fail  DNS: ", "no such host", "not checked: TCP, version", "mend the host in anchore.url"}, to(func(*stage) string { return "http://anchore.invalid" })},
		{"unknown authority", 5, []string{"fail  TLS: ", "unknown authority; it is for example.com", "by O=Acme Co", "anchore.http.ca-file"}, throughTLS(&tls.Config{MinVersion: tls.VersionTLS12})},
		{"certificate not verified", 0, []string{"warn  TLS: TLS 1.3, but anchore.http.insecure", "set anchore.http.ca-file"}, func(s *stage) {
			s.setting("anchore.http.insecure=true")
			throughTLS(&tls.Config{MinVersion: tls.VersionTLS12})(s)
		}},
		{"certificate expired", 5, []string{"fail  TLS: the certificate for 127.0.0.1 by CN=receiver ended at", "have it renewed, if the clock of this machine is right"}, func(s *stage) { certified(s, yesterday()) }},
		{"certificate about to expire", 0, []string{"warn  TLS: TLS 1.3, certificate for 127.0.0.1 by CN=receiver, until", "(less than a day)", "renewed before it ends"}, func(s *stage) { certified(s, time.Now().Add(23*time.Hour)) }},
		{"certificate not yet valid", 5, []string{"fail  TLS: the certificate for 127.0.0.1 by CN=receiver is not valid before", "see whether the clock of this machine is right"}, func(s *stage) { certified(s, time.Now().Add(47*time.Hour)) }},
		{"wrong name", 5, []string{"fail  TLS: ", "not localhost", "use a name of the certificate in anchore.url"}, to(func(s *stage) string {
			_, where := anchoretest.StartTLS(s, receiverOptions())
			s.setting("anchore.http.ca-file=" + where.CAFile)
			return strings.Replace(where.URL, "127.0.0.1", "localhost", 1)
		})},
		{"client certificate demanded", 4, []string{"fail  TLS: ", "certificate required", "client-cert-file"}, to(func(s *stage) string {
			options := receiverOptions()
			options.ClientCert = true
			_, where := anchoretest.StartTLS(s, options)
			s.setting("anchore.http.ca-file=" + where.CAFile)
			return where.URL
		})},
		{"plain HTTP where TLS is", 5, []string{"fail  TLS: ", "write http:// in anchore.url"}, to(func(s *stage) string { return strings.Replace(s.at, "http:", "https:", 1) })},
		{"proxy demands a login", 4, []string{"407"}, to(func(s *stage) string {
			s.env = append(s.env, "HTTP_PROXY="+turnstile(s), "HTTPS_PROXY="+turnstile(s))
			return "https://anchore.example.com"
		})},
		{"clock of the receiver is behind", 0, []string{"warn  clock: 1h0m"}, func(s *stage) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
				s.receiver.ServeHTTP(w, r)
			}))
			s.Cleanup(server.Close)
			s.env = append(s.env, "ANCHORE_URL="+server.URL)
		}},
		{"version unknown", 0, []string{"warn  answers 404 Not Found", "set anchore.api-version"}, login(anchoretest.Options{Version: anchoretest.VersionAbsent})},
		{"an older service", 0, []string{"its API v1 is used", "may log in"}, login(anchoretest.Options{API: anchoretest.V1})},
		{"integrations unknown", 0, []string{`warn  release "5.9.0" knows no integrations`}, login(anchoretest.Options{ServiceVersion: "5.9.0"}, "anchore-registration.enabled=true")},
		{"receiver down and rights missing", 5, []string{"connection refused", "fail  may not list nodes"}, func(s *stage) {
			s.args[1] = s.cluster.KubeconfigFor(s, "doctor-both", kubetest.Grant{Resources: []string{"pods", "namespaces"}})
			s.env = append(s.env, "ANCHORE_URL="+unreachable(s.T))
		}},
		{"wrong password and rights missing", 3, []string{"401 Unauthorized", "fail  may not list nodes"}, func(s *stage) {
			s.args[1] = s.cluster.KubeconfigFor(s, "doctor-neither", kubetest.Grant{Resources: []string{"pods", "namespaces"}})
			s.env = append(s.env, "ANCHORE_PASSWORD=s3cret wrong")
		}},
		{"another service is down", 5, []string{"receiver http://127.0.0.1", "fail  TCP: "}, func(s *stage) { s.setting("deliver.http.url=" + unreachable(s.T) + "/x?key=s3cret") }},
		{"another service", 0, []string{"answers HEAD without credentials", "not checked: whether it takes these credentials"}, func(s *stage) {
			server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			s.Cleanup(server.Close)
			s.setting("deliver.http.url=" + server.URL + "/x?key=s3cret")
		}},
		{"a file", 0, []string{"can be written"}, func(s *stage) { s.setting("deliver.file.path=" + filepath.Join(s.TempDir(), "x.json")) }},
		{"a file in no folder", 2, []string{"fail  deliver.file.path: ", "that exists (from flag)"}, func(s *stage) { s.setting("deliver.file.path=/nonexistent/x.json") }},
	}
}

// certified is a receiver whose certificate ends then, and is trusted.
func certified(s *stage, end time.Time) {
	certificate := faultproxy.Certificate(s, "receiver", end)
	server := httptest.NewUnstartedServer(s.receiver)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	s.Cleanup(server.Close)
	file := filepath.Join(s.TempDir(), "ca.pem")
	require.NoError(s, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600))
	s.setting("anchore.http.ca-file=" + file)
	s.env = append(s.env, "ANCHORE_URL="+server.URL)
}

func settingsAilments() []ailment {
	return []ailment{
		{"an unknown setting", 2, []string{"fail  anchore.urll: unknown setting", "did you mean anchore.url?", "stocktake settings shows", "may list pods", "may log in"}, func(s *stage) { s.setting("anchore.urll=x") }},
		{"several bad settings", 2, []string{`fail  log.level: "loud"`, "fail  kubernetes.request-batch-size is -1", `fail  deadline: "soon" is not a duration`, "may log in"}, func(s *stage) {
			s.setting("log.level=loud", "kubernetes.request-batch-size=-1", "deadline=soon")
		}},
		{"bad settings of metrics", 2, []string{"fail  metrics.timeout: 0s is out of range"}, func(s *stage) {
			s.setting("metrics.timeout=0s", "metrics.file.path="+filepath.Join(s.TempDir(), "x.prom"))
		}},
		{"no cluster ID", 2, []string{"fail  cluster-id: the cluster has no name"}, func(s *stage) { s.env = append(s.env, "CLUSTER_ID=") }},
		{"no receiver", 2, []string{"nowhere to deliver to"}, func(s *stage) { s.env = append(s.env, "ANCHORE_URL=", "ANCHORE_USER=", "ANCHORE_PASSWORD=") }},
		{"no receiver, and none needed", 0, []string{"nothing is sent with dry-run"}, func(s *stage) {
			s.env = append(s.env, "ANCHORE_URL=", "ANCHORE_USER=", "ANCHORE_PASSWORD=")
			s.args = append(s.args, "-dry-run")
		}},
		{"no kubeconfig", 2, []string{"fail  no kubeconfig at /nonexistent", "the settings lead to none", "may log in"}, func(s *stage) { s.args[1] = "/nonexistent" }},
		{"no credentials", 2, []string{"fail  anchore.password: is not set"}, func(s *stage) { s.env = append(s.env, "ANCHORE_PASSWORD=") }},
		{"no folder to spool to", 2, []string{"spool.dir"}, func(s *stage) { s.setting("spool.dir=/nonexistent") }},
		{"a folder to spool to that is read-only", 1, []string{"fail  spool.dir: no temporary file can be made"}, func(s *stage) { s.setting("spool.dir=/proc/self") }},
		{"log file in no folder", 2, []string{"fail  log.file: "}, func(s *stage) { s.setting("log.file=/nonexistent/log") }},
	}
}

// TestDoctorOfAnEmptyClusterEndsAsARun is apart because it empties the cluster.
func TestDoctorOfAnEmptyClusterEndsAsARun(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	ailment{"empty", 8, []string{"fail  empty: not one pod in the whole cluster", "allow-empty=true"}, nil}.compare(newStage(t, cluster))

	s := newStage(t, cluster)
	s.setting("allow-empty=true")
	s.pods = 0
	ailment{"empty, and allowed", 0, nil, nil}.compare(s)
}

// TestDoctorOfEmptyNamespacesEndsAsARun has pods in one of its namespaces only, of which
// just one runs.
func TestDoctorOfEmptyNamespacesEndsAsARun(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	cluster.SeedNamespaces(t, "idle-1", "idle-2", "shop", "later")
	image := []kubetest.Container{{Name: "c", Image: "quay.io/acme/shop:1"}}
	cluster.SeedPods(t, kubetest.Pod{Namespace: "shop", Name: "web", Containers: image},
		kubetest.Pod{Namespace: "later", Name: "waits", Phase: corev1.PodPending, Containers: image},
		kubetest.Pod{Namespace: "later", Name: "ended", Phase: corev1.PodSucceeded, Containers: image})
	tests := []struct {
		name     string
		settings []string
		code     int
		pods     int
		says     string
	}{
		{"one that is named", []string{"namespace-selectors.include=idle-1"}, 8, 0, "not one pod in the namespaces that are reported (idle-1)"},
		{"two that are named", []string{"namespace-selectors.include=idle-1,idle-2"}, 8, 0, "(idle-1, idle-2)"},
		{"one beside one with pods", []string{"namespace-selectors.include=idle-1,shop"}, 0, 1, "1 pod to read"},
		{"one that is named, and empty is allowed", []string{"namespace-selectors.include=idle-1", "allow-empty=true"}, 0, 0, ""},
		{"a pattern", []string{"namespace-selectors.include=idle-*"}, 8, 0, "(idle-1, idle-2)"},
		{"all but those with pods", []string{"namespace-selectors.exclude=shop,later"}, 8, 0, "allow-empty=true"},
		{"nothing runs", []string{"namespace-selectors.include=later", "ignore-not-running=true"}, 8, 0, "not one pod in the phase Running"},
		{"nothing runs, and is reported", []string{"namespace-selectors.include=later"}, 0, 2, "2 pods to read"},
		{"something runs", []string{"ignore-not-running=true"}, 0, 1, "3 pods to read"},
		{"one is missing, the other empty", []string{"namespace-selectors.include=idle-1,nowhere", "allow-incomplete=true"}, 8, 0, "(idle-1)"},
		{"all that are named are missing", []string{"namespace-selectors.include=nowhere", "allow-incomplete=true"}, 2, 0, "nowhere does not exist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStage(t, cluster)
			s.setting(test.settings...)
			s.pods = test.pods
			ailment{test.name, test.code, []string{test.says}, nil}.compare(s)
		})
	}
}

func TestDoctorPrintsJSON(t *testing.T) {
	t.Parallel()
	s := newStage(t, smallCluster(t))
	s.env = append(s.env, "ANCHORE_URL="+unreachable(t))
	s.args = append([]string{"doctor", "-o", "json"}, s.args...)
	got := run(t, s.call)

	var report struct {
		Checks   []struct{ Area, Verdict, Says, Advice string }
		ExitCode int `json:"exit_code"`
		Reason   string
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	assert.Equal(t, 5, report.ExitCode)
	assert.Equal(t, 5, got.code)
	assert.Contains(t, report.Reason, "connection refused")
	verdicts := map[string]int{}
	for _, c := range report.Checks {
		assert.NotEmpty(t, c.Area)
		assert.NotEmpty(t, c.Says)
		assert.Equal(t, c.Verdict == "fail", c.Advice != "", c.Says)
		verdicts[c.Verdict]++
	}
	assert.Equal(t, 1, verdicts["fail"])
	assert.Positive(t, verdicts["ok"])
	assert.Positive(t, verdicts["not checked"])

	s.args[2] = "xml"
	got = run(t, s.call)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, `"xml" is not one of text, json`)
}

// TestDoctorScreens keeps what people see. What differs from run to run is
// replaced: ports, times, durations, sizes.
func TestDoctorScreens(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	for name, set := range map[string]func(*stage){
		"well": func(*stage) {},
		"user": func(s *stage) {
			s.args[1] = cluster.KubeconfigFor(t, "doctor-screen", kubetest.Grant{Resources: []string{"pods", "namespaces"}})
		},
		"faults": func(s *stage) {
			s.setting("anchore.urll=x", "namespace-selectors.include=team-*,nowhere-*", "deliver.file.path=/nonexistent/x")
			s.env = append(s.env, "ANCHORE_PASSWORD=s3cret wrong")
		},
		"down": func(s *stage) {
			s.args[1] = kubeconfigOf(t, "https://127.0.0.1:1")
			s.env = append(s.env, "ANCHORE_URL=https://anchore.invalid")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, cluster)
			set(s)
			s.args = append([]string{"doctor"}, s.args...)
			s.setting("spool.memory=16MiB", "spool.dir=/tmp")
			compareScreen(t, filepath.Join("testdata", "doctor-"+name+".golden"), run(t, s.call).stdout)
		})
	}
}

// passing are the parts of a screen that are never the same twice.
var passing = []struct{ is, shown string }{
	{`127\.0\.0\.1:\d+`, "127.0.0.1:PORT"},
	{` of /\S+/kubeconfig`, " of /FOLDER/kubeconfig"},
	{` in [0-9.]+(µs|ms|s)`, " in SOME ms"},
	{`v1\.\d+\.\d+`, "v1.X.Y"},
	{`limit \(cgroup\)( is [0-9.]+ .iB,|;)`, "limit (cgroup),"},
	{`memory: (no|the) limit`, "memory: SOME limit"},
	{`[0-9.]+ .iB free`, "SOME GiB free"},
	{`\.stocktake-\d+\.tmp`, ".stocktake-N.tmp"},
	{` on [0-9.:\[\]]+: no such host`, ": no such host"},
}

func compareScreen(t *testing.T, golden, screen string) {
	t.Helper()
	for _, p := range passing {
		screen = regexp.MustCompile(p.is).ReplaceAllString(screen, p.shown)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(screen), 0o644))
		return
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), screen, "when the change is right, refresh with UPDATE_GOLDEN=1")
}

// TestDoctorEndsWhenItIsToldTo hangs at the receiver and at the API server, as in
// the matrix of runs.
func TestDoctorEndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	for _, p := range phases()[:2] {
		for code, signal := range map[int]os.Signal{130: os.Interrupt, 143: syscall.SIGTERM, 124: nil} {
			t.Run(fmt.Sprintf("%d in %s", code, p.name), func(t *testing.T) {
				s := newStage(t, cluster)
				s.args = append([]string{"doctor"}, s.args...)
				if signal == nil {
					p.hang(s)
					s.setting("deadline=2s")
				} else {
					signalled(p, signal)(s)
				}
				begin := time.Now()
				got := run(t, s.call)

				assert.Less(t, time.Since(begin), soon)
				assert.Equal(t, code, got.code, got.stdout)
				assert.Contains(t, got.stdout, "The examination did not come to its end")
			})
		}
	}
}
