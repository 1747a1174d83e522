package object_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/object"
)

// canary is what must not leave a cluster. It is no word that the tripwire knows.
const canary = "hunter2-canary"

func pod() object.Type { return object.Type{Version: "v1", Kind: "Pod", BuiltIn: true} }

func widget() object.Type {
	return object.Type{Group: "example.com", Version: "v1", Kind: "Widget"}
}

func appendTo(t *testing.T, kind object.Type, level object.Level, text string) (string, object.Counts) {
	t.Helper()
	got, counts, err := object.NewRules(nil).Filter(kind, level).Append(nil, []byte(text))
	require.NoError(t, err)
	require.NoError(t, valid(got), "%s", got)

	return string(got), counts
}

// valid is the judgement of a parser that is not ours.
func valid(text []byte) error {
	decoder := jsontext.NewDecoder(strings.NewReader(string(text)))
	if _, err := decoder.ReadValue(); err != nil {
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more than a value: %w", err)
	}

	return nil
}

func TestAppend(t *testing.T) {
	t.Parallel()
	config := object.Type{Version: "v1", Kind: "ConfigMap", BuiltIn: true}
	tests := map[string]struct {
		kind      object.Type
		level     object.Level
		in, want  string
		masked    int
		unknown   int
		droppings int
	}{
		"kind and apiVersion are inserted": {pod(), object.Masked, `{"metadata":{"name":"p"}}`, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}`, 0, 0, 0},
		"kind and apiVersion are moved": {
			widget(), object.Masked, `{"apiVersion":"example.com/v1","items":1,"kind":"Widget","x":null}`,
			`{"kind":"Widget","apiVersion":"example.com/v1","items":1,"x":null}`, 0, 0, 0,
		},
		"nothing in it":       {pod(), object.Masked, `{}`, `{"kind":"Pod","apiVersion":"v1"}`, 0, 0, 0},
		"nothing but a kind":  {pod(), object.Masked, `{"kind":"Pod"}`, `{"kind":"Pod","apiVersion":"v1"}`, 0, 0, 0},
		"numbers keep digits": {widget(), object.Masked, `{"a":1.10,"b":12345678901234567890,"c":1e400,"d":-0}`, `{"kind":"Widget","apiVersion":"example.com/v1","a":1.10,"b":12345678901234567890,"c":1e400,"d":-0}`, 0, 0, 0},
		"managed fields first": {
			pod(), object.Full, `{"metadata":{"managedFields":[{"f:x":{}}],"name":"p"}}`, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}`, 0, 0, 1,
		},
		"managed fields in the middle, escaped": {
			pod(), object.Full, `{"metadata":{"a":1,"man\u0061gedFields":[{"f:x":"` + canary + `"}],"name":"p"}}`, `{"kind":"Pod","apiVersion":"v1","metadata":{"a":1,"name":"p"}}`, 0, 0, 1,
		},
		"managed fields last":  {pod(), object.Full, `{"metadata":{"name":"p","managedFields":[]}}`, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}`, 0, 0, 1},
		"managed fields alone": {pod(), object.Full, `{"metadata":{"managedFields":[]}}`, `{"kind":"Pod","apiVersion":"v1","metadata":{}}`, 0, 0, 1},
		"a config map": {
			config, object.Masked, `{"data":{"a":"` + canary + `","b":"\n\u00e9"},"binaryData":{"c":"AAAA"},"immutable":true}`,
			`{"kind":"ConfigMap","apiVersion":"v1","data":{"a":"[redacted 14 bytes]","b":"[redacted 3 bytes]"},"binaryData":{"c":"[redacted 4 bytes]"},"immutable":true}`, 3, 0, 0,
		},
		"a config map at full": {config, object.Full, `{"data":{"a":"b"}}`, `{"kind":"ConfigMap","apiVersion":"v1","data":{"a":"b"}}`, 0, 0, 0},
		"a secret at full": {
			object.Type{Version: "v1", Kind: "Secret", BuiltIn: true}, object.Full,
			`{"metadata":{"name":"s","annotations":{"a":"` + canary + `"}},"data":{"a":"` + canary + `"},"type":"Opaque"}`,
			`{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s","annotations":{"a":"[redacted]"}}}`, 1, 0, 2,
		},
		"a secret of which the metadata was asked for": {
			object.Type{Version: "v1", Kind: "Secret", BuiltIn: true}, object.Metadata,
			`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"s"}}`,
			`{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"}}`, 0, 0, 0,
		},
		"a field of a newer server": {
			pod(), object.Masked, `{"spec":{"newField":"` + canary + `","newer":[{"x":"` + canary + `","n":1}],"nodeName":"n"}}`,
			`{"kind":"Pod","apiVersion":"v1","spec":{"newField":"[redacted]","newer":[{"x":"[redacted]","n":1}],"nodeName":"n"}}`, 2, 2, 0,
		},
		"a string that became an object": {
			pod(), object.Masked, `{"spec":{"nodeName":{"name":"` + canary + `"},"containers":"` + canary + `"}}`,
			`{"kind":"Pod","apiVersion":"v1","spec":{"nodeName":{"name":"[redacted]"},"containers":"[redacted]"}}`, 2, 2, 0,
		},
		"a custom resource that is called a pod": {
			object.Type{Version: "v1", Kind: "Pod"}, object.Masked, `{"spec":{"nodeName":"` + canary + `"}}`, `{"kind":"Pod","apiVersion":"v1","spec":{"nodeName":"[redacted]"}}`, 1, 0, 0,
		},
		"a built-in type without a table": {
			builtIn("new.k8s.io", "Novelty"), object.Masked, `{"metadata":{"name":"n"},"spec":{"a":"` + canary + `"}}`, `{"kind":"Novelty","apiVersion":"new.k8s.io/v1","metadata":{"name":"n"},"spec":{"a":"[redacted]"}}`, 1, 0, 0,
		},
		"a custom resource": {
			widget(), object.Masked,
			`{"metadata":{"labels":{"l":"v"}},"image":"nginx:1","spec":{"image":"r/i@sha256:ab","password":"` + canary + `","sourceRef":{"name":"s","kind":"` + canary + `"},"metadata":{"labels":{"x":"` + canary + `"}}},` +
				`"status":{"conditions":[{"type":"Ready","status":"True","reason":"Good","message":"` + canary + `"}]}}`,
			`{"kind":"Widget","apiVersion":"example.com/v1","metadata":{"labels":{"l":"v"}},"image":"nginx:1","spec":{"image":"r/i@sha256:ab","password":"[redacted]","sourceRef":{"name":"s","kind":"[redacted]"},"metadata":{"labels":{"x":"[redacted]"}}},` +
				`"status":{"conditions":[{"type":"Ready","status":"True","reason":"Good","message":"[redacted]"}]}}`, 4, 0, 0,
		},
		"an image that is none": {widget(), object.Masked, `{"image":"user:` + canary + `@host/x","spec":{"image":{"image":"a b"}}}`, `{"kind":"Widget","apiVersion":"example.com/v1","image":"[redacted]","spec":{"image":{"image":"[redacted]"}}}`, 2, 0, 0},
		"an Argo CD application": {
			object.Type{Group: "argoproj.io", Version: "v1alpha1", Kind: "Application"}, object.Masked,
			`{"spec":{"source":{"chart":"redis","repoURL":"https://u:` + canary + `@charts.example.com/x?t=` + canary + `","targetRevision":"1.2.3","helm":{"values":"` + canary + `"}}},` +
				`"status":{"health":{"status":"Healthy","message":"` + canary + `"},"sync":{"status":"Synced","revision":"1.2.3"}}}`,
			`{"kind":"Application","apiVersion":"argoproj.io/v1alpha1","spec":{"source":{"chart":"redis","repoURL":"https://[redacted]@charts.example.com/x?[redacted]","targetRevision":"1.2.3","helm":{"values":"[redacted]"}}},` +
				`"status":{"health":{"status":"Healthy","message":"[redacted]"},"sync":{"status":"Synced","revision":"1.2.3"}}}`, 3, 0, 0,
		},
		"white space": {pod(), object.Masked, " {\n \"metadata\" : { \"managedFields\" : [ ] , \"name\" : \"a b\" } }\n", `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a b"}}`, 0, 0, 1},
		"metadata of a template at full": {
			widget(), object.Full, `{"spec":{"template":{"metadata":{"annotations":{"a":"` + canary + `"},"managedFields":[],"x":"y"}}}}`,
			`{"kind":"Widget","apiVersion":"example.com/v1","spec":{"template":{"metadata":{"annotations":{"a":"[redacted]"},"x":"y"}}}}`, 1, 0, 1,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, counts := appendTo(t, test.kind, test.level, test.in)
			assert.Equal(t, test.want, got)
			assert.Equal(t, object.Counts{Masked: test.masked, Unknown: test.unknown, Dropped: test.droppings}, counts)
			again, _ := appendTo(t, test.kind, test.level, got)
			assert.Equal(t, got, again, "twice is once")
		})
	}
}

