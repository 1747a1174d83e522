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

// TestPanicOfARunIsALineAndASummary has a mistake in a run and in one of its phases.
func TestPanicOfARunIsALineAndASummary(t *testing.T) {
	t.Parallel()
	mistake := func() { panic("index\nout of \x1b[31mrange") }
	for part, do := range map[string]func(*phases) error{
		"run": func(*phases) error {
			mistake()
			return nil
		},
		"phase": func(p *phases) error {
			p.plan = &Plan{Cluster: "prod"}
			_, err := phase(&p.seconds.Pods, func() (reading, error) {
				mistake()
				return reading{}, nil
			})
			return err
		},
	} {
		for _, level := range []string{"info", "debug"} {
			var stdout, stderr bytes.Buffer
			inv := Invocation{Stdout: &stdout, Stderr: &stderr, Flags: map[string]string{"log.level": level, "log.structured": "true"}}
			var p phases
			code := Start(t.Context(), inv, Command{
				Do:  func(context.Context, *Session) error { return do(&p) },
				End: func(ctx context.Context, s *Session, err error) Code { return conclude(ctx, s, p, err) },
			})
			assert.Equal(t, Unexpected, code, part)
			assert.Empty(t, stdout.String())
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			var last struct {
				Summary struct {
					Code    int `json:"exit_code"`
					Reason  string
					Cluster string
				}
			}
			require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last), stderr.String())
			assert.Equal(t, 1, last.Summary.Code)
			assert.Contains(t, last.Summary.Reason, "a mistake in the program (panic): index out of")
			assert.Equal(t, part == "phase", last.Summary.Cluster == "prod", "what came before stays known")
			assert.NotContains(t, stderr.String(), "\x1b")
			assert.Equal(t, level == "debug", strings.Contains(stderr.String(), "goroutine "), part+level)
		}
	}
}

// panics is a stream in which a mistake shows.
type panics struct{}

func (panics) Write([]byte) (int, error) { panic(errors.New("a stream that panics")) }

func TestPanicOfACommandLineIsALine(t *testing.T) {
	t.Parallel()
	for _, words := range [][]string{{"help"}, {"help", "-debug"}, {"help", "-set", "log.level=DEBUG"}} {
		var stderr bytes.Buffer
		code := Guard(&stderr, words, nil, func() Code { panic("help") })
		assert.Equal(t, Unexpected, code)
		line, rest, _ := strings.Cut(stderr.String(), "\n")
		assert.Equal(t, "stocktake: a mistake in the program (panic): help", line)
		assert.Equal(t, len(words) > 1, strings.Contains(rest, "goroutine "), words)
		assert.Equal(t, len(words) == 1, rest == "", words)
	}
	assert.Equal(t, Unexpected, Guard(panics{}, nil, nil, func() Code { panic("twice") }), "nowhere to say so")
	assert.Equal(t, Different, Guard(panics{}, nil, nil, func() Code { return Different }))
}
