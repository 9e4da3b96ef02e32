package mount

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Chi is a shop on chi.
func Chi(buyers http.Handler) http.Handler {
	router := chi.NewRouter()
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("the shop")) })
	router.Group(func(r chi.Router) {
		r.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, withUser(r)) })
		})
		r.Mount(Prefix, buyers)
	})
	return router
}