// TestAppendRefuses is what must stop a run, because it can be read in two ways, or is not
// what was asked for. That nothing of it is in the error is checked, too.
func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)
	tests := map[string]struct{ in, want string }{
		"the same name twice":       {`{"spec":{"a":"` + canary + `","a":1}}`, "a name twice in one object"},
		"the same name, escaped":    {`{"spec":{"a":1,"\u0061":1}}`, "a name twice in one object"},
		"twice in what is dropped":  {`{"metadata":{"managedFields":[{"a":1,"a":1}]}}`, "a name twice in one object"},
		"kind twice":                {`{"kind":"Pod","kind":"Pod"}`, "a name twice in one object"},
		"bad UTF-8":                 {"{\"spec\":{\"a\":\"\xff" + canary + "\"}}", "a string that is not UTF-8"},
		"bad UTF-8 in a name":       {"{\"a\xc3\":1}", "a string that is not UTF-8"},
		"bad UTF-8 that is dropped": {"{\"metadata\":{\"managedFields\":\"\xed\xa0\x80\"}}", "a string that is not UTF-8"},
		"half a surrogate":          {`{"a":"\ud800"}`, "a string that is not UTF-8"},
		"the other half":            {`{"a":"\udc00"}`, "a string that is not UTF-8"},
		"two first halves":          {`{"a":"\ud800\ud800"}`, "a string that is not UTF-8"},
		"a cut string":              {`{"a":"` + canary, "ends in the middle"},
		"a cut escape":              {`{"a":"\u00`, "ends in the middle"},
		"a cut name":                {`{"a`, "ends in the middle"},
		"a cut object":              {`{"a":1`, "ends in the middle"},
		"a cut number":              {`{"a":-`, "ends in the middle"},
		"a cut word":                {`{"a":tr`, "ends in the middle"},
		"nothing":                   {``, "ends in the middle"},
		"an array":                  {`[]`, "not JSON"},
		"a null":                    {`null`, "not JSON"},
		"two objects":               {`{}{}`, "not JSON"},
		"a line break in a string":  {"{\"a\":\"\n\"}", "not JSON"},
		"a comma too many":          {`{"a":1,}`, "not JSON"},
		"a comma too few":           {`{"a":1"b":2}`, "not JSON"},
		"a zero in front":           {`{"a":01}`, "not JSON"},
		"no fraction":               {`{"a":1.}`, "not JSON"},
		"an odd escape":             {`{"a":"\x41"}`, "not JSON"},
		"a name without quotes":     {`{a:1}`, "not JSON"},
		"spaces that join numbers":  {`{"a":1 2}`, "not JSON"},
		"too deep":                  {`{"a":` + deep + `}`, "nested too deeply"},
		"another kind":              {`{"kind":"` + canary + `"}`, "an object of another kind or version than its list"},
		"another version":           {`{"apiVersion":"v2"}`, "an object of another kind or version than its list"},
		"a kind that is a number":   {`{"kind":1}`, "an object of another kind or version than its list"},
		"metadata of a pod":         {`{"kind":"PartialObjectMetadata"}`, "an object of another kind or version than its list"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, level := range []object.Level{object.Masked, object.Full} {
				got, counts, err := object.NewRules(nil).Filter(pod(), level).Append([]byte("before"), []byte(test.in))

				require.ErrorContains(t, err, test.want)
				assert.NotContains(t, err.Error(), canary)
				assert.Equal(t, "before", string(got))
				assert.Zero(t, counts)
			}
		})
	}
}

