package settings

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestListsThatGoPrinted has lists as a template without toYaml writes them.
func TestListsThatGoPrinted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[owner team*]", `["owner team*"]`, "['[owner team*]']", "owner team*"} {
		p, err := ReadPatterns("x", strings.Split(lines(text), "\n"), MetadataKey)
		require.NoError(t, err, text)
		assert.Equal(t, []bool{true, true, false}, []bool{p.Match("owner"), p.Match("teamname"), p.Match("app")}, text)
	}
}

func TestEntriesThatCanMatchNothingAreRefused(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"map[]", "map[app:x]", "<nil>", "<no value>", "%!s(int=1)", "app,version", "app=web", `"app"`, "app:*", "ä"} {
		_, err := ReadPatterns("metadata-collection.pods.labels", []string{entry}, MetadataKey)
		require.ErrorIs(t, err, ErrInvalid, entry)
		require.ErrorContains(t, err, "metadata-collection.pods.labels")
	}
	for _, entry := range []string{"kube-system,default", "Default", "a:b", "map[]", "<nil>"} {
		_, err := ReadPatterns("namespace-selectors.exclude", []string{entry}, ExcludedNamespace)
		require.ErrorIs(t, err, ErrInvalid, entry)
	}
	for _, entry := range []string{"map[0-9]+", "map[[:alpha:]]", "^a{1,3}$", "-dev", "/a b/", "[a-c].*"} {
		_, err := ReadPatterns("namespace-selectors.exclude", []string{entry}, ExcludedNamespace)
		require.NoError(t, err, entry)
	}
}
