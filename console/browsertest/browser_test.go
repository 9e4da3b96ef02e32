// Package browsertest has the console used in a real browser, headless Chromium. It
// is a module of its own, so that nobody who imports seckill gets the driver.
package browsertest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	screenshots = flag.String("screenshots", "", "write the pictures to this `folder` (default: that of the test's artifacts)")
	seconds     = flag.Int("seconds", 3, "have the sale go on for so many `seconds` before each picture")
)

func decode(w *http.Response, into any) bool { return json.NewDecoder(w.Body).Decode(into) == nil }

// browser is one for all tests; each has tabs of its own, with cookies of their own.
var browser context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		profile, err := os.MkdirTemp("", "seckill-browser-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(profile)
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
		ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
		defer cancel()
		browser, cancel = chromedp.NewContext(ctx)
		defer cancel()
		if err := chromedp.Do(browser); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// page is a tab in which nothing may go wrong unseen.
type page struct {
	ctx context.Context
	t   *testing.T
	url string

	mu       sync.Mutex
	faults   []string
	expected []string
}

// tab opens the console, in a cookie jar of its own. The test fails for every error,
// warning and breach of the policy that the browser reports, but for those that
// contain one of the expected texts.
func tab(t *testing.T, url string, dark bool, expected ...string) *page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute+2*time.Duration(*seconds)*time.Second)
	t.Cleanup(cancel)
	p := &page{ctx: ctx, t: t, url: url + "/console/", expected: expected}
	must(t, chromedp.Listen(ctx, p.listen))
	t.Cleanup(func() {
		for _, fault := range p.reported() {
			t.Error("the browser reports: " + fault)
		}
	})
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	must(t, err)
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	must(t, err)
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(p.url))
	return p
}

func (p *page) listen(event any) {
	var fault string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			fault = fmt.Sprint(e.Entry.Source, ": ", e.Entry.Text, " ", e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		fault = fmt.Sprintf("exception: %+v", e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			fault = "console." + string(e.Type)
			for _, arg := range e.Args {
				fault += fmt.Sprintf(" %s%s", arg.Description, arg.Value)
			}
		}
	}
	if fault != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, fault)
	}
}

// reported returns what the browser reported and nobody expected.
func (p *page) reported() (faults []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fault := range p.faults {
		known := false
		for _, text := range p.expected {
			known = known || strings.Contains(fault, text)
		}
		if !known {
			faults = append(faults, fault)
		}
	}
	return faults
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%v; the page says:\n%s", err, p.text())
	}
}

// value is what an expression gives.
func value[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (p *page) text() string { return value[string](p, `document.body.innerText`) }

// click clicks on what is visible and enabled.
func (p *page) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible, chromedp.NodeEnabled))
}

// write puts a text where another may be.
func (p *page) write(selector, text string) {
	p.t.Helper()
	p.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	value[bool](p, fmt.Sprintf(`(document.querySelector(%q).select(), true)`, selector))
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (p *page) login(token string) {
	p.t.Helper()
	p.write(`input[name=token]`, token+"\r")
	p.wait(`document.querySelector('.pill')?.dataset.link === 'live'`)
}

// wait waits until an expression is true.
func (p *page) wait(expression string) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !value[bool](p, "!!("+expression+")") {
		if time.Now().After(deadline) {
			p.t.Fatalf("not within 20 s: %s; the page says:\n%s", expression, p.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// shoot writes a picture of the whole page, or of what is in view.
func (p *page) shoot(name string, whole bool) {
	p.t.Helper()
	take := chromedp.CaptureScreenshot()
	if whole {
		take = chromedp.FullScreenshot(100)
	}
	picture, err := chromedp.Run(p.ctx, take)
	must(p.t, err)
	folder := *screenshots
	if folder == "" {
		folder = p.t.ArtifactDir()
	}
	must(p.t, os.MkdirAll(folder, 0o755))
	must(p.t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644))
}