func TestAnnotations(t *testing.T) {
	t.Parallel()
	rules := object.NewRules([]string{
		"example.com/team", "kubectl.kubernetes.io/last-applied-configuration", "openshift.io/token-secret.value", "kapp.k14s.io/original",
		"objectset.rio.cattle.io/applied", "banzaicloud.com/last-applied",
	})
	const in = `{"metadata":{"annotations":{"example.com/team":"blue","a":"x","kubectl.kubernetes.io/last-applied-configuration":"x","openshift.io/token-secret.value":"x",` +
		`"kapp.k14s.io/original":"x","objectset.rio.cattle.io/applied":"x","banzaicloud.com/last-applied":"x","e\u0078ample.com/te\u0061m":"green"}}}`
	_, _, err := rules.Filter(pod(), object.Full).Append(nil, []byte(in))
	require.ErrorContains(t, err, "a name twice")
	for _, level := range []object.Level{object.Metadata, object.Masked, object.Full} {
		got, counts, err := rules.Filter(pod(), level).Append(nil, []byte(strings.Replace(in, `"example.com/team":"blue",`, "", 1)))
		require.NoError(t, err)
		assert.Contains(t, string(got), `"e\u0078ample.com/te\u0061m":"green"`)
		assert.NotContains(t, string(got), `"x"`)
		assert.Equal(t, object.Counts{Masked: 6}, counts)
	}
}

