package object_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/object"
)

// stored is the metadata of a revision as an API server lists it.
func stored(namespace, release string, number int, status, more string) []byte {
	return fmt.Appendf(nil, `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"namespace":%q,"name":"sh.helm.release.v1.%s.v%d","creationTimestamp":"2026-01-02T03:04:05Z",`+
		`"labels":{"name":%q,"owner":"helm","status":%q,"version":"%d"%s}}}`, namespace, release, number, release, status, number, more)
}

func TestReleases(t *testing.T) {
	t.Parallel()
	var releases object.Releases
	for _, o := range [][]byte{
		stored("b", "web", 9, "superseded", ""), stored("b", "web", 11, "failed", `,"modifiedAt":"1700000011"`), stored("b", "web", 10, "deployed", `,"createdAt":"1700000010"`),
		stored("a", "web", 1, "pending-install", ""), stored("b", "db", 2, "deployed", `,"modifiedAt":"1700000003","createdAt":"1700000002"`),
	} {
		require.NoError(t, releases.Add("secrets", o))
	}
	require.NoError(t, releases.Add("configmaps", stored("b", "web", 1, "deployed", "")))

	deployed := func(r object.Revision) *object.Revision { return &r }
	db := object.Revision{Number: 2, Status: "deployed", Changed: 1700000003, Stored: "sh.helm.release.v1.db.v2"}
	assert.Equal(t, []object.Release{
		{Namespace: "a", Name: "web", Resource: "secrets", Latest: object.Revision{Number: 1, Status: "pending-install", Changed: 1767323045, Stored: "sh.helm.release.v1.web.v1"}},
		{Namespace: "b", Name: "db", Resource: "secrets", Latest: db, Deployed: &db},
		{
			Namespace: "b", Name: "web", Resource: "configmaps", Latest: object.Revision{Number: 1, Status: "deployed", Changed: 1767323045, Stored: "sh.helm.release.v1.web.v1"},
			Deployed: deployed(object.Revision{Number: 1, Status: "deployed", Changed: 1767323045, Stored: "sh.helm.release.v1.web.v1"}),
		},
		{
			Namespace: "b", Name: "web", Resource: "secrets", Latest: object.Revision{Number: 11, Status: "failed", Changed: 1700000011, Stored: "sh.helm.release.v1.web.v11"},
			Deployed: deployed(object.Revision{Number: 10, Status: "deployed", Changed: 1700000010, Stored: "sh.helm.release.v1.web.v10"}),
		},
	}, releases.All())
	assert.Equal(t, "metadata.name=sh.helm.release.v1.db.v2", db.FieldSelector())
}

func TestReleasesRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{"metadata":{"name":"x"}}`, `{"metadata":{"name":"x","labels":{"name":"r","version":"` + canary + `"}}}`, `{"metadata":{"name":"x","labels":{"name":"r","version":"0"}}}`,
		`{"metadata":{"name":"x","labels":{"version":"1"}}}`, `{"metadata":{"creationTimestamp":"` + canary + `"}}`,
	} {
		var releases object.Releases
		err := releases.Add("secrets", []byte(text))
		require.ErrorIs(t, err, object.ErrRelease, text)
		assert.NotContains(t, err.Error(), canary)
		assert.Empty(t, releases.All())
	}
}

const manifest = `---
# Source: app/templates/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  labels:
    name: not-this
  name: "credentials"
stringData:
  password: hunter2-canary
  doc: |
    kind: Pod
    metadata:
      name: hunter2-canary
--- # another
metadata:
    namespace: other
    name: app # the name
kind: Deployment
apiVersion: apps/v1
---

