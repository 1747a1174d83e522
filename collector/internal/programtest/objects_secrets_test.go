package programtest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/payload"
)

// richTypes are those of a rich cluster that have secrets and are not read by default.
const richTypes = "objects.add-types=secrets,events,controllerrevisions,*.example.com,*.argoproj.io,networkpolicies.crd.projectcalico.example"

// nothingSecret is there in what is printed, sent, logged or spooled, in no form that a
// receiver could read.
func (c *rich) nothingSecret(t *testing.T) {
	spooled, listed := &spoolWatch{}, &secretLists{}
	receiver := httptest.NewServer(spooled)
	t.Cleanup(receiver.Close)
	dir := t.TempDir()
	kubeconfig := proxied(t, c.Cluster, listed.see)
	common := []string{"-external", kubeconfig, "-debug", "-set", "objects.enabled=true", "-set", richTypes, "-set", "objects.helm=chart", "-set", "objects.owners=true"}
	got := run(t, call{
		args: append(slices.Clone(common), "-set", "spool.memory=0", "-set", "spool.dir="+dir, "-set", "deliver.http.url="+receiver.URL, "-set", "deliver.http.kind=k8s-collector",
			"-set", "deliver.file.path="+filepath.Join(dir, "objects.ndjson"), "-set", "deliver.file.kind=objects", "-set", "log.file="+filepath.Join(dir, "log"),
			"-set", "metrics.file.path="+filepath.Join(dir, "m.prom"), "prod-1"),
		during: func(p *os.Process) { spooled.pid.Store(int64(p.Pid)) },
	})
	require.Equal(t, 0, got.code, got.stderr)
	body, err := os.ReadFile(filepath.Join(dir, "objects.ndjson"))
	require.NoError(t, err)
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	require.NoError(t, err)
	objects := readObjects(t, string(body))
	for _, name := range []string{"pods", "secrets", "events", "configmaps", "widgets.example.com", "guarded.example.com", "customresourcedefinitions.apiextensions.k8s.io", "persistentvolumes"} {
		require.Equal(t, payload.Complete, objects.types[name].State, name)
	}
	assert.NotEmpty(t, objects.uids["controllerrevisions.apps"])
	require.Contains(t, spooled.plain, `"name":"d"`, "the file of the spool was found, and is read")
	require.Contains(t, spooled.body, `{"objects":[`)
	for name, text := range map[string]string{
		"body": string(body), "log": string(log), "stdout": got.stdout, "stderr": got.stderr, "termination message": got.termination,
		"spool": spooled.plain, "spool as it is": spooled.raw, "second body": spooled.body,
	} {
		assertNoCanary(t, name, text)
	}
	c.secretsAreThere(t, objects.types)
	c.chartsAreThere(t, string(body))
	applications := strings.Join(objects.lines["applications.argoproj.io"], "")
	for _, kept := range []string{`"chart":"shop"`, `"targetRevision":"1.2.3"`, `"revision":"1.2.3"`, `"health":{"status":"Healthy"}`} {
		assert.Contains(t, applications, kept, "what Argo CD says of an application")
	}
	assert.Equal(t, []string{"sh.helm.release.v1.shop.v2", "sh.helm.release.v1.shop.v3"}, listed.whole(), "of Secrets only the records of the latest revisions are read whole")
}

// assertNoCanary looks for a canary in plain, and in base64 wherever in a text it began.
func assertNoCanary(t *testing.T, name, text string) {
	t.Helper()
	for _, secret := range canaryForms() {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%s: %q at %q", name, secret, text[max(0, at-200):min(len(text), at+100)])
		}
	}
}

// canaryForms are a canary in plain, escaped, and in base64 at each of three offsets and twice.
func canaryForms() []string {
	encode := base64.StdEncoding.EncodeToString
	forms := []string{canary, strings.ReplaceAll(canary, "-", `\u002d`), url.QueryEscape(canary)}
	for skip := range 3 {
		text := encode([]byte(strings.Repeat("x", skip) + canary))
		once := text[4 : len(text)-4] // of what surrounds it nothing is known
		forms = append(forms, once)
		if skip == 0 {
			twice := encode([]byte(once))
			forms = append(forms, twice[4:len(twice)-4])
		}
	}
	return forms
}

// secretsAreThere makes sure that the API server has what was looked for.
func (c *rich) secretsAreThere(t *testing.T, of map[string]payload.TypeRecord) {
	t.Helper()
	var all strings.Builder
	for _, one := range of {
		if one.State == payload.Complete {
			text, err := c.api.Get().AbsPath(pathOf(one)).SetHeader("Accept", "application/json").DoRaw(t.Context())
			require.NoError(t, err)
			all.Write(text)
		}
	}
	found := 0
	for place := range c.secrets {
		text := canaryOf(place)
		if strings.Contains(all.String(), text) || strings.Contains(all.String(), base64.StdEncoding.EncodeToString([]byte(text))) {
			found++
		}
	}
	assert.GreaterOrEqual(t, found, 40, "places in the objects themselves; others are within the records of Helm")
}

// chartsAreThere reads the lines of releases.
func (c *rich) chartsAreThere(t *testing.T, body string) {
	t.Helper()
	var releases []string
	for line := range strings.Lines(body) {
		var r struct {
			Record  string
			Release struct {
				Name             string
				Latest, Deployed struct {
					Revision int
					Status   string
					Chart    struct {
						Name, Version, Home string
						Objects             []struct{ Kind, Name string }
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		if r.Record == payload.RecordRelease {
			releases = append(releases, fmt.Sprint(r.Release))
		}
	}
	assert.Equal(t, []string{"{shop {3 failed {shop 1.2.3 https://example.com/ [{Secret login} {Deployment web}]}} {2 deployed {shop 1.2.2 https://example.com/ [{Secret login} {Deployment web}]}}}"}, releases)
}

// spoolWatch is a receiver that looks into the file of the spool of who delivers to it.
type spoolWatch struct {
	pid              atomic.Int64
	mu               sync.Mutex
	raw, plain, body string
}

// ServeHTTP takes a body, and looks.
func (s *spoolWatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		body, _ := plainBody(r) // what cannot be read has no objects, which is noticed
		s.body += string(body)
		s.look()
	}
	w.WriteHeader(http.StatusNoContent)
}

// look reads all that was spooled: segments that each can be read without another.
func (s *spoolWatch) look() {
	folder := fmt.Sprintf("/proc/%d/fd", s.pid.Load())
	files, _ := os.ReadDir(folder)
	for _, file := range files {
		at := filepath.Join(folder, file.Name())
		if to, err := os.Readlink(at); err != nil || !strings.Contains(to, ".spool") {
			continue
		}
		raw, _ := os.ReadFile(at)
		plain, _ := io.ReadAll(flate.NewReader(strings.NewReader(string(raw)))) // there is no last block
		s.raw, s.plain = s.raw+string(raw), s.plain+string(plain)
	}
}

// secretLists are the requests for Secrets.
type secretLists struct {
	mu    sync.Mutex
	names []string // of those that were read whole
}

func (s *secretLists) see(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(r.URL.Path, "/secrets") && !strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadataList") {
		s.names = append(s.names, strings.TrimPrefix(r.URL.Query().Get("fieldSelector"), "metadata.name="))
	}
	return true
}

func (s *secretLists) whole() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.names)
	return slices.Compact(s.names)
}
