// Package console is the operator's page of a shop: what every sale is doing, second
// by second, and the actions with which an operator steers it.
//
//	page, err := console.New(engine, console.Options{AdminToken: token})
//	mux.Handle("/console/", http.StripPrefix("/console", page))
//
// It may be mounted under any prefix, with a slash at its end. Put the mux with all
// that is mounted there behind [httpadapter.Guard], which also knows the hosts. The page, its scripts
// and its styles are embedded; it loads nothing from elsewhere, and its policy (CSP)
// forbids it to.
//
// Whoever has the admin token logs in as an operator, whoever has the read-only token
// as an observer, who sees everything and changes nothing. Every action goes through
// [seckill.Engine.Admin], so the audit log has it.
//
// What it shows of goods, leases, orders and the audit log is the whole shop's. Rates,
// times and group sizes are those of the node that serves the page.
//
// A login is good, by the engine's clock, on every node that has the same AdminToken: the cookie is signed with
// a key made of it. It ends with its time or with a new AdminToken. A logout takes the
// cookie from the browser, and this node refuses it from then on; the others do not
// know. Nodes that have AdminTokenSHA256 instead sign with a key of their own: behind a
// load balancer, send an operator's requests to one of them.
package console

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/door"
)

// Options say who may come in.
type Options struct {
	// AdminToken is what an operator logs in with: at least 128 random bits, in 22
	// characters or more. Only its SHA-256 is kept.
	AdminToken string
	// AdminTokenSHA256 is the SHA-256 of that token in hex, for a configuration that
	// shall not have the token itself. Exactly one of the two is needed.
	AdminTokenSHA256 string
	// ReadToken, or its SHA-256, is what an observer logs in with. Zero means that
	// there are no observers.
	ReadToken, ReadTokenSHA256 string

	// SessionTTL is how long a login lasts, 1 minute to 7 days. Zero means 8 h.
	SessionTTL time.Duration
	// MaxWatchers is how many pages are kept up to date over a stream, 1 to 10,000; the
	// next ones ask every other second instead. Zero means 64.
	MaxWatchers int
	// Done ends the streams when it is closed, as they would otherwise keep
	// http.Server.Shutdown waiting. Pages come back by themselves. Zero means never.
	Done <-chan struct{}
	// Logger gets faults behind answers of 500 and 503, and that somebody could not
	// log in. Zero means none.
	Logger *slog.Logger
}

// console is an engine with who may see and steer it.
type console struct {
	engine   *seckill.Engine
	log      *slog.Logger
	tokens   []credential
	sessions *sessions
	watch    *watch
	seats    chan struct{} // one for each stream
	done     <-chan struct{}
	origin   *http.CrossOriginProtection
	failures door.Sparse
}

// New returns the page of an engine, safe for concurrent use. It starts nothing: the
// engine is looked at while somebody watches, once a second however many do. Its
// error names the options that are wrong.
func New(e *seckill.Engine, o Options) (http.Handler, error) {
	o.SessionTTL = cmp.Or(o.SessionTTL, 8*time.Hour)
	o.MaxWatchers = cmp.Or(o.MaxWatchers, 64)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	tokens, err := o.validate()
	if err != nil {
		return nil, fmt.Errorf("console: options: %w", err)
	}
	files, err := readAssets()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	sessions, err := newSessions(o, tokens, e.Now)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c := &console{
		engine: e, log: o.Logger, tokens: tokens, sessions: sessions,
		watch: &watch{engine: e, log: o.Logger}, seats: make(chan struct{}, o.MaxWatchers), done: o.Done,
		origin: http.NewCrossOriginProtection(),
	}
	return httpadapter.Guard(withPolicy(c.routes(files)), nil, o.Logger)
}

func (c *console) routes(files http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", files)
	for pattern, h := range map[string]http.Handler{
		"GET /api/me":      c.anybody(c.me),
		"POST /api/login":  http.HandlerFunc(c.login),
		"POST /api/logout": http.HandlerFunc(c.logout),

		"GET /api/state":       c.observer(c.state),
		"GET /api/stream":      http.HandlerFunc(c.stream),
		"GET /api/orders":      c.observer(c.orders),
		"GET /api/orders/{id}": c.observer(c.order),
		"GET /api/audits":      c.observer(c.audits),
		"GET /api/blacklist":   c.observer(c.blacklist),

		"POST /api/switch":               c.operator(c.enable),
		"POST /api/rate":                 c.operator(c.rate),
		"POST /api/goods/{id}/preload":   c.operator(c.preload),
		"POST /api/goods/{id}/total":     c.operator(c.total),
		"POST /api/goods/{id}/end":       c.operator(c.end),
		"POST /api/goods/{id}/reconcile": c.operator(c.reconcile),
		"POST /api/blacklist":            c.operator(c.ban),
		"DELETE /api/blacklist/{user}":   c.operator(c.unban),
	} {
		mux.Handle(pattern, h)
	}
	return mux
}