// TestTripwire is what does not leave even where somebody asked for all strings.
func TestTripwire(t *testing.T) {
	t.Parallel()
	key := "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n" //nolint:gosec // the label of one, without one
	certificate := "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n"
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl"
	letters := strings.Repeat("a1B2", 16)
	caught := []string{
		key, certificate + key, "-----BEGIN PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----",
		base64.StdEncoding.EncodeToString([]byte(key)), base64.StdEncoding.EncodeToString([]byte(certificate + "\n"))[:12] + base64.StdEncoding.EncodeToString([]byte(key)),
		jwt, "Authorization: Bearer " + jwt, "--token=ghp_" + letters[:36], "github_pat_" + letters, "glpat-" + letters[:20], "AKIA" + letters[:16],
		"https://x/?key=AIza" + letters[:35], "xoxb-" + letters[:12], "sk_live_" + letters[:24], "hvs." + letters, "npm_" + letters[:36], "sha256~" + letters[:43],
		"SG." + letters[:22] + "." + letters[:43], "AGE-SECRET-KEY-1" + letters,
	}
	for _, text := range caught {
		in, err := jsontext.AppendQuote(nil, text)
		require.NoError(t, err)
		got, counts := appendTo(t, widget(), object.Full, `{"spec":{"a":`+string(in)+`}}`)
		assert.Contains(t, got, `"a":"[redacted]"`, text)
		assert.Equal(t, object.Counts{Masked: 1, Caught: 1}, counts)
	}
	for _, text := range []string{
		certificate, base64.StdEncoding.EncodeToString([]byte(certificate)), "eyJhbGciOiJSUzI1NiJ9", "sha256:" + letters, "AKIAx", "xghp_" + letters, "hunter2",
		"ghp_short", "system:serviceaccount:kube-system:generic-garbage-collector", "eyJ.eyJ.", "a PRIVATE KEY",
	} {
		in, err := jsontext.AppendQuote(nil, text)
		require.NoError(t, err)
		got, _ := appendTo(t, widget(), object.Full, `{"spec":{"a":`+string(in)+`}}`)
		assert.Contains(t, got, string(in))
	}
	got, counts := appendTo(t, pod(), object.Masked, `{"metadata":{"labels":{"a":"ghp_`+letters[:36]+`"}}}`)
	assert.Contains(t, got, `"a":"[redacted]"`)
	assert.Equal(t, object.Counts{Masked: 1, Caught: 1}, counts)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{ //nolint:gosec // no credentials of anybody
		`https://example.com/hook`:           `https://example.com/hook`,
		`https://u:p@example.com/hook`:       `https://[redacted]@example.com/hook`,
		`https://u:p/w@example.com/hook`:     `https://[redacted]@example.com/hook`,
		`https://u:p?w@example.com/hook`:     `https://[redacted]@example.com/hook`,
		`https://@example.com`:               `https://[redacted]@example.com`,
		`https://example.com/hook?token=x`:   `https://example.com/hook?[redacted]`,
		`https://example.com/hook#x`:         `https://example.com/hook#[redacted]`,
		`https://u@example.com?a=b@c.d#x`:    `https://[redacted]@c.d#[redacted]`,
		`u:p@host/x`:                         `[redacted]@host/x`,
		`u@p://host/x`:                       `[redacted]@p://host/x`,
		`/path?x=y`:                          `/path?[redacted]`,
		`https://u:p\u0040example.com/hook`:  `[redacted]`,
		`https:\/\/example.com\/hook`:        `https:\/\/example.com\/hook`,
		`https://example.com/?a=1\u0026b=2`:  `[redacted]`,
		`https://[redacted]@x/?[redacted]`:   `https://[redacted]@x/?[redacted]`,
		`https://[2001:db8::1]:8443/convert`: `https://[2001:db8::1]:8443/convert`,
	} {
		hook := object.Type{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "MutatingWebhookConfiguration", BuiltIn: true}
		got, _ := appendTo(t, hook, object.Masked, `{"webhooks":[{"clientConfig":{"url":"`+in+`"},"name":"n"}]}`)
		assert.Contains(t, got, `{"clientConfig":{"url":"`+want+`"},"name":"n"}`)
	}
}

func TestAppendAllocates(t *testing.T) {
	custom := object.Type{Group: "a-group-with-a-long-name.example.com", Version: "v1alpha1", Kind: "KindWithALongNameThatIsNotOnTheStack"}
	for kind, text := range map[object.Type]string{
		pod():  examplePod("1"),
		custom: `{"apiVersion":"a-group-with-a-long-name.example.com/v1alpha1","kind":"KindWithALongNameThatIsNotOnTheStack","spec":{"\u0061":["a",{"xRef":{"name":"b"}}]}}`,
	} {
		filter := object.NewRules(nil).Filter(kind, object.Masked)
		dst := make([]byte, 0, 2*len(text))
		in := []byte(text)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			if _, _, err := filter.Append(dst, in); err != nil {
				t.Fatal(err)
			}
		}))
	}
}
