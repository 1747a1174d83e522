package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chromium is the browser of all tests, in which each opens a tab of its own.
var chromium context.Context

func TestMain(m *testing.M) {
	ctx, end := chromedp.NewExecAllocator(context.Background(),
		append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)...) // CI runs as root
	ctx, stop := chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "Chromium does not start:", err)
		os.Exit(1)
	}
	chromium = ctx
	code := m.Run()
	stop()
	end()
	os.Exit(code)
}

// write lets the program make a page of an inventory.
func write(t *testing.T, i *inventory) (file string, code int) {
	t.Helper()
	program, ok := os.LookupEnv("STOCKTAKE")
	if !ok {
		program = filepath.Join("..", "..", "bin", "stocktake")
	}
	file = filepath.Join(t.TempDir(), "page.html")
	cmd := exec.CommandContext(t.Context(), program, "report", "-f", i.save(t), "-set", "allow-incomplete=true", file)
	cmd.Env = []string{"HOME=" + t.TempDir()}
	out, _ := cmd.CombinedOutput()
	require.FileExists(t, file, string(out))
	return file, cmd.ProcessState.ExitCode()
}

// tab is a page that is open, and what it did that it should not have done.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	strange []string
}

// open opens the page of an inventory. The test fails if the page asks for
// anything, says anything on the console, or shows a dialog.
func open(t *testing.T, i *inventory) *tab {
	t.Helper()
	file, _ := write(t, i)
	page := blank(t)
	t.Cleanup(func() { assert.Empty(t, page.did(), "the page did what it must not") })
	page.visit(file)
	return page
}

// blank is a tab without a page.
func blank(t *testing.T) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(chromium)
	t.Cleanup(closeTab)
	p := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Do(ctx))
	require.NoError(t, chromedp.Listen(ctx, p.heard))
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
		func() error { _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); return err },
		func() error { _, err := chromedp.Call(ctx, page.Enable, page.EnableParams{}); return err },
	} {
		require.NoError(t, enable())
	}
	p.size(1280, 900)
	return p
}

func (p *tab) heard(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasSuffix(e.Request.URL, "/page.html") {
			p.strange = append(p.strange, "request "+e.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		p.strange = append(p.strange, fmt.Sprintf("console %s %+v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		p.strange = append(p.strange, fmt.Sprintf("exception %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		p.strange = append(p.strange, "log "+e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		p.strange = append(p.strange, "dialog "+e.Message)
		go func() {
			_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}()
	}
}

func (p *tab) did() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.strange)
}

func (p *tab) visit(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	require.NoError(p.t, chromedp.Do(ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String())))
}

// value is what an expression is.
func value[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, func(e *runtime.EvaluateParams) {
		wait := true
		e.AwaitPromise = &wait
	}))
	require.NoError(p.t, err, expression)
	return v
}

// painted waits until what was done is on the screen.
func (p *tab) painted() {
	p.t.Helper()
	value[bool](p, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// keys presses keys, one after the other.
func (p *tab) keys(keys string) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
	p.painted()
}

// click clicks with the mouse on what is seen of an element: something that lies
// over it would get the click.
func (p *tab) click(selector string) {
	p.t.Helper()
	at := value[[]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.scrollIntoView({ block: 'center' });
		const box = e.getClientRects()[0];
		return [box.x + Math.min(box.width / 2, 20), box.y + box.height / 2];
	})()`, selector))
	require.NoError(p.t, chromedp.Do(p.ctx, chromedp.MouseClickXY(at[0], at[1])), selector)
	p.painted()
}

// choose picks an option of a list by how its text begins, with the keyboard.
func (p *tab) choose(selector, begins string) {
	p.t.Helper()
	value[bool](p, fmt.Sprintf(`document.querySelector(%q).focus(), true`, selector))
	p.keys(begins)
}

func (p *tab) size(width, height int64) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height)))
}

// media sets what media queries see: "screen" or "print", and "light" or "dark".
func (p *tab) media(medium, scheme string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	require.NoError(p.t, err)
	p.painted()
}

// rows are the names of the images that the table has now.
func (p *tab) rows() []string {
	p.t.Helper()
	return value[[]string](p, `[...document.querySelectorAll('#rows tr[data-registry] summary')].map((s) => s.textContent.trim())`)
}

func (p *tab) status() string {
	p.t.Helper()
	return value[string](p, `document.getElementById('status').textContent`)
}

// picture saves what the tab shows, where pictures are asked for.
func (p *tab) picture(name string) {
	p.t.Helper()
	dir := os.Getenv("SCREENS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

// withoutScript lets pages run no script; those of the test still do.
func (p *tab) withoutScript() { p.scripts(true) }

func (p *tab) withScript() { p.scripts(false) }

func (p *tab) scripts(off bool) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
	require.NoError(p.t, err)
}
