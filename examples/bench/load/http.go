package load

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// Client sends HTTP requests to one address. It is fasthttp's: net/http's own client
// costs so much that it would be most of what is measured.
type Client struct{ host *fasthttp.HostClient }

// NewClient returns a client with up to as many connections as there are buyers.
func NewClient(addr string, buyers int) *Client {
	return &Client{&fasthttp.HostClient{
		Addr: addr, MaxConns: buyers, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		NoDefaultUserAgentHeader: true, MaxIdemponentCallAttempts: 1,
		Dial: func(addr string) (net.Conn, error) { return fasthttp.DialTimeout(addr, 30*time.Second) },
	}}
}

// Close closes the connections that nobody uses.
func (c *Client) Close() { c.host.CloseIdleConnections() }

// Call returns what one buyer calls. next makes the request, which is used again
// for the next one; every answer has to have the status. A Location header ends
// in the id of the order.
func (c *Client) Call(status int, next func(*fasthttp.Request)) Call {
	var request fasthttp.Request
	var answer fasthttp.Response
	return func(context.Context) (string, error) {
		next(&request)
		if err := c.host.Do(&request, &answer); err != nil {
			return "", err
		}
		if answer.StatusCode() != status {
			return "", fmt.Errorf("want status %d, got %d: %s", status, answer.StatusCode(), answer.Body())
		}
		location := string(answer.Header.Peek("Location"))
		return location[strings.LastIndexByte(location, '/')+1:], nil
	}
}
