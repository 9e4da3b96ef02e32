package httpadapter

import "net/http"

// route is one line of the API.
type route struct {
	pattern string
	handler http.Handler
}

// newMux returns a handler for the routes that answers everything else as a
// problem too.
func newMux(routes []route) http.Handler {
	all, known := http.NewServeMux(), http.NewServeMux()
	for _, r := range routes {
		all.Handle(r.pattern, r.handler)
		known.Handle(r.pattern, r.handler)
	}
	// A catch-all takes every method, so beside it the mux itself never answers 405.
	// known has none and tells whether it would.
	all.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var p probe
		known.ServeHTTP(&p, r)
		if allow := p.Header().Get("Allow"); p.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", allow)
			problemOf(methodNotAllowed).write(w, "want one of "+allow, 0)
			return
		}
		problemOf(notFound).write(w, "", 0)
	})
	return all
}

// probe is a ResponseWriter that keeps the header only.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header {
	if p.header == nil {
		p.header = make(http.Header)
	}
	return p.header
}

func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
