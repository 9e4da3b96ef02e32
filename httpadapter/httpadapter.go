// Package httpadapter serves an engine as a REST API over net/http, described by
// one OpenAPI document that it serves too.
//
//	handler, err := httpadapter.New(engine, httpadapter.Options{
//		Authenticate: httpadapter.Sessions(sessions),
//		AdminToken:   os.Getenv("SECKILL_ADMIN_TOKEN"),
//	})
//	err = httpadapter.Server("127.0.0.1:8000", handler).ListenAndServe()
//
// [New] serves all in one. [User], [Admin] and [Operations] serve the parts, for
// addresses of their own: buyers have no business at the other two.
//
// Refusals and faults are answered as application/problem+json (RFC 9457) with a
// stable code. Nothing internal is in them; it is in the log.
package httpadapter

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/session"
)

// Options say who may come in, and what is served beside the API.
type Options struct {
	// Authenticate returns the id of the user who sent the request, or an error: one
	// that matches ErrUnauthenticated or ErrForbidden, or a *seckill.Refusal; any
	// other is a fault. [Sessions] makes one from session tokens. One that reads
	// cookies needs the handler wrapped in an http.CrossOriginProtection. The user
	// API needs it.
	Authenticate func(*http.Request) (user string, err error)

	// AdminToken is what an operator presents as a bearer token: at least 128 random
	// bits, in 22 characters or more. Only its SHA-256 is kept.
	AdminToken string
	// AdminTokenSHA256 is the SHA-256 of the token in hex, for a configuration that
	// shall not have the token itself.
	AdminTokenSHA256 string
	// AuthenticateAdmin returns the name of the operator who sent the request, as the
	// audit log shows it, or an error as Authenticate does. The admin API needs
	// exactly one of these three.
	AuthenticateAdmin func(*http.Request) (actor string, err error)

	// Webhook checks the payment provider's callbacks, by the engine's clock unless it
	// has one of its own. Nil means that there is no route for them.
	Webhook *payment.Webhook
	// DevLogin lets everybody log in as anybody: for development, on a loopback
	// address. Sessions should go by [seckill.Engine.Now]. Nil means that there is no route for it.
	DevLogin *session.Sessions

	// Hosts are the names under which buyers and operators reach the server, as the
	// Host header has them when the request arrives here, without a port:
	// "shop.example", "10.0.0.7", "::1". Another is refused with 421. It is for
	// browsers that a page's name led here (DNS rebinding). Probes come by address, so
	// the operations are served under every name. Zero means every name, and loopback
	// names only for DevLogin.
	Hosts []string

	// Patience is how long a user's request may take before it is answered with
	// busy or outcome_unknown. Zero means 10 s.
	Patience time.Duration
	// Logger gets the faults behind answers of 500 and 503, panics, and that somebody
	// was not authenticated as an operator. Zero means none.
	Logger *slog.Logger
}

var (
	// ErrUnauthenticated says that nobody knows who sent the request.
	ErrUnauthenticated = errors.New("httpadapter: unauthenticated")
	// ErrForbidden says that whoever sent the request may not do this.
	ErrForbidden = errors.New("httpadapter: forbidden")
)

// New returns a handler for everything: the user API, the admin API and the
// operations. Its error names the options that are missing or wrong.
func New(e *seckill.Engine, o Options) (http.Handler, error) {
	a := newAPI(e, o)
	routes, err := a.all()
	if err := errors.Join(a.wrongHosts, err); err != nil {
		return nil, err
	}
	return a.handler(routes), nil
}

// User returns a handler for what buyers, and the payment provider, may call.
func User(e *seckill.Engine, o Options) (http.Handler, error) {
	a := newAPI(e, o)
	routes, err := a.userRoutes()
	if err := errors.Join(a.wrongHosts, err); err != nil {
		return nil, err
	}
	return a.handler(routes), nil
}

// Admin returns a handler for what operators may call. Without a way to
// authenticate them it fails.
func Admin(e *seckill.Engine, o Options) (http.Handler, error) {
	a := newAPI(e, o)
	routes, err := a.adminRoutes()
	if err := errors.Join(a.wrongHosts, err); err != nil {
		return nil, err
	}
	return a.handler(routes), nil
}

