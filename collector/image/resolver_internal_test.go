package image

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestResolverStartsOverWhenFull(t *testing.T) {
	t.Parallel()
	resolver := NewResolver()
	for n := range maxRemembered {
		resolver.Resolve(Facts{Spec: "r.io/x:1", Status: strconv.Itoa(n)})
	}
	assert.Len(t, resolver.known, maxRemembered)

	assert.Equal(t, "new", resolver.Resolve(Facts{Spec: "r.io/x:1", Status: "new"}).Observed)
	assert.Len(t, resolver.known, 1)
}

func TestResolverForgetsHugeStrings(t *testing.T) {
	t.Parallel()
	resolver := NewResolver()
	resolver.Resolve(Facts{Spec: strings.Repeat("x", maxRememberedLength+1)})
	assert.Empty(t, resolver.known)
	resolver.Resolve(Facts{Spec: strings.Repeat("x", maxRememberedLength)})
	assert.Len(t, resolver.known, 1)
}
