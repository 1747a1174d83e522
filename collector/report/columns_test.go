package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatIsNoReferenceIsShownAsItIsWritten(t *testing.T) {
	t.Parallel()
	digest := "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

	assert.Equal(t, []string{"docker.io/library/nginx:1", "nginx:1.27@sha256:2e50", "nginx@SHA256:BEF5"},
		undigested([]string{"nginx@SHA256:BEF5", "docker.io/library/nginx:1@" + digest, "docker.io/library/nginx:1", "nginx:1.27@sha256:2e50"}))
}
