package kubeconfig

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFormsOfNames are those that may be repeated in an error; all else may be a secret.
func TestFormsOfNames(t *testing.T) {
	t.Parallel()
	lineOf := func(text string) bool { line, ok := lineOfFault(errors.New(text)); return ok && line == "12" }
	for name, c := range map[string]struct {
		is      func(string) bool
		yes, no []string
	}{
		"kind":    {isKind, []string{"Secret", "A", strings.Repeat("K", 63)}, []string{"", "secret", "S3cret", "A b", "A\n", strings.Repeat("K", 64)}},
		"version": {isVersion, []string{"v1", "client.authentication.k8s.io/v1beta1", "a/v1"}, []string{"", "v", "1", "/v1", "vx", "A/v1", "a/b/v1", "v1 ", "v" + strings.Repeat("1", 22)}},
		"program": {isProgram, []string{"aws", "gke-gcloud_auth.plugin+1", "7z"}, []string{"", "-x", "a b", "a=b", strings.Repeat("a", 65)}},
		"word":    {isPlain, []string{"get-token", "a"}, []string{"", "-a", "A", "a1", "a b"}},
		"line":    {lineOf, []string{"yaml: line 12: x", "error: yaml: line 12:"}, []string{"yaml: line 12", "yaml: line s3cret:", "line 12:", "yaml: line :"}},
	} {
		for _, text := range c.yes {
			assert.True(t, c.is(text), "%s %q", name, text)
		}
		for _, text := range c.no {
			assert.False(t, c.is(text), "%s %q", name, text)
		}
	}
}
