package kube

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// unseen is a visitor of a listing that never comes.
type unseen struct{}

func (unseen) Pod(*inventory.Pod) error         { return nil }
func (unseen) End(string, *inventory.Gap) error { return nil }

// TestPanicBesideTheReaderIsAnError has a mistake in the goroutines that ask ahead of
// the reader, where nobody else could catch it.
func TestPanicBesideTheReaderIsAnError(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer server.Close()
	opts := usual(100)
	opts.OnEvent = func(Event) { panic("a mistake") }
	c := dial(t, &rest.Config{Host: server.URL}, opts)
	defer c.Close()
	_, err := c.Pods(t.Context(), unseen{})
	requireMistake(t, err)
	_, _, err = c.NamespacesNamed(t.Context(), []string{"a", "b"})
	requireMistake(t, err)
}

func requireMistake(t *testing.T, err error) {
	t.Helper()
	var caught *Panic
	require.ErrorAs(t, err, &caught)
	assert.Contains(t, err.Error(), "a mistake in the program (panic): a mistake")
	assert.Contains(t, string(caught.Stack), "panic_test.go")
	for _, remedy := range []error{settings.ErrInvalid, ErrRefused, ErrUnavailable} {
		assert.NotErrorIs(t, err, remedy)
	}
}

func TestPanicIsOneShortLine(t *testing.T) {
	t.Parallel()
	err := Caught(func() error { panic("a\n\tb" + strings.Repeat("x", 1000)) })
	require.ErrorContains(t, err, "a bxxx")
	assert.Less(t, len(err.Error()), 400)
	assert.NotContains(t, err.Error(), "\n")
	other := errors.New("other")
	require.ErrorIs(t, Caught(func() error { return other }), other)
	require.NoError(t, Caught(func() error { return nil }))
}
