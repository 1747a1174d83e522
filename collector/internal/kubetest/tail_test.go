package kubetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTailKeepsTheLastWholeLines(t *testing.T) {
	t.Parallel()
	var kept tail
	for i := range 1000 {
		_, _ = fmt.Fprintf(&kept, "line %d\n", i)
	}
	lines := strings.Split(kept.String(), "\n")
	assert.Equal(t, "line 999", lines[len(lines)-1])
	assert.Regexp(t, `^line \d+$`, lines[0])
	assert.Greater(t, len(lines), 100)
}

func TestTailKeepsAShortTextWhole(t *testing.T) {
	t.Parallel()
	var kept tail
	_, _ = kept.Write([]byte("only this\n"))
	assert.Equal(t, "only this", kept.String())
}
