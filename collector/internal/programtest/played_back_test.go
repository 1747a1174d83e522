package programtest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

// TestPasswordThatIsPlayedBackIsShownNowhere: not in a log as JSON, not in one for
// people, not in the summary, not in the termination message. Its parts that no
// spelling changes are looked for, and what stands in its place.
func TestPasswordThatIsPlayedBackIsShownNowhere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/collector/deliver/testdata/played-back.tsv")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		name, spelling, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for _, form := range []string{"true", "false"} {
			t.Run(name+", structured "+form, func(t *testing.T) {
				t.Parallel()
				receiver, at := anchoretest.Start(t, anchoretest.Options{})
				receiver.FailNext(1, anchoretest.Fault{Status: 401, ContentType: "text/plain", Body: "bad login " + spelling})
				kubeconfig := (&scriptedServer{paths: usualPaths([]string{"aa"}, podObject("aa", "a0"))}).serve(t)
				got := inside(t, call{
					args: []string{"-external", kubeconfig, "-set", "log.level=debug", "-set", "log.structured=" + form, "-set", "anchore.api-version=v2"},
					env:  []string{"ANCHORE_URL=" + at, "ANCHORE_USER=u", `ANCHORE_PASSWORD=p&ss<w>"rd'/é 1?x=+%zz`, "CLUSTER_ID=prod"},
				})
				assert.Equal(t, 4, got.code, got.stderr)
				all := got.stdout + got.stderr + got.termination
				for _, part := range []string{"zz", "p%26ss", "p&ss", "p&amp;ss", `p\u0026ss`, "dTpw"} {
					assert.NotContains(t, all, part)
				}
				assert.Contains(t, got.stderr, "bad login [redacted]")
				assert.Contains(t, got.termination, "bad login [redacted]")
				if form == "true" {
					assert.Contains(t, got.summary.Reason, "bad login [redacted]")
				}
			})
		}
	}
}
