package collector

import (
	"bytes"
	"io"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBodiesArePrintedByteForByteButOnATerminal(t *testing.T) {
	t.Parallel()
	const body = "{\"a\":\"\u202egnp \u009b2J\"}"
	var pipe bytes.Buffer
	_, err := io.WriteString(forTerminal(&pipe), body)
	require.NoError(t, err)
	assert.Equal(t, body, pipe.String()) //nolint:testifylint // the bytes count, not the value

	screen, terminal, err := pty.Open()
	require.NoError(t, err)
	defer screen.Close()   //nolint:errcheck // of a test
	defer terminal.Close() //nolint:errcheck // likewise
	_, err = io.WriteString(forTerminal(terminal), body+"\n")
	require.NoError(t, err)
	line := make([]byte, 100)
	n, err := screen.Read(line)
	require.NoError(t, err)
	assert.Equal(t, `{"a":"\u202egnp \u009b2J"}`+"\r\n", string(line[:n])) //nolint:testifylint // likewise
}
