package view

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector"
)

// panics is a stream in which a mistake shows.
type panics struct{}

func (panics) Read([]byte) (int, error) { panic(errors.New("a stream that panics")) }

func TestPanicOfACommandIsALine(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"", "debug"} {
		var stderr bytes.Buffer
		inv := collector.Invocation{Config: t.TempDir(), Stdin: panics{}, Stdout: &stderr, Stderr: &stderr}
		if level != "" {
			inv.Flags = map[string]string{"log.level": level}
		}
		code := Images(t.Context(), inv, collector.Query{File: "-"}, ImageOptions{})
		assert.Equal(t, collector.Unexpected, code)
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		assert.Equal(t, "stocktake: a mistake in the program (panic): a stream that panics", lines[len(lines)-1])
		assert.Equal(t, level == "debug", strings.Contains(stderr.String(), "goroutine "))
		assert.Equal(t, level == "", len(lines) == 1)
	}
}