// Operations returns a handler for probes and metrics, for anybody who reaches it.
func Operations(e *seckill.Engine, o Options) http.Handler {
	a := newAPI(e, o)
	return a.handler(a.operationsRoutes())
}

// api is an engine with its options, but for the secrets among them.
type api struct {
	engine *seckill.Engine
	o      Options
	faults *faults

	operator      authenticate
	wrongOperator error // what is wrong with the way to authenticate operators
	hosts         hosts
	wrongHosts    error
}

// authenticate returns who sent the request.
type authenticate func(*http.Request) (name string, err error)

func newAPI(e *seckill.Engine, o Options) *api {
	o.Patience = cmp.Or(o.Patience, 10*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	a := &api{engine: e, faults: &faults{log: o.Logger}}
	a.operator, a.wrongOperator = o.adminAuthentication()
	a.hosts, a.wrongHosts = newHosts(o.Hosts)
	if o.Webhook != nil && o.Webhook.Now == nil {
		byEngine := *o.Webhook
		byEngine.Now = e.Now
		o.Webhook = &byEngine
	}
	o.AdminToken, o.AdminTokenSHA256 = "", ""
	a.o = o
	return a
}

func (a *api) handler(routes []route) http.Handler { return &guard{newMux(routes), a.hosts, a.faults} }

func (a *api) all() ([]route, error) {
	user, userErr := a.userRoutes()
	admin, adminErr := a.adminRoutes()
	if err := errors.Join(userErr, adminErr); err != nil {
		return nil, err
	}
	return append(append(user, admin...), a.operationsRoutes()...), nil
}

func (a *api) userRoutes() ([]route, error) {
	if a.o.Authenticate == nil {
		return nil, errors.New("httpadapter: options: Authenticate: want a function, got none")
	}
	routes := []route{
		{"GET /api/openapi.yaml", a.open(document)},
		{"GET /api/goods/{id}", a.user(a.goods)},
		{"POST /api/seckill/token", a.user(a.ticket)},
		{"POST /api/seckill", a.user(a.purchase)},
		{"GET /api/orders/{id}", a.user(a.order)},
		{"GET /api/orders", a.user(a.orders)},
		{"POST /api/payment/simulate", a.user(a.simulate)},
	}
	if a.o.Webhook != nil {
		routes = append(routes, route{"POST /api/payment/callback", a.open(a.callback)})
	}
	if a.o.DevLogin != nil {
		routes = append(routes, a.hosts.onlyNear([]route{
			{"POST /api/auth/token", a.open(a.login)},
			{"GET /api/auth/verify", a.user(a.verify)},
		})...)
	}
	return routes, nil
}

func (a *api) adminRoutes() ([]route, error) {
	if a.wrongOperator != nil {
		return nil, fmt.Errorf("httpadapter: options: %w", a.wrongOperator)
	}
	return []route{
		{"POST /api/admin/goods", a.admin(a.putGoods)},
		{"POST /api/admin/preload/{id}", a.admin(a.preload)},
		{"POST /api/admin/config/seckill/enable", a.admin(a.enable)},
		{"POST /api/admin/config/rate_limit", a.admin(a.rateLimit)},
		{"GET /api/admin/config", a.admin(a.config)},
		{"POST /api/admin/blacklist/add", a.admin(a.ban)},
		{"DELETE /api/admin/blacklist/{user_id}", a.admin(a.unban)},
		{"GET /api/admin/blacklist", a.admin(a.banned)},
		{"POST /api/admin/reconcile/{id}", a.admin(a.reconcile)},
		{"GET /api/admin/parked", a.admin(a.parked)},
		{"POST /api/admin/parked/{id}/retry", a.admin(a.retryParked)},
		{"GET /api/admin/status", a.admin(a.status)},
	}, nil
}

func (a *api) operationsRoutes() []route {
	w := &watch{engine: a.engine, log: a.o.Logger}
	return []route{
		{"GET /livez", http.HandlerFunc(alive)},
		{"GET /readyz", a.open(w.ready)},
		{"GET /metrics", http.HandlerFunc(w.metrics)},
	}
}
