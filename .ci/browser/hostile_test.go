package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attacks are texts that do something in a page which forgets to escape them in
// one place or another. Each would set pwned, or ask for something.
func attacks() []string {
	return []string{
		`"><img src=x onerror=pwned=1>`,
		`'><svg onload=pwned=1>`,
		`</script><script>pwned=1</script>`,
		`</style><script>pwned=1</script>`,
		`--><script>pwned=1</script>`,
		`" onmouseover="pwned=1" autofocus onfocus="pwned=1" x="`,
		"` ${pwned=1} `",
		`{{.}}{{printf "%s" "pwned"}}`,
		`javascript:pwned=1`,
		`<iframe srcdoc="<script>parent.pwned=1</script>">`,
		`<link rel=stylesheet href=https://evil.example/x.css>`,
		`<meta http-equiv=refresh content="0;url=https://evil.example/">`,
		`<base href=https://evil.example/>`,
		"\u2028pwned=1\u2029",
		"right\u202eleft",
		"__proto__", "constructor", "toString",
		"<!--", "<![CDATA[", "&lt;script&gt;", "%3Cscript%3E",
	}
}

// hostile is a cluster in which everybody who may name something wants to run a
// script in the page.
func hostile() *inventory {
	i := &inventory{cluster: `</title><script>pwned=1</script>`}
	for n, attack := range attacks() {
		i.add(attack, attack, attack, "Running", invalid(attack))
		name := image("evil.example/"+attack, attack)
		i.add(attack, attack, attack, "Running", name)
		i.gaps = append(i.gaps, object{"source": fmt.Sprint(n, attack), "reason": attack})
	}
	for n, pod := range i.pods {
		attack := attacks()[n/2]
		pod["labels"] = object{attack: attack}
		pod["annotations"] = object{attack: attack}
	}
	return i
}

func TestNamesDoNothing(t *testing.T) {
	p := open(t, hostile()) // fails on requests, dialogs, and words on the console
	for _, selector := range []string{"#rows summary", ".card summary", "footer summary"} {
		p.click(selector)
	}
	for _, attack := range attacks() {
		value[bool](p, fmt.Sprintf(`((s) => { s.value = %q; s.dispatchEvent(new Event('input', { bubbles: true })); return true })(document.getElementById('search'))`, attack))
		assert.Contains(t, p.status(), "images: “")
	}
	value[bool](p, `document.getElementById('undo').click(), true`)
	for facet, choices := range map[string]int{"registry": 2, "namespace": len(attacks())} {
		list := `document.getElementById('by-` + facet + `')`
		require.Equal(t, choices+1, value[int](p, list+`.options.length`), facet)
		for n := range choices {
			value[bool](p, fmt.Sprintf(`((s) => { s.selectedIndex = %d; s.dispatchEvent(new Event('input', { bubbles: true })); return true })(%s)`, n+1, list))
			assert.NotEmpty(t, p.rows())
		}
		value[bool](p, `document.getElementById('undo').click(), true`)
	}
	p.click("th.namespaces button")
	value[bool](p, `[...document.querySelectorAll('*')].forEach((e) => { for (const n of ['mouseover', 'focus', 'load', 'error']) e.dispatchEvent(new Event(n)) }), true`)

	assert.Equal(t, "undefined", value[string](p, `typeof pwned`))
	assert.Equal(t, 2, value[int](p, `document.scripts.length`), "those of the page")
	assert.Empty(t, value[[]string](p, `[...document.querySelectorAll('img, iframe, object, embed, link, base, meta[http-equiv=refresh], svg[onload], [onmouseover], [onfocus], [onerror], a:not(.skip)')].map((e) => e.outerHTML)`))
	shown := value[string](p, `document.body.innerText`)
	assert.Contains(t, shown, attacks()[0], "it is shown as the text that it is")
	assert.NotContains(t, shown, "\u202e", "what turns text around is shown as a number")
}

// TestPolicyHoldsEvenIfTheTemplateDidNot puts elements into the page that should
// never come there.
func TestPolicyHoldsEvenIfTheTemplateDidNot(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked.Add(1) }))
	defer server.Close()
	file, _ := write(t, few())
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	flaws := strings.ReplaceAll(`<script>window.pwned=1</script><script src="URL/x.js"></script><img src="URL/x.png" onerror="window.pwned=1">
<style>body { display: none }</style><link rel="stylesheet" href="URL/x.css"><iframe src="URL/"></iframe><object data="URL/"></object>
<svg onload="window.pwned=1"></svg><base href="URL/"><p style="display: none" id="styled">text</p>
<form action="URL/"><button id="send">send</button></form>`, "URL", server.URL)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(page), "<footer>", flaws+"<footer>", 1)), 0o600))
	p := blank(t)
	p.visit(file)
	value[bool](p, `document.getElementById('send').click(), true`)
	value[bool](p, fmt.Sprintf(`fetch(%q).then(() => false, () => true)`, server.URL))
	value[bool](p, fmt.Sprintf(`navigator.sendBeacon(%q), true`, server.URL))
	p.painted()

	assert.Equal(t, "undefined", value[string](p, `typeof pwned`))
	assert.Zero(t, asked.Load(), "requests")
	assert.Equal(t, "block", value[string](p, `getComputedStyle(document.body).display`))
	assert.Equal(t, "block", value[string](p, `getComputedStyle(document.getElementById('styled')).display`))
	assert.NotEmpty(t, p.did(), "the browser says what it refused")
	assert.Equal(t, everything(), p.rows(), "the page itself works")
}

func TestAsksForNothingElseFromAServer(t *testing.T) {
	file, _ := write(t, few())
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.ServeFile(w, r, file)
	}))
	defer server.Close()
	p := blank(t)
	require.NoError(t, chromedp.Do(p.ctx, chromedp.Navigate(server.URL+"/page.html")))
	p.click("#search")
	p.keys("nginx")

	assert.Equal(t, []string{nginx}, p.rows())
	assert.Empty(t, p.did())
	close(asked)
	for path := range asked {
		assert.Equal(t, "/page.html", path)
	}
}
