package main

import (
	"io"
	"net/http"
)

// pages are what the shop had before.
func pages() *http.ServeMux {
	shop := http.NewServeMux()
	shop.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if loggedIn(r) == "" {
			io.WriteString(w, "Welcome. Please log in.\n")
			return
		}
		io.WriteString(w, "Welcome back.\n")
	})
	return shop
}

// loggedIn returns the id of the user who sent the request, "" for nobody. A shop
// looks a session up here; this one believes the cookie, which is for an example.
func loggedIn(r *http.Request) string {
	cookie, err := r.Cookie("user")
	if err != nil {
		return ""
	}
	return cookie.Value
}
