package httpadapter

import (
	"net/http"
	"runtime/debug"
	"strings"
)

// guard stands in front of every route.
type guard struct {
	next   http.Handler
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
