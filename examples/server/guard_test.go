package main_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asIs sends the text on a connection of its own and returns all that is answered
// until the server closes it.
func asIs(t *testing.T, p *process, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(c, text)
	require.NoError(t, err)
	said, err := io.ReadAll(c)
	require.NoError(t, err, "%s", said)
	return string(said)
}

func TestOneGuardStandsBeforeAllThatIsServed(t *testing.T) {
	t.Parallel()
	p := open(t, nil, "-hosts", "shop.example,127.0.0.1")
	paths := []string{"/console/", "/console/api/me", "/console/api/login", "/console/app.js", "/api/goods/1001", "/api/seckill", "/livez", "/nowhere", "/"}

	hidden := "GET /livez HTTP/1.1\r\nHost: shop.example\r\n\r\n"
	for _, path := range paths {
		for _, lengths := range []string{"Content-Length: 60\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 60\r\n"} {
			for _, method := range []string{"GET", "POST"} {
				said := asIs(t, p, method+" "+path+" HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n"+lengths+"\r\n0\r\n\r\n"+hidden)
				require.Equal(t, 1, strings.Count(said, "HTTP/1.1 "), "%s %s answers the hidden request: %s", method, path, said)
			}
		}
	}
	end := "Connection: close\r\n\r\n"
	for _, path := range paths {
		said := asIs(t, p, "GET "+path+" HTTP/1.1\r\nHost: evil.example\r\n"+end)
		if path == "/livez" { // for a probe, which comes by address
			require.True(t, strings.HasPrefix(said, "HTTP/1.1 200 "), said)
		} else {
			require.True(t, strings.HasPrefix(said, "HTTP/1.1 421 "), "%s under another host: %s", path, said)
		}
	}
	for _, path := range []string{"//api/goods/1001", "//console/", "/console//api/me", "/console/../api/goods/1001", "/./livez", "//evil.example/%2e%2e"} {
		said := asIs(t, p, "GET "+path+" HTTP/1.1\r\nHost: shop.example\r\n"+end)
		require.True(t, strings.HasPrefix(said, "HTTP/1.1 404 "), "%s: %s", path, said)
		require.Contains(t, said, `"code":"not_found"`, path)
	}
	r, err := http.Get(p.url + "/console") // what a person types
	require.NoError(t, err)
	r.Body.Close()
	require.Equal(t, 200, r.StatusCode)
}
