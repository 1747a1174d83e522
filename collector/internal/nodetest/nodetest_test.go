//go:build linux

package nodetest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStartRefusesToTouchTheMachine(t *testing.T) {
	t.Setenv(mark, "1") // the first process of a process namespace is not this one
	_, err := Start(t.Context(), Options{Programs: t.TempDir()})
	require.ErrorContains(t, err, "not in namespaces of its own")
	assert.NoDirExists(t, stateDir)
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want string
		lines      int
	}{
		{"", "", 3},
		{"one", "one", 3},
		{"one\ntwo\nthree\n", "two\nthree", 2},
		{"one\ntwo\n\n\n", "two", 1},
		{"one\ntwo", "one\ntwo", 2},
	} {
		assert.Equal(t, tt.want, string(lastLines([]byte(tt.text), tt.lines)), "%q", tt.text)
	}
}

func TestRemoveTreeRemovesFoldersAndNothingElse(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "k8s.io")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "pod", "container"), 0o700))
	require.NoError(t, os.MkdirAll(filepath.Join(root, "used"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, "used", "file"), nil, 0o600))

	require.Error(t, removeTree(root))
	assert.FileExists(t, filepath.Join(root, "used", "file"))

	require.NoError(t, os.Remove(filepath.Join(root, "used", "file")))
	require.NoError(t, removeTree(root))
	assert.NoDirExists(t, root)
	require.NoError(t, removeTree(root), "there is nothing to do")
}

func TestIdentityServesItsAddress(t *testing.T) {
	t.Parallel()
	id, err := newIdentity(t.TempDir(), "kubernetes", serviceIP)
	require.NoError(t, err)
	pair, err := tls.LoadX509KeyPair(id.certificate, id.key)
	require.NoError(t, err)
	require.NoError(t, pair.Leaf.VerifyHostname(serviceIP))
	require.Error(t, pair.Leaf.VerifyHostname(NodeIP))
}

func TestGatewayStallsWithoutClosing(t *testing.T) {
	t.Parallel()
	gateway := gatewayTo(t, strings.Repeat("x", 1000))
	assert.Len(t, readAll(t, gateway), 1000)

	gateway.StallAfter(100)
	conn, err := net.Dial("tcp", gateway.listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.ReadFull(conn, make([]byte, 100))
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "silence, not an end")
	assert.EqualValues(t, 1, gateway.Stalled())

	gateway.Flow()
	assert.Len(t, readAll(t, gateway), 1000)
}

// gatewayTo forwards to a server that says one thing and hangs up.
func gatewayTo(t *testing.T, text string) *Gateway {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	gateway, err := openGateway(ctx, "127.0.0.1:0", server.Addr().String())
	require.NoError(t, err)
	return gateway
}

func readAll(t *testing.T, gateway *Gateway) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", gateway.listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	data, err := io.ReadAll(conn)
	require.NoError(t, err)
	return data
}
