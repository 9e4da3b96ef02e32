package httpadapter

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// hosts tells whether a server is meant by the name under which it was asked.
type hosts struct{ names map[string]bool }

func newHosts(names []string) (hosts, error) {
	h := hosts{make(map[string]bool, len(names))}
	var faults []error
	for i, name := range names {
		if name == "" || hostname(name) != strings.ToLower(name) || strings.ContainsAny(name, " /*@") {
			faults = append(faults, fmt.Errorf("httpadapter: options: Hosts[%d]: want a name or an address without a port, got %q", i, name))
		}
		h.names[hostname(name)] = true
	}
	return h, errors.Join(faults...)
}

// serve reports whether a request is for one of the hosts, or for the operations,
// which every host serves. Without a list every host is served.
func (h hosts) serve(r *http.Request) bool {
	switch r.URL.Path {
	case "/livez", "/readyz", "/metrics":
		return true
	}
	return len(h.names) == 0 || h.names[hostname(r.Host)]
}

// onlyNear is for routes that no other machine may use: without a list of hosts they
// serve requests for loopback names alone.
func (h hosts) onlyNear(routes []route) []route {
	if len(h.names) > 0 {
		return routes
	}
	for i, next := range routes {
		routes[i].handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !isLoopback(hostname(r.Host)) {
				problemOf(misdirected).write(w, "want a loopback name such as localhost: logins for development are for this machine alone, unless Hosts has the name", 0)
				return
			}
			next.handler.ServeHTTP(w, r)
		})
	}
	return routes
}

// hostname is a Host header without its port, the brackets of an address and the
// full stop of a name that is whole, in small letters.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

func isLoopback(name string) bool {
	a, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && a.IsLoopback()
}
