package browser

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// few is a cluster that a person can overlook.
func few() *inventory {
	i := &inventory{cluster: "prod-eu-1"}
	i.add("shop", "web", node(0), "Running", image("docker.io/library/nginx", "1.27"))
	i.use("blog", "front", node(3), "Running", 0)
	i.use("blog", "front", node(4), "Running", 0)
	i.add("shop", "cart", node(1), "Running", undigested("ghcr.io/acme/cart", "2.0"))
	i.add("shop", "cache", node(1), "Running", image("docker.io/library/redis", "8"))
	i.add("batch", "nightly", node(2), "Succeeded", implied("quay.io/acme/report"))
	i.add("batch", "broken", "", "Pending", invalid("Not A Reference"))
	i.add("lab", "trial", node(2), "Running", loaded("docker.io/library/trial", "dev"))
	return i
}

// The names of few, in the order of the page.
const (
	broken = "Not A Reference"
	nginx  = "docker.io/library/nginx:1.27"
	redis  = "docker.io/library/redis:8"
	trial  = "docker.io/library/trial:dev"
	cart   = "ghcr.io/acme/cart:2.0"
	daily  = "quay.io/acme/report:latest"
)

func everything() []string { return []string{broken, nginx, redis, trial, cart, daily} }

func TestShowsAllImagesAtFirst(t *testing.T) {
	p := open(t, few())

	assert.Equal(t, everything(), p.rows())
	assert.Equal(t, "6 images", p.status())
	assert.Equal(t, []string{"6 images", "8 pods", "4 namespaces", "3 registries", "3 without digest"},
		value[[]string](p, `[...document.querySelectorAll('.tiles div')].map((d) => d.querySelector('dd').textContent + ' ' + d.querySelector('dt').textContent)`))
	assert.False(t, value[bool](p, `document.getElementById('nothing').checkVisibility()`))
}

func TestSearch(t *testing.T) {
	tests := map[string]struct {
		typed string
		want  []string
	}{
		"by name":                   {"nginx", []string{nginx}},
		"by capital letters":        {"NGINX", []string{nginx}},
		"by tag":                    {"2.0", []string{cart}},
		"by the start of a digest":  {digestOf("docker.io/library/redis8")[:20], []string{redis}},
		"by config id":              {digestOf("docker.io/library/trial")[10:30], []string{trial}},
		"by namespace":              {"lab", []string{trial}},
		"by workload":               {"shop/statefulset/cart", []string{cart}},
		"by node":                   {"node-03", []string{nginx}},
		"by platform":               {"arm64", []string{nginx}},
		"by two words, both wanted": {"shop docker", []string{nginx, redis}},
		"for what is not there":     {"mongo", []string{}},
		"not by labels of the page": {"containers", []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := open(t, few())
			p.click("#search")
			p.keys(test.typed)

			assert.Equal(t, test.want, p.rows())
			assert.Contains(t, p.status(), fmt.Sprintf("%d of 6 images", len(test.want)))
			assert.Equal(t, len(test.want) == 0, value[bool](p, `document.getElementById('nothing').checkVisibility()`))
		})
	}
}

func TestSort(t *testing.T) {
	p := open(t, few())
	state := func() string {
		return value[string](p, `[...document.querySelectorAll('thead th[aria-sort]')].map((h) => h.textContent + ' ' + h.ariaSort).join()`)
	}
	assert.Equal(t, "Image ascending", state())

	p.click("th.pods button")
	assert.Equal(t, "Pods descending", state(), "of numbers the largest come first")
	assert.Equal(t, []string{nginx, broken, redis, trial, cart, daily}, p.rows(), "equal ones stay in the order of their names")
	p.click("th.pods button")
	assert.Equal(t, "Pods ascending", state())
	assert.Equal(t, nginx, p.rows()[5])
	p.click("th.image button")
	assert.Equal(t, "Image ascending", state())
	assert.Equal(t, everything(), p.rows())
	p.click("th.image button")
	assert.Equal(t, "Image descending", state())
	assert.Equal(t, []string{daily, cart, trial, redis, nginx, broken}, p.rows())
	p.click("th.namespaces button")
	assert.Equal(t, nginx, p.rows()[0])
	p.click("th.flags button")
	assert.Contains(t, []string{broken, trial, daily}, p.rows()[0])
	p.click("th.digest button")
	assert.Equal(t, "Digest ascending", state())
	p.click("th.platforms button")
	assert.Equal(t, "Platforms ascending", state())
	assert.Len(t, p.rows(), 6)
}

func TestFilter(t *testing.T) {
	p := open(t, few())
	p.choose("#by-registry", "docker")
	assert.Equal(t, []string{nginx, redis, trial}, p.rows())
	p.choose("#by-namespace", "shop")
	assert.Equal(t, []string{nginx, redis}, p.rows())
	assert.Equal(t, "2 of 6 images: registry docker.io, namespace shop", p.status())
	p.click("#search")
	p.keys("red")
	assert.Equal(t, []string{redis}, p.rows())
	p.click("#undo")
	assert.Equal(t, everything(), p.rows())
	assert.Equal(t, "search", value[string](p, `document.activeElement.id`))

	p.click("[value='implied latest']")
	assert.Equal(t, []string{daily}, p.rows())
	p.click("[value='invalid']")
	assert.Equal(t, []string{broken, daily}, p.rows(), "images with one flag or the other")
	assert.Equal(t, "2 of 6 images: implied latest or invalid", p.status())
}

