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

// only serves requests for the hosts; without a list, for every host.
func (h hosts) only(routes []route) []route {
	if len(h.names) > 0 {
		return serve(routes, func(name string) bool { return h.names[name] })
	}
	return routes
}

// onlyNear is only for what nobody else may reach: without a list it serves requests
// for this machine.
func (h hosts) onlyNear(routes []route) []route {
	if len(h.names) > 0 {
		return h.only(routes)
	}
	return serve(routes, isLoopback)
}

// serve refuses requests for a host that is not one of ours, before anything else.
func serve(routes []route, ours func(name string) bool) []route {
	for i, next := range routes {
		routes[i].handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !ours(hostname(r.Host)) {
				problemOf(misdirected).write(w, "", 0)
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
