package saved

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/version"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// kinds are all kinds of body, with what a strict receiver says to them.
func kindsChecked() map[payload.Kind]func([]byte) error {
	return map[payload.Kind]func([]byte) error{
		payload.Anchore:   anchoretest.CheckV2,
		payload.KAI:       anchoretest.CheckKAI,
		payload.Stocktake: func(body []byte) error { return checkNative(strings.NewReader(string(body))) },
	}
}

// ofServer is the body of a small cluster whose API server gave that answer.
func ofServer(t *testing.T, kind payload.Kind, server inventory.ServerVersion) string {
	t.Helper()
	c := newCluster(10, 2, 2)
	c.head.Server = server
	return string(clustertest.ReadAll(t, c.build(t, kind, payload.Options{})[0].Plain()))
}

func TestVersionIsWrittenAsTheServerAnswers(t *testing.T) {
	t.Parallel()
	answer, err := json.Marshal(version.Info{
		Major: "1", Minor: "36", GitVersion: "v1.36.3", GitCommit: "0123456789abcdef0123456789abcdef01234567", GitTreeState: "clean",
		BuildDate: "2026-02-03T04:05:06Z", GoVersion: "go1.26.0", Compiler: "gc", Platform: "linux/amd64",
	})
	require.NoError(t, err)
	var server inventory.ServerVersion
	require.NoError(t, json.Unmarshal(answer, &server))
	assert.Equal(t, clustertest.Server(), server)
	for kind := range kindsChecked() {
		assert.Contains(t, ofServer(t, kind, server), `:`+string(answer), kind)
	}
}

// TestWholeVersionIsPassedOn: what newer releases and distributions say besides
// stays, whatever its form, and comes back when a saved body is read.
func TestWholeVersionIsPassedOn(t *testing.T) {
	t.Parallel()
	const answer = `{"major":"1","minor":"36","emulationMajor":"1","emulationMinor":"35","minCompatibilityMajor":"1","minCompatibilityMinor":"34",` +
		`"gitVersion":"v1.36.3","gitCommit":"0a","gitTreeState":"clean","buildDate":"2026-02-03T04:05:06Z","goVersion":"go1.26.0","compiler":"gc","platform":"linux/amd64",` +
		`"vendor":{"b":[1.50,null,true],"a":"<\u001b>"},"Major":"other","emulationMajor":"2"}`
	const others = `"emulationMajor":"2","emulationMinor":"35","minCompatibilityMajor":"1","minCompatibilityMinor":"34",` +
		`"vendor":{"a":"\u003c\u001b\u003e","b":[1.50,null,true]},"Major":"other"}`
	var server inventory.ServerVersion
	require.NoError(t, json.Unmarshal([]byte(answer), &server))
	plain := clustertest.Server()
	for kind, check := range kindsChecked() {
		body := ofServer(t, kind, server)
		require.NoError(t, check([]byte(body)), kind)
		assert.Contains(t, body, `"platform":"linux/amd64",`+others, kind)
		assert.Equal(t, body, string(rebuild(t, []byte(body), payload.Options{})), kind)

		loaded, _ := load(t, []byte(body), payload.Options{})
		assert.Equal(t, server, loaded.Server, kind)
		assert.Contains(t, ofServer(t, kind, plain), `"platform":"linux/amd64"}`, "no field that the server did not name")
	}
}

// TestVersionThatIsNotKnown: Anchore's collectors write null, and the native body
// leaves out what it does not know.
func TestVersionThatIsNotKnown(t *testing.T) {
	t.Parallel()
	for kind, check := range kindsChecked() {
		body := ofServer(t, kind, inventory.ServerVersion{})
		require.NoError(t, check([]byte(body)), kind)
		if kind == payload.Stocktake {
			assert.NotContains(t, body, `"version"`)
		} else {
			assert.Contains(t, body, `,"serverVersionMetadata":null,"timestamp":`)
		}
		assert.Equal(t, body, string(rebuild(t, []byte(body), payload.Options{})), kind)

		loaded, _ := load(t, []byte(body), payload.Options{})
		assert.Zero(t, loaded.Server, kind)
	}
	loaded, _ := load(t, []byte(strings.Replace(tinyKAI, `{"major":"1"}`, `{}`, 1)), payload.Options{})
	assert.Zero(t, loaded.Server, "an object without a version tells none either")
}
