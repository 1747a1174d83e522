package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPanicOfARunIsALineAndASummary has a mistake in each part of a run.
func TestPanicOfARunIsALineAndASummary(t *testing.T) {
	t.Parallel()
	mistake := func() { panic("index\nout of \x1b[31mrange") }
	for part, c := range map[string]struct {
		prepare func(*run) error
		do      func(*run, context.Context) error
	}{
		"prepare": {func(*run) error { mistake(); return nil }, (*run).collect},
		"collect": {func(*run) error { return nil }, func(*run, context.Context) error { mistake(); return nil }},
	} {
		for _, level := range []string{"info", "debug"} {
			var stdout, stderr bytes.Buffer
			inv := Invocation{Stdout: &stdout, Stderr: &stderr, Flags: map[string]string{"log.level": level, "log.structured": "true"}}
			code := execute(t.Context(), inv, c.prepare, c.do)
			assert.Equal(t, Unexpected, code, part)
			assert.Empty(t, stdout.String())
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			var last struct {
				Summary struct {
					Code   int `json:"exit_code"`
					Reason string
				}
			}
			require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last), stderr.String())
			assert.Equal(t, 1, last.Summary.Code)
			assert.Contains(t, last.Summary.Reason, "a mistake in the program (panic): index out of")
			assert.NotContains(t, stderr.String(), "\x1b")
			assert.Equal(t, level == "debug", strings.Contains(stderr.String(), "goroutine "), part+level)
		}
	}
}

// panics is a stream in which a mistake shows.
type panics struct{}

func (panics) Write([]byte) (int, error) { panic(errors.New("a stream that panics")) }
func (panics) Read([]byte) (int, error)  { panic(errors.New("a stream that panics")) }

func TestPanicOfACommandIsALine(t *testing.T) {
	t.Parallel()
	for _, words := range [][]string{{"images"}, {"images", "-debug"}, {"images", "-set", "log.level=DEBUG"}} {
		var stderr bytes.Buffer
		code := Guard(&stderr, words, nil, func() Code {
			return Images(context.Background(), Invocation{Stdin: panics{}, Stdout: &stderr, Stderr: &stderr}, Query{File: "-"}, ImagesView{})
		})
		assert.Equal(t, Unexpected, code)
		line, rest, _ := strings.Cut(stderr.String(), "\n")
		assert.Equal(t, "stocktake: a mistake in the program (panic): a stream that panics", line)
		assert.Equal(t, len(words) > 1, strings.Contains(rest, "goroutine "), words)
		assert.Equal(t, len(words) == 1, rest == "", words)
	}
	assert.Equal(t, Unexpected, Guard(panics{}, nil, nil, func() Code { panic("twice") }), "nowhere to say so")
	assert.Equal(t, Different, Guard(panics{}, nil, nil, func() Code { return Different }))
}
