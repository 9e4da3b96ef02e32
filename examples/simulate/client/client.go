// Package client speaks the shop's HTTP API as httpadapter/openapi.yaml describes
// it, and keeps what went wrong: for a program that looks at a server from outside.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Client sends requests to one server. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
}

const (
	// maxAnswer is more than any answer of the API has.
	maxAnswer = 1 << 20
	// dialing is how long a connection may take to come about.
	dialing = 5 * time.Second
)

// New returns a client of the server at base, like "http://127.0.0.1:8000". It
// opens up to as many connections as given, 1 or more; further requests wait for
// one of them. Requests end with their contexts.
func New(base string, connections int) *Client {
	return &Client{strings.TrimRight(base, "/"), &http.Client{
		// Nothing in the API redirects, and a bearer token is not carried elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			DialContext:     (&net.Dialer{Timeout: dialing}).DialContext,
			MaxConnsPerHost: connections, MaxIdleConns: connections, MaxIdleConnsPerHost: connections,
			IdleConnTimeout: time.Minute, DisableCompression: true, TLSHandshakeTimeout: dialing,
		},
	}}
}

// Close closes the connections that nobody uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is what the server said.
type Answer struct {
	// Status is the HTTP status, 0 if there was no answer.
	Status int
	// Code is the problem's code, "" for a success.
	Code string
	// Retryable says that the same request may succeed later, RetryAfter how much
	// later at the earliest, 0 if the server did not say.
	Retryable  bool
	RetryAfter time.Duration
	// Err is why there is no answer that the API knows: none came, or it was not
	// JSON. Nil for refusals.
	Err error
}

// OK says that the request was granted.
func (a Answer) OK() bool { return a.Err == nil && a.Code == "" }

// Ambiguous says that the request may have had its effect all the same.
func (a Answer) Ambiguous() bool {
	return a.Err != nil || a.Code == "outcome_unknown" || a.Code == "fault"
}

// String is the answer in a few words, for messages.
func (a Answer) String() string {
	switch {
	case a.Err != nil:
		return a.Err.Error()
	case a.Code != "":
		return fmt.Sprintf("%d %s", a.Status, a.Code)
	}
	return strconv.Itoa(a.Status)
}

// call sends a request, and reads a success into out. body is nil for none.
func (c *Client) call(ctx context.Context, method, path, bearer string, body, out any) Answer {
	r, err := c.request(ctx, method, path, bearer, body)
	if err != nil {
		return Answer{Err: err}
	}
	w, err := c.http.Do(r)
	if err != nil {
		return Answer{Err: err}
	}
	defer w.Body.Close()
	text, err := io.ReadAll(io.LimitReader(w.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Answer{Status: w.StatusCode, Err: fmt.Errorf("%s %s: the answer broke off: %w", method, path, err)}
	case len(text) > maxAnswer:
		return Answer{Status: w.StatusCode, Err: fmt.Errorf("%s %s: an answer of more than %d bytes", method, path, maxAnswer)}
	}
	a := read(w, text, out)
	if a.Err != nil {
		a.Err = fmt.Errorf("%s %s: status %d: %w", method, path, w.StatusCode, a.Err)
	}
	return a
}

func (c *Client) request(ctx context.Context, method, path, bearer string, body any) (*http.Request, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.GetBody = nil // a purchase is not sent a second time behind our back
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	return r, nil
}

// read makes an Answer of a response.
func read(w *http.Response, text []byte, out any) Answer {
	a := Answer{Status: w.StatusCode}
	kind, _, _ := mime.ParseMediaType(w.Header.Get("Content-Type"))
	switch {
	case w.StatusCode >= 200 && w.StatusCode < 300 && kind == "application/json":
		if err := json.Unmarshal(text, out); err != nil {
			a.Err = fmt.Errorf("not the JSON that the API promises: %w", err)
		}
	case w.StatusCode >= 400 && kind == "application/problem+json":
		var p struct {
			Code      string `json:"code"`
			Retryable bool   `json:"retryable"`
		}
		if err := json.Unmarshal(text, &p); err != nil || p.Code == "" {
			a.Err = fmt.Errorf("a problem without a code")
			return a
		}
		a.Code, a.Retryable = p.Code, p.Retryable
		if seconds, err := strconv.Atoi(w.Header.Get("Retry-After")); err == nil && seconds > 0 {
			a.RetryAfter = time.Duration(min(seconds, 24*60*60)) * time.Second
		}
	default:
		a.Err = fmt.Errorf("not an answer of this API, of type %.60q", w.Header.Get("Content-Type"))
	}
	return a
}
