package httpadapter

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
)

// Guard returns a handler that must stand before everything that a server serves:
// the API, the console, a shop's own pages. What [New], [User], [Admin] and
// [Operations] return has one; a mux that serves more than that needs one around it.
//
//   - A path that is not the shortest to where it leads, for example "//api/orders",
//     is answered with 404. A mux would redirect it.
//   - The connection ends with a request that has chunks, so that no second request
//     can hide behind them (request smuggling).
//   - A host that is not in hosts is answered with 421, as [Options.Hosts] describes.
//     Without hosts every host is served.
//   - A panic is answered with 500, and log gets where it happened; nil means no log.
//
// Its error names the hosts that are wrong.
func Guard(next http.Handler, hosts []string, log *slog.Logger) (http.Handler, error) {
	allowed, err := newHosts(hosts)
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &guard{next, allowed, &faults{log: log}}, nil
}

type guard struct {
	next   http.Handler
	hosts  hosts
	faults *faults
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A request with a length and chunks ends at two places, depending on who reads it;
	// net/http goes by the chunks, forgets the length, and would take what is behind
	// them for the next request. So nothing is read behind chunks (RFC 9112, 6.1).
	if len(r.TransferEncoding) > 0 && r.ProtoMajor == 1 {
		w.Header()["Connection"] = closing
	}
	defer g.recovered(w, r)
	if detours(r.URL.Path) {
		problemOf(notFound).write(w, "", 0)
		return
	}
	if !g.hosts.serve(r) {
		problemOf(misdirected).write(w, "", 0)
		return
	}
	g.next.ServeHTTP(w, r)
}

// detours reports whether a path is not the shortest to where it leads. The mux would
// answer with a redirect in HTML; no client of an API asks so, and who does may hope
// that a proxy in front reads the path in another way.
func detours(path string) bool { return strings.Contains(path, "//") || strings.Contains(path, "/.") }

var closing = []string{"close"}

// recovered answers for a handler that panicked. net/http would cut the connection,
// and print a value that may be anything, such as the request with its token.
func (g *guard) recovered(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { // how a handler asks for the cut
		panic(v)
	}
	g.faults.panicked(r, v, debug.Stack())
	problemOf(fault).write(w, "", 0)
}
