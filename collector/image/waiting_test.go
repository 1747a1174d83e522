package image_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/image"
)

// waitingCases are containers that wait for their image, or to be created, while
// their status still has an imageID.
func waitingCases() []factsCase {
	waiting := func(spec, status, id string) image.Facts {
		return image.Facts{Spec: spec, Status: status, ImageID: id, Runtime: image.PlainRuntime, Waiting: true}
	}
	crio := func(spec, status, id string) image.Facts {
		return image.Facts{Spec: spec, Status: status, ImageID: id, Runtime: image.ResolvingRuntime, Waiting: true}
	}
	const old, app, redhat = image.OldStatus, "r.io/shop/app", "registry.access.redhat.com"

	return []factsCase{
		{"another tag (kubernetes#92297)", waiting(app+":2.0-typo", app+":1.0", app+"@"+digA), app + ":2.0-typo", old, ""},
		{"another repository", waiting("r.io/shop/ap:1.0", app+":1.0", app+"@"+digA), "r.io/shop/ap:1.0", old, ""},
		{"another registry", waiting("q.io/shop/app:1.0", app+":1.0", app+"@"+digA), "q.io/shop/app:1.0", old, ""},
		{"another tag, known by its config id", waiting(app+":2", app+":1", digC), app + ":2", old, ""},
		{"another tag, and an imageID of no known form", waiting(app+":2", app+":1", "garbage"), app + ":2", old, ""},
		{"a pinned digest is still the spec's", waiting(app+":2@"+digB, app+":1", app+"@"+digA), app + ":2@" + digB, old, ""},
		{"no tag is latest, which is not 1.0", waiting("nginx", "docker.io/library/nginx:1.0", "docker.io/library/nginx@"+digA), "docker.io/library/nginx", old | image.TagImplied, ""},
		{"the status has an id for a name", waiting(app+":2", digC, app+"@"+digA), app + ":2", old, ""},
		{"the status has no name", waiting(app+":2", "", app+"@"+digA), app + ":2", old, ""},
		{"the status was pinned", waiting(app+":2", app+"@"+digA, app+"@"+digA), app + ":2", old, ""},

		{"nothing was said yet", waiting(app+":2", app+":1", ""), app + ":2", 0, ""},
		{"the same image: what ran last", waiting(app+":1", app+":1", app+"@"+digA), app + ":1@" + digA, 0, ""},
		{"the same image in other words", waiting("nginx:1", "docker.io/library/nginx:1", "docker.io/library/nginx@"+digA), "docker.io/library/nginx:1@" + digA, 0, ""},
		{"the same image, latest", waiting("nginx", "docker.io/library/nginx:latest", "docker.io/library/nginx@"+digA), "docker.io/library/nginx@" + digA, image.TagImplied, ""},
		{"the same image, known by its config id", waiting(app+":1", app+":1", digC), app + ":1", image.ConfigIDOnly, ""},
		{"the same image, of another repository", waiting("nginx:1", "docker.io/library/nginx:1", "r.io/nginx@"+digA), "docker.io/library/nginx:1@" + digA, image.ForeignDigest, "r.io/nginx"},
		{"the pinned digest", waiting(app+"@"+digA, digC, app+"@"+digA), app + "@" + digA, image.NoTag, ""},
		{"the pinned digest, known by its config id", waiting(app+"@"+digA, app+"@"+digA, hexC), app + "@" + digA, image.NoTag, ""},
		{"a pinned tag, known by its config id", waiting(app+":1@"+digA, app+":1", digC), app + ":1@" + digA, 0, ""},

		{"CRI-O has resolved it before", crio("ubi9:1", redhat+"/ubi9:1", redhat+"/ubi9@"+digA), redhat + "/ubi9:1@" + digA, image.ShortNameResolved, ""},
		{"CRI-O has resolved another", crio("ubi9:2", redhat+"/ubi9:1", redhat+"/ubi9@"+digA), "docker.io/library/ubi9:2", old, ""},
		{"an equal tag makes no alias", crio("nginx", "quay.io/shop/app:latest", "quay.io/shop/app@"+digA), "docker.io/library/nginx", old | image.TagImplied, ""},
		{"containerd resolves nothing", waiting("ubi9:1", redhat+"/ubi9:1", redhat+"/ubi9@"+digA), "docker.io/library/ubi9:1", old, ""},
	}
}

func TestResolveGivesNoDigestToAnImageThatWaits(t *testing.T) {
	t.Parallel()
	for _, test := range waitingCases() {
		test.check(t)
		assert.Equal(t, test.facts.Resolve(), image.NewResolver().Resolve(test.facts))
	}
}

func TestResolveTakesTheStatusOfAContainerThatRuns(t *testing.T) {
	t.Parallel()
	for _, test := range waitingCases() {
		test.facts.Waiting = false
		if got := test.facts.Resolve(); test.facts.ImageID != "" {
			assert.False(t, got.Flags.Has(image.OldStatus), test.name)
		}
	}
}