func TestBarsFilterAndShowWhatIsLeft(t *testing.T) {
	p := open(t, few())
	bar := func(facet, name string) string {
		return fmt.Sprintf(`[data-facet=%s] .bar[data-value="%s"]`, facet, name)
	}
	state := func(selector string) string {
		return value[string](p, fmt.Sprintf(`((b) => b.querySelector('.count').textContent + ' ' + b.querySelector('.now').getAttribute('width') + ' ' + b.ariaPressed)(document.querySelector('%s'))`, selector))
	}
	assert.Equal(t, "3 100% false", state(bar("namespace", "shop")))

	p.click(bar("registry", "docker.io"))
	assert.Equal(t, []string{nginx, redis, trial}, p.rows())
	assert.Equal(t, "3 100% true", state(bar("registry", "docker.io")))
	assert.Equal(t, "0 0% false", state(bar("registry", "ghcr.io")))
	assert.Regexp(t, `^2 66\.6\d*% false$`, state(bar("namespace", "shop")))
	assert.Equal(t, "=docker.io", value[string](p, `document.getElementById('by-registry').value`))

	p.click(bar("registry", "docker.io"))
	assert.Equal(t, everything(), p.rows())
	p.click(bar("registry", "")) // of images without a name
	assert.Equal(t, []string{broken}, p.rows())
	assert.Equal(t, "1 of 6 images: registry (none)", p.status())
}

func TestDetailsOfAnImage(t *testing.T) {
	p := open(t, few())
	p.click("#search")
	p.keys("nginx")
	p.click("#rows summary")

	text := value[string](p, `document.querySelector('#rows details[open] dl').innerText`)
	for _, want := range []string{
		nginx + "@" + digestOf("docker.io/library/nginx1.27"), "3, of which 3 running", "blog, shop", "blog/StatefulSet/front\nshop/StatefulSet/web",
		node(0) + "\n" + node(3) + "\n" + node(4), "linux/amd64, linux/arm64", "3 (container)",
	} {
		assert.Contains(t, text, want)
	}
}

func TestKeyboard(t *testing.T) {
	p := open(t, few())
	focus := func() string {
		return value[string](p, `((e) => [e.tagName, e.id || e.className || e.name || e.textContent].join(' '))(document.activeElement)`)
	}
	p.keys("\t")
	assert.Equal(t, "A skip", focus())
	p.keys("\r")
	assert.Equal(t, "H2 images", focus(), "the skip link leads to the table")
	p.keys("/")
	assert.Equal(t, "INPUT search", focus())
	p.keys("nginx/x")
	assert.Empty(t, p.rows(), "a slash is typed where one types")
	p.keys("\x1b")
	assert.Equal(t, everything(), p.rows(), "Escape takes back")

	seen := []string{}
	for range 13 {
		p.keys("\t")
		seen = append(seen, focus())
		outline := value[string](p, `((e) => getComputedStyle(e.type === 'checkbox' ? e.nextElementSibling : e).outlineStyle)(document.activeElement)`)
		assert.Equal(t, "solid", outline, "%s does not show that it has the focus", focus())
	}
	assert.Equal(t, []string{
		"SELECT by-registry", "SELECT by-namespace", "INPUT flag", "INPUT flag", "INPUT flag", "INPUT flag", "INPUT flag",
		"BUTTON Image", "BUTTON Digest", "BUTTON Pods", "BUTTON Namespaces", "BUTTON Platforms", "BUTTON Flags",
	}, seen)
	p.keys("\r")
	assert.Equal(t, "Flags descending", value[string](p, `((h) => h.textContent + ' ' + h.ariaSort)(document.querySelector('[aria-sort]'))`))
	p.keys("\t\r")
	assert.True(t, value[bool](p, `document.activeElement.parentElement.open`), "Enter opens an image")
}

func TestWorksWithoutScript(t *testing.T) {
	file, _ := write(t, few())
	p := blank(t)
	p.withoutScript()
	p.visit(file)

	p.withScript() // of the test
	assert.Equal(t, everything(), p.rows())
	assert.False(t, value[bool](p, `document.getElementById('controls').checkVisibility()`), "what would not work is not shown")
	assert.Empty(t, value[[]string](p, `[...document.querySelectorAll('thead button')].map(String)`))
	p.click("#rows summary")
	assert.True(t, value[bool](p, `document.querySelector('#rows details').open`))
	require.Empty(t, p.did())
}

func TestIncompleteIsSaidFirst(t *testing.T) {
	i := few()
	i.gaps = []object{{"source": "pods of namespace vault", "reason": "403 Forbidden"}}
	file, code := write(t, i)
	assert.Equal(t, 7, code)
	p := blank(t)
	p.visit(file)

	assert.Equal(t, "Incomplete: Images of prod-eu-1", value[string](p, `document.title`))
	assert.Equal(t, "This inventory is not complete", value[string](p, `document.querySelector('main h2').textContent`))
	assert.Contains(t, value[string](p, `document.querySelector('main section').innerText`), "pods of namespace vault: 403 Forbidden")
	assert.NotContains(t, value[string](p, `document.querySelector('header').innerText`), "complete")
	p.picture("incomplete")
}
