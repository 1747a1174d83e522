package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// examined shows one check of each verdict on a screen.
func examined(t *testing.T, s Screen) string {
	t.Helper()
	var out bytes.Buffer
	c := NewChecks(&out, s)
	for _, check := range []Check{
		{"settings", Passed, "the cluster is called prod", ""},
		{"API server https://127.0.0.1", Failed, "may not list nodes", "have an administrator grant it: stocktake rbac prints the least role for these settings"},
		{"API server https://127.0.0.1", Unchecked, "clock", ""},
		{"receiver", Warned, "no TLS: whoever is in between can read what is sent, and the password", "write https:// in anchore.url"},
	} {
		require.NoError(t, c.Add(check))
	}
	require.NoError(t, c.Conclude(Failed, "A run would end with exit code 3"))
	return out.String()
}

func TestChecksInAPipeAreWholeAndPlain(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `settings
  ok    the cluster is called prod

API server https://127.0.0.1
  fail  may not list nodes
        → have an administrator grant it: stocktake rbac prints the least role for these settings
  -     not checked: clock

receiver
  warn  no TLS: whoever is in between can read what is sent, and the password
        → write https:// in anchore.url

A run would end with exit code 3
`, examined(t, Screen{}))
}

func TestChecksFitTheScreen(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 200} {
		for line := range strings.Lines(examined(t, Screen{Width: width})) {
			assert.LessOrEqual(t, columnsOf(strings.TrimSuffix(line, "\n")), width)
		}
	}
	assert.Contains(t, examined(t, Screen{Width: 60}), `
        → have an administrator grant it: stocktake rbac
          prints the least role for these settings
`)
	assert.Equal(t, examined(t, Screen{}), examined(t, Screen{Width: 200}))
	assert.NotEmpty(t, examined(t, Screen{Width: 3}), "a terminal that cannot be")
}

func TestChecksAreColouredByVerdict(t *testing.T) {
	t.Parallel()
	text := examined(t, Screen{Width: 80, Colour: true})

	for _, part := range []string{"\x1b[1msettings\x1b[0m", "\x1b[32mok\x1b[0m    the", "\x1b[31mfail\x1b[0m  may", "\x1b[33mwarn\x1b[0m  no", "\x1b[2m-\x1b[0m     not", "\x1b[31mA run"} {
		assert.Contains(t, text, part)
	}
}

func TestChecksEscapeWordsOfStrangers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, NewChecks(&out, Screen{}).Add(Check{"a\x1b[2J", Failed, "b\x1b[2Jc\nd", "e\re"}))

	assert.Equal(t, "a\\x1b[2J\n  fail  b\\x1b[2Jc\\nd\n        → e\\re\n", out.String())
}

func TestChecksAsJSONAreOneObject(t *testing.T) {
	t.Parallel()
	c := NewChecks(nil, Screen{})
	require.NoError(t, c.Add(Check{"settings", Passed, "fine & <well>", ""}))
	require.NoError(t, c.Add(Check{"receiver", Failed, "down", "up"}))
	var out bytes.Buffer
	require.NoError(t, c.JSON(&out, 5, "down"))

	assert.Contains(t, out.String(), "fine & <well>")
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, map[string]any{
		"checks": []any{
			map[string]any{"area": "settings", "verdict": "ok", "says": "fine & <well>"},
			map[string]any{"area": "receiver", "verdict": "fail", "says": "down", "advice": "up"},
		},
		"exit_code": 5.0, "reason": "down",
	}, got)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestChecksThatCannotBeShownAreAnError(t *testing.T) {
	t.Parallel()
	c := NewChecks(full{}, Screen{})

	require.ErrorContains(t, c.Add(Check{"a", Passed, "b", ""}), "no space left")
	require.ErrorContains(t, c.Conclude(Passed, "c"), "no space left")
	require.ErrorContains(t, c.JSON(full{}, 0, ""), "no space left")
}