# nothing
---
kind: Odd
metadata: {name: hunter2-canary}
`

func record(t *testing.T, chart string) []byte {
	t.Helper()
	quoted, err := json.Marshal(manifest)
	require.NoError(t, err)

	return fmt.Appendf(nil, `{"name":"web","info":{"notes":"%[1]s","description":"%[1]s"},"chart":{"templates":[{"name":"%[1]s","data":"%[1]s"}],"metadata":%[2]s,"values":{"password":"%[1]s"},"files":[{"data":"%[1]s"}]},`+
		`"config":{"password":"%[1]s"},"manifest":%[3]s,"hooks":[{"manifest":"%[1]s"}],"version":3,"namespace":"b"}`, canary, chart, quoted)
}

// packed is the object of a record.
func packed(t *testing.T, resource string, text []byte, compress bool) []byte {
	t.Helper()
	if compress {
		var buffer bytes.Buffer
		w := gzip.NewWriter(&buffer)
		_, err := w.Write(text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		text = buffer.Bytes()
	}
	release := base64.StdEncoding.EncodeToString(text)
	if resource == "secrets" {
		release = base64.StdEncoding.EncodeToString([]byte(release))
	}

	return fmt.Appendf(nil, `{"metadata":{"name":"sh.helm.release.v1.web.v3"},"data":{"other":"x","release":%q},"type":"helm.sh/release.v1"}`, release)
}

//nolint:gosec // no credentials of anybody
const chartMetadata = `{"name":"app","version":"1.2.3","appVersion":"4.5","home":"https://user:hunter2-canary@example.com/x?token=hunter2-canary","type":"application","description":"hunter2-canary","annotations":{"a":"hunter2-canary"}}`

func TestReadChart(t *testing.T) {
	t.Parallel()
	want := object.Chart{
		Name: "app", Version: "1.2.3", AppVersion: "4.5", Home: "https://example.com/x", Type: "application",
		Manifest: object.Manifest{Unread: 1, Objects: []object.ManifestObject{
			{APIVersion: "v1", Kind: "Secret", Name: "credentials"}, {APIVersion: "apps/v1", Kind: "Deployment", Namespace: "other", Name: "app"},
		}},
	}
	for _, resource := range []string{"secrets", "configmaps"} {
		for _, compress := range []bool{true, false} {
			got, err := object.ReadChart(resource, packed(t, resource, record(t, chartMetadata), compress))

			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.NotContains(t, fmt.Sprint(got), canary)
		}
	}
}

func TestReadChartRefuses(t *testing.T) {
	t.Parallel()
	whole := packed(t, "secrets", record(t, chartMetadata), true)
	mebibyte := `"` + strings.Repeat(" ", 1<<20) + `"`
	bomb := []byte(`{"config":[` + mebibyte + strings.Repeat(","+mebibyte, object.MaxRelease>>20) + `]}`)
	for name, test := range map[string]struct {
		object []byte
		want   error
	}{
		"nothing":             {nil, object.ErrRecord},
		"no data":             {[]byte(`{"metadata":{}}`), object.ErrRecord},
		"data of a form":      {[]byte(`{"data":{"release":["` + canary + `"]}}`), object.ErrRecord},
		"no base64":           {[]byte(`{"data":{"release":"` + canary + `!"}}`), object.ErrRecord},
		"base64 once":         {packed(t, "configmaps", record(t, chartMetadata), true), object.ErrRecord},
		"a cut object":        {whole[:len(whole)-100], object.ErrRecord},
		"a cut record":        {packed(t, "secrets", record(t, chartMetadata)[:200], true), object.ErrRecord},
		"two records":         {packed(t, "secrets", bytes.Repeat(record(t, chartMetadata), 2), true), object.ErrRecord},
		"no chart":            {packed(t, "secrets", []byte(`{"name":"`+canary+`"}`), true), object.ErrRecord},
		"a chart of numbers":  {packed(t, "secrets", record(t, `{"name":1}`), true), object.ErrRecord},
		"bad gzip":            {packed(t, "secrets", []byte("\x1f\x8b\x08"+canary), false), object.ErrRecord},
		"the same name twice": {packed(t, "secrets", record(t, `{"name":"a","`+canary+`":1,"`+canary+`":1}`), true), object.ErrRecord},
		"a bomb":              {packed(t, "secrets", bomb, true), object.ErrRecordTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := object.ReadChart("secrets", test.object)

			require.ErrorIs(t, err, test.want)
			assert.NotContains(t, err.Error(), canary)
			assert.Zero(t, got)
		})
	}
}

func FuzzReadChart(f *testing.F) {
	f.Add([]byte(manifest), []byte(chartMetadata))
	f.Add([]byte("kind: a\nmetadata:\n name: 'b' #\n---\nkind: #\n--- x\n"), []byte(`{"name":"x","home":null}`))
	f.Fuzz(func(t *testing.T, text, chart []byte) {
		quoted, err := json.Marshal(string(text))
		if err != nil {
			return
		}
		release := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"manifest":%s,"chart":{"metadata":%s}}`, quoted, chart))
		got, err := object.ReadChart("configmaps", fmt.Appendf(nil, `{"data":{"release":%q}}`, release))
		if err != nil {
			return
		}
		if documents := strings.Count("\n"+string(text), "\n---"); got.Unread+len(got.Objects) > documents+1 {
			t.Fatalf("%q has %d objects and %d that cannot be read", text, len(got.Objects), got.Unread)
		}
		for _, o := range got.Objects {
			if o.Kind == "" || o.Name == "" || utf8.Valid(text) && !bytes.Contains(text, []byte(o.Kind)) {
				t.Fatalf("%q became %+v", text, o)
			}
		}
	})
}
