package browser

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hardToRead finds texts that are seen with less contrast than WCAG 2.2 asks for
// (1.4.3: 4.5 to 1; large text 3 to 1).
const hardToRead = `(() => {
	const c = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const known = new Map();
	const parts = (color) => {
		if (known.has(color)) return known.get(color);
		c.clearRect(0, 0, 1, 1); c.fillStyle = color; c.fillRect(0, 0, 1, 1);
		known.set(color, [...c.getImageData(0, 0, 1, 1).data]);
		return known.get(color);
	};
	const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const color = parts(getComputedStyle(e).backgroundColor);
			if (color[3] === 255) return color;
		}
		return [255, 255, 255];
	};
	const bad = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('script, style, .unseen, .skip')) continue;
		const style = getComputedStyle(e);
		const [a, b] = [light(parts(style.color)), light(ground(e))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
		if (ratio < (large ? 3 : 4.5)) bad.push(walk.currentNode.data.trim() + ': ' + ratio.toFixed(2));
	}
	return [...new Set(bad)];
})()`

func TestLightAndDarkAreReadable(t *testing.T) {
	i := ordinary(214)
	i.gaps = []object{{"source": "pods of namespace vault", "reason": "403 Forbidden"}}
	file, _ := write(t, i)
	p := blank(t)
	p.visit(file)
	p.click("[value='no digest']")
	p.click("#rows summary")
	grounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		p.media("screen", scheme)
		assert.Empty(t, value[[]string](p, hardToRead), scheme)
		grounds[scheme] = value[string](p, `getComputedStyle(document.body).backgroundColor`)
	}
	assert.NotEqual(t, grounds["light"], grounds["dark"])
}

func TestPictures(t *testing.T) {
	if os.Getenv("SCREENS") == "" {
		require.NoError(t, os.MkdirAll(filepath.Join(os.TempDir(), "stocktake-screens"), 0o700))
		t.Setenv("SCREENS", filepath.Join(os.TempDir(), "stocktake-screens"))
	}
	t.Log("pictures of the page are in", os.Getenv("SCREENS"))
	p := open(t, ordinary(214))
	for _, look := range []struct {
		name, scheme  string
		width, height int64
	}{
		{"light", "light", 1280, 1400}, {"dark", "dark", 1280, 1400}, {"wide", "light", 1920, 1080},
		{"narrow", "light", 400, 1800}, {"narrow-dark", "dark", 400, 1800}, {"tablet", "light", 820, 1200},
	} {
		p.size(look.width, look.height)
		p.media("screen", look.scheme)
		p.picture(look.name)
	}
	p.size(1280, 1400)
	p.media("screen", "dark")
	p.click("[value='no digest']")
	p.click("[data-facet=namespace] .bar")
	p.click("#rows summary")
	value[bool](p, `scrollTo(0, 0), true`)
	p.painted()
	p.picture("filtered")
}

func TestNothingIsCutOffOnNarrowScreens(t *testing.T) {
	p := open(t, ordinary(214))
	for _, width := range []int64{320, 400, 768, 1024, 1280, 1920} { // WCAG 2.2, 1.4.10: 320 without scrolling sideways
		p.size(width, 900)
		p.painted()
		p.click("#rows summary")
		assert.Equal(t, int(width), value[int](p, `document.documentElement.scrollWidth`), "at %d", width)
		assert.Empty(t, value[[]string](p, `[...document.querySelectorAll('main *, header *, footer *')]
			.filter((e) => e.checkVisibility() && !e.closest('.unseen, .bar .label, svg') && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' && e.clientWidth > 0)
			.map((e) => e.outerHTML.slice(0, 120))`), "at %d", width)
	}
}

func TestFingersHitWhatTheyMean(t *testing.T) {
	p := open(t, ordinary(214))
	for _, width := range []int64{400, 1280} {
		p.size(width, 900)
		p.painted()
		assert.Empty(t, value[[]string](p, `[...document.querySelectorAll('button, select, [type=search], .chip, .card summary, footer summary')]
			.filter((e) => e.checkVisibility({ visibilityProperty: true }) && Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 24)
			.map((e) => e.outerHTML.slice(0, 120) + ' ' + e.getBoundingClientRect().height)`), "WCAG 2.2, 2.5.8: 24 pixels, at %d", width)
	}
}

func TestPaperShowsEveryImage(t *testing.T) {
	i := ordinary(700)
	p := open(t, i)
	require.Less(t, len(p.rows()), 700, "not all are drawn at first")
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	require.NoError(t, err)
	if dir := os.Getenv("SCREENS"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "page.pdf"), pdf, 0o600))
	}

	assert.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	assert.Len(t, p.rows(), len(i.images))
	p.media("print", "dark")
	assert.Equal(t, "rgb(255, 255, 255)", value[string](p, `getComputedStyle(document.body).backgroundColor`), "paper is white, also at night")
	assert.Empty(t, value[[]string](p, `['.field', 'fieldset', '#undo', '.skip', 'footer details'].filter((s) => document.querySelector(s).checkVisibility({ visibilityProperty: true }))`))
	assert.True(t, value[bool](p, `document.getElementById('status').checkVisibility()`), "what was filtered is said")
	assert.Equal(t, "table-header-group", value[string](p, `getComputedStyle(document.querySelector('thead')).display`), "titles are on every page")
}

// TestScreenReadersAreTold reads what the browser gives to assistive technology.
func TestScreenReadersAreTold(t *testing.T) {
	p := open(t, few())
	p.click("[value='no digest']")
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	require.NoError(t, err)
	told := map[string][]string{}
	interactive := "button link searchbox combobox checkbox DisclosureTriangle"
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role, name := plain(node.Role), plain(node.Name)
		told[role] = append(told[role], name)
		if strings.Contains(interactive, role) {
			assert.NotEmpty(t, name, "a %s without a name", role)
		}
	}
	assert.Equal(t, []string{"Container images of prod-eu-1", "Images per registry", "Images per namespace", "Images"}, told["heading"])
	assert.Equal(t, []string{"Search"}, told["searchbox"])
	assert.Equal(t, []string{"Registry", "Namespace"}, told["combobox"])
	assert.Equal(t, []string{"no digest 3", "config id only 1", "implied latest 1", "not running 2", "invalid 1"}, told["checkbox"])
	assert.Equal(t, []string{"Image", "Digest", "Pods", "Namespaces", "Platforms", "Flags"}, told["columnheader"])
	assert.Equal(t, []string{broken, "docker.io/ library/trial:dev", "ghcr.io/ acme/cart:2.0"}, told["rowheader"], "with a pause where a long name may break")
	assert.Equal(t, []string{"The images, one on a line. What a column is called sorts by it."}, told["table"])
	assert.Contains(t, told["search"], "Images")
	assert.Contains(t, told["button"], "docker.io 1 images")
	for _, landmark := range []string{"banner", "main", "contentinfo", "status"} {
		assert.Len(t, told[landmark], 1, landmark)
	}
	assert.Equal(t, "en", value[string](p, `document.documentElement.lang`))
	assert.Equal(t, "4", value[string](p, `document.querySelector('table').ariaRowCount`), "with the titles")
	assert.Equal(t, []string{"2", "3", "4"}, value[[]string](p, `[...document.querySelectorAll('#rows tr')].map((r) => r.ariaRowIndex)`))
	assert.Empty(t, value[[]string](p, `[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, n, all) => all.indexOf(id) !== n)`), "ids that are there twice")
}

func plain(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}
