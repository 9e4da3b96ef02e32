package httpadapter_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
)

// output is what a server prints, from all its goroutines.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// shapes are the ways in which a secret may stand in a text.
func shapes(secret []byte) []string {
	return []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)), fmt.Sprint(secret), fmt.Sprintf("%#v", secret)[6:],
		strings.TrimRight(base64.StdEncoding.EncodeToString(secret), "="), base64.RawURLEncoding.EncodeToString(secret),
	}
}

// secrets are all that a server of a world is given, in all shapes.
func secrets(t *testing.T) (list []string) {
	webhook, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(webhookSecret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range [][]byte{[]byte(adminToken), sessionSecret, ticketKey.Secret, []byte(webhookSecret), webhook} {
		list = append(list, shapes(s)...)
	}
	return list
}

// shown names what of the list stands in the text.
func shown(text string, list []string) (found []string) {
	for _, s := range list {
		if s != "" && strings.Contains(text, s) {
			found = append(found, s)
		}
	}
	return found
}

// Every answer that the document knows, from every operation, on a real server that
// logs all it can: neither log nor answers have a secret in them, and the log no
// token, ticket or signature either.
func TestNothingThatIsPrintedOrAnsweredHasASecretInIt(t *testing.T) {
	d, secrets := readDocument(t), secrets(t)
	for _, format := range []func(*output) slog.Handler{
		func(o *output) slog.Handler {
			return slog.NewTextHandler(o, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
		func(o *output) slog.Handler {
			return slog.NewJSONHandler(o, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
	} {
		var printed output
		var tokens []string
		handler := format(&printed)
		for _, o := range d.operations() {
			for _, name := range append(o.cases(), "a panic") {
				w := newWorld(t, withToken, func(o *httpadapter.Options) {
					o.Logger = slog.New(handler)
					if name == "a panic" {
						o.Authenticate = func(r *http.Request) (string, error) { panic(r.Header) }
					}
				})
				c := o.call(w, name)
				tokens = append(tokens, tokensOf(c)...)
				a := w.overHTTP(slog.NewLogLogger(handler, slog.LevelDebug), c)
				if found := shown(a, secrets); found != nil {
					t.Errorf("%s/%s answers %q", o.id, name, found)
				}
			}
		}
		log := printed.String()
		if !strings.Contains(log, "secret text of a backend") || !strings.Contains(log, "request panicked") {
			t.Errorf("no fault and no panic in the log: %.500s", log)
		}
		if found := shown(log, append(secrets, tokens...)); found != nil {
			t.Errorf("the log has %q", found)
		}
	}
}

// tokensOf are the tokens, the ticket and the signature that a request has.
func tokensOf(c call) (list []string) {
	list = append(list, c.bearer, c.header.Get("Webhook-Signature"))
	if body, ok := c.body.(map[string]any); ok {
		ticket, _ := body["token"].(string)
		list = append(list, ticket)
	}
	return list
}

// overHTTP sends the call to a server of its own and returns the answer, header and
// all.
func (w *world) overHTTP(errorLog *log.Logger, c call) string {
	w.t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.Config = httpadapter.Server("", w.handler)
	s.Config.ErrorLog = errorLog
	s.Start()
	defer s.Close()
	own := c.request(w.t)
	r, err := http.NewRequestWithContext(w.t.Context(), c.method, s.URL+c.path, own.Body)
	w.must(err)
	r.Header = own.Header
	a, err := s.Client().Do(r)
	w.must(err)
	defer a.Body.Close()
	var text bytes.Buffer
	w.must(a.Write(&text))
	return text.String()
}

func TestNoWayOfPrintingOptionsShowsASecret(t *testing.T) {
	w := newWorld(t)
	sum := sha256.Sum256([]byte(adminToken))
	o := w.options
	o.AdminToken, o.AdminTokenSHA256 = adminToken, hex.EncodeToString(sum[:])
	secrets := append(secrets(t), o.AdminTokenSHA256)

	var all output
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%c", "%U"} {
		fmt.Fprintf(&all, verb+"\n", o)
		fmt.Fprintf(&all, verb+"\n", &o)
		fmt.Fprintf(&all, verb+"\n", []httpadapter.Options{o})
		fmt.Fprintf(&all, verb+"\n", struct{ Options httpadapter.Options }{o})
		fmt.Fprintf(&all, verb+"\n", w.handler) // has the way to authenticate somewhere inside
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&all, nil), slog.NewJSONHandler(&all, nil)} {
		slog.New(h).Info("starting", "options", o, "pointer", &o)
	}
	content, err := json.Marshal(struct{ Options httpadapter.Options }{o})
	w.must(err)
	all.Write(content)
	_, err = httpadapter.Admin(w.engine, o) // too many ways to authenticate
	fmt.Fprintln(&all, err)
	if found := shown(all.String(), secrets); found != nil {
		t.Errorf("%q in %s", found, all.String())
	}
	if !strings.Contains(all.String(), "AdminToken:[redacted]") || !strings.Contains(all.String(), "Webhook:set") {
		t.Errorf("it says nothing: %s", all.String())
	}
}

// What a shop's own authentication says of a request is for the log; the asker gets
// no more than the code.
func TestAnAuthenticatorsWordsStayInside(t *testing.T) {
	var failure error
	w := newWorld(t, func(o *httpadapter.Options) {
		o.Authenticate = func(*http.Request) (string, error) { return "", failure }
	})
	for _, failure = range []error{
		errors.New("secret text"), fmt.Errorf("secret text: %w", httpadapter.ErrUnauthenticated), fmt.Errorf("secret text: %w", httpadapter.ErrForbidden),
		&seckill.Refusal{Code: seckill.Busy, Cause: errors.New("secret text")}, &seckill.Refusal{Code: "unheard of", Cause: errors.New("secret text")},
	} {
		if a := w.do(call{method: "GET", path: "/api/orders"}); a.status < 400 || strings.Contains(a.raw, "secret") {
			t.Errorf("%v: %d %s", failure, a.status, a.raw)
		}
	}
}
