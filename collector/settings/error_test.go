package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorsSayWhereAValueCameFrom(t *testing.T) {
	t.Parallel()
	given := Given{Values: map[string]Value{
		"deadline": {"-1m", "environment STOCKTAKE_DEADLINE"}, "output": {"", "file /etc/config/output"},
		"account-routes": {"", "file a.yaml line 3"}, "quiet": {"", "file \x1b[2J"},
	}}
	for want, err := range map[string]error{
		"settings: deadline: -1m is no time (from environment STOCKTAKE_DEADLINE)":                 Invalid("deadline", "%s is no time", "-1m"),
		"settings: output is x (from file /etc/config/output)":                                     About("output", "output is %s", "x"),
		"settings: account-routes.a.b.user: missing (from file a.yaml line 3)":                     Invalid("account-routes.a.b.user", "missing"),
		`settings: account-routes."x": bad (from file a.yaml line 3)`:                              Invalid(`account-routes."x"`, "bad"),
		`settings: quiet: bad (from file \x1b[2J)`:                                                 Invalid("quiet", "bad"),
		"read: settings: deadline: bad: file does not exist (from environment STOCKTAKE_DEADLINE)": fmt.Errorf("read: %w", Invalid("deadline", "bad: %w", fs.ErrNotExist)),
		"settings: deadlines: bad":                                                                 Invalid("deadlines", "bad"), // has its default
		"settings: -o: bad":                                                                        Invalid("-o", "bad"),
		"settings: nowhere to deliver to":                                                          fmt.Errorf("%w: nowhere to deliver to", ErrInvalid),
		"settings: deadline: bad (from flag)":                                                      escaped{Invalid("deadline", "bad (from flag)")},
		"another\nsettings: output: bad (from file /etc/config/output)\nsettings: -o: bad":         errors.Join(errors.New("another"), errors.Join(Invalid("output", "bad"), Invalid("-o", "bad"))),
	} {
		got := given.Locate(err)
		require.EqualError(t, got, want)
		require.EqualError(t, given.Locate(got), want, "once is enough")
		assert.Equal(t, errors.Is(err, ErrInvalid), errors.Is(got, ErrInvalid), want)
		assert.Equal(t, errors.Is(err, fs.ErrNotExist), errors.Is(got, fs.ErrNotExist), want)
	}
	require.NoError(t, given.Locate(nil))
	require.NoError(t, Given{}.Locate(nil))
}
