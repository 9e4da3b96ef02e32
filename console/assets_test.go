package console_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
)

var (
	inDocument = regexp.MustCompile(`(?:src|href)="([^"#]+)"`)
	inScript   = regexp.MustCompile(`(?:from|import) '\./([^']+)'`)
)

// Whatever the page refers to is there, and nothing lies about that it does not
// refer to.
func TestEveryAssetIsServedAndReferredTo(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.client()
	kinds := map[string]string{"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
	seen, queue := map[string]bool{}, []string{"index.html"}
	for ; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		a := c.call("GET", queue[0], "")
		if _, kind, _ := strings.Cut(queue[0], "."); a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), kinds[kind]) {
			t.Errorf("%s: %d %s", queue[0], a.status, a.header.Get("Content-Type"))
		}
		for _, m := range slices.Concat(inDocument.FindAllStringSubmatch(a.text, -1), inScript.FindAllStringSubmatch(a.text, -1)) {
			queue = append(queue, m[1])
		}
		if again := c.call("GET", queue[0], "", "If-None-Match", a.header.Get("ETag")); again.status != 304 {
			t.Errorf("%s: sent again, with %d", queue[0], again.status)
		}
	}
	for name := range console.Files() {
		if !seen[name] {
			t.Errorf("nothing refers to assets/%s", name)
		}
	}
	if root := c.call("GET", "", ""); root.text != c.call("GET", "index.html", "").text {
		t.Error("the console's address does not have the page")
	}
	if a := c.call("GET", "../console.go", ""); a.status == 200 {
		t.Error("a file beside the assets is served")
	}
	if a := c.call("GET", "nothing.js", ""); !a.is(404, "not_found", "nothing at this path") {
		t.Errorf("nothing.js: %d %s", a.status, a.text)
	}
}

func TestEveryAnswerHasTheStrictPolicy(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	for _, path := range []string{"", "app.js", "style.css", "nothing", "api/me", "api/state", "api/nothing"} {
		h := w.client().call("GET", path, "").header
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
			if !slices.Contains(strings.Split(policy, "; "), part) {
				t.Errorf("%s: no %s in %q", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "data:") {
			t.Errorf("%s: %q", path, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
		if strings.HasPrefix(path, "api/") != (h.Get("Cache-Control") == "no-store") {
			t.Errorf("%s: Cache-Control %q", path, h.Get("Cache-Control"))
		}
	}
}

var hostile = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style|<script>|<style|\bstyle="|https?://(?:[^w]|w[^w])`)

func TestTheAssetsNeedNoExceptionFromThePolicy(t *testing.T) {
	t.Parallel()
	for name, text := range console.Files() {
		if found := hostile.FindString(text); found != "" {
			t.Errorf("assets/%s: %s", name, found)
		}
		if lines := strings.Count(text, "\n"); lines > 200 {
			t.Errorf("assets/%s: %d lines, want at most 200", name, lines)
		}
	}
}

var (
	entry = regexp.MustCompile(`(?m)^  (?:(\w+)|'([\w ]+)'): \['((?:[^'\\]|\\.)*)',\s*'((?:[^'\\]|\\.)*)'\],?$`)
	used  = regexp.MustCompile(`\bt\('(\w+)'`)
	hole  = regexp.MustCompile(`\{\w+\}`)
	han   = regexp.MustCompile(`\p{Han}`)
)

// Both languages say everything, with the same numbers in it.
func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	t.Parallel()
	files := console.Files()
	words := map[string]bool{}
	for _, name := range []string{"text.js", "words.js"} {
		for _, m := range entry.FindAllStringSubmatch(files[name], -1) {
			key := m[1] + m[2]
			if words[key] {
				t.Errorf("%s: %s stands there twice", name, key)
			}
			words[key] = true
			en, zh := hole.FindAllString(m[3], -1), hole.FindAllString(m[4], -1)
			slices.Sort(en)
			slices.Sort(zh)
			if !slices.Equal(en, zh) {
				t.Errorf("%s: %v in English, %v in Chinese", key, en, zh)
			}
			plain := hole.ReplaceAllString(m[4], "")
			if key != "otherLanguage" && !han.MatchString(plain) && strings.ContainsAny(plain, "abcdefghijklmnopqrstuvwxyz") {
				t.Errorf("%s: no Chinese in %q", key, m[4])
			}
		}
	}
	if len(words) < 150 {
		t.Fatalf("found %d words: the pattern is wrong", len(words))
	}
	for name, text := range files {
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			if !words[m[1]] && !strings.HasSuffix(m[1], "_") {
				t.Errorf("assets/%s: t('%s') has no words", name, m[1])
			}
		}
	}
	for _, code := range []seckill.Code{seckill.InvalidRequest, seckill.Disabled, seckill.Blacklisted, seckill.GoodsNotFound, seckill.NotStarted,
		seckill.Ended, seckill.SoldOut, seckill.RateLimited, seckill.InvalidTicket, seckill.LimitReached, seckill.Busy, seckill.OutcomeUnknown} {
		if !words["code_"+string(code)] {
			t.Errorf("no words for the refusal %s", code)
		}
	}
}
