package mount

import "net/http"

// NetHTTP is a shop on net/http alone.
func NetHTTP(buyers http.Handler) http.Handler {
	login := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, withUser(r)) })
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("the shop")) })
	mux.Handle(Prefix+"/", login(buyers))
	return mux
}
