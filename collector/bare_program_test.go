package collector_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProgramAloneTellsAPersonHowToGoOn(t *testing.T) {
	screen, stdout, code := terminal(t, call{})
	assert.Equal(t, 2, code)
	assert.Empty(t, stdout)
	assert.Contains(t, screen, "nothing says which cluster this is")
	assert.Contains(t, screen, "   stocktake images ")
	assert.NotContains(t, screen, "ERR", "it is not a run that failed")

	screen, _, code = terminal(t, call{args: []string{"-set", "deadline=1m"}})
	assert.Equal(t, 2, code)
	assert.Contains(t, screen, "the cluster has no name", "who sets something is told what is missing")

	screen, _, code = terminal(t, call{env: []string{"KUBERNETES_SERVICE_HOST=192.0.2.1"}})
	assert.Equal(t, 2, code)
	assert.Contains(t, screen, "the cluster has no name", "a pod with a terminal is still a pod")

	got := run(t, call{})
	assert.Equal(t, 2, got.summary.Code, "a run that programs read ends as every run does")
}
