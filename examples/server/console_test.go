package main_test

import (
	"bufio"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheConsoleIsWhereTheFirstLinesSayAndLetsTheServerStop(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	require.Contains(t, p.stdout.String(), p.url+"/console/ ")
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	c := &http.Client{Jar: jar}
	page, err := c.Get(p.url + "/console")
	require.NoError(t, err)
	page.Body.Close()
	require.Equal(t, 200, page.StatusCode)
	require.Contains(t, page.Header.Get("Content-Security-Policy"), "default-src 'none'")

	login, err := c.Post(p.url+"/console/api/login", "application/json", strings.NewReader(`{"token":"`+p.adminToken+`"}`))
	require.NoError(t, err)
	login.Body.Close()
	require.Equal(t, 200, login.StatusCode)
	stream, err := c.Get(p.url + "/console/api/stream")
	require.NoError(t, err)
	defer stream.Body.Close()
	first, err := bufio.NewReader(stream.Body).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, first, `"id":"1004"`)

	start := time.Now()
	p.stop(t) // with the page still open
	require.Less(t, time.Since(start), 8*time.Second)
	require.NotContains(t, p.stderr.String(), "requests cut off")
}
