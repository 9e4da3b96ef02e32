// Package client calls the REST API of a shop that sells with seckill: a method
// for each operation of its OpenAPI document, from which they are generated. It
// needs nothing but the standard library.
//
//	shop, err := client.New("https://shop.example", client.Options{Token: session})
//	ticket, err := shop.TakeTicket(ctx, client.TicketRequest{GoodsID: "1001"})
//	order, err := shop.Purchase(ctx, client.PurchaseRequest{GoodsID: "1001", Token: ticket.Token})
//	if errors.Is(err, client.CodeSoldOut) { … }
//
// An answer that is no success is an [*Error]. It names a [Code], and says whether
// the same request may succeed later and when to try: nothing here tries again by
// itself. After [CodeOutcomeUnknown], or no answer at all, the same ticket tells
// what happened, and never buys twice.
package client

//go:generate go -C clienttest tool oapi-codegen -config ../generate/config.yaml -o ../client.gen.go ../../httpadapter/openapi.yaml

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ID names a goods, an order or a user: 1 to 64 letters, digits, _ or -.
type ID = string

// Options of [New].
type Options struct {
	// Token is sent as the bearer token: a buyer's session, or an operator's token.
	// Zero means none, which is enough to log in and to ask for health.
	Token string
	// HTTP sends the requests. Zero means a client of its own with a time-out of 30 s,
	// which is longer than the server lets anybody wait.
	HTTP *http.Client
}

// Client calls one shop for one bearer. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New returns a client of the shop at the URL, under which the API's paths are:
// "https://shop.example", or with a prefix "https://shop.example/flash". The error
// says what is wrong with the URL. Nothing is sent.
func New(shop string, o Options) (*Client, error) {
	u, err := url.Parse(shop)
	switch {
	case err != nil:
		return nil, fmt.Errorf("client: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("client: want http://host or https://host, got %q", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("client: want no query in %q", u.Redacted())
	}
	return &Client{u, o.Token, cmp.Or(o.HTTP, &http.Client{Timeout: 30 * time.Second})}, nil
}

// WithToken returns a client of the same shop for another bearer. The connections
// are shared.
func (c *Client) WithToken(token string) *Client {
	other := *c
	other.token = token
	return &other
}

// call is one request.
type call struct {
	method, path string
	ids          []string // for what stands in braces in the path, in its order
	query        url.Values
	body         any
}

// send makes a call whose answer has no content.
func send(ctx context.Context, c *Client, q call) error {
	_, err := receive[string](ctx, c, q)
	return err
}

// receive makes a call and returns the content of its answer, which is JSON unless
// it is wanted as text.
func receive[T any](ctx context.Context, c *Client, q call) (content T, err error) {
	r, err := c.request(ctx, q)
	if err != nil {
		return content, fmt.Errorf("client: %s %s: %w", q.method, q.path, err)
	}
	w, err := c.http.Do(r)
	if err != nil {
		return content, fmt.Errorf("client: %w", err)
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(w.Body, most+1))
	switch text, isText := any(&content).(*string); {
	case err != nil:
		return content, fmt.Errorf("client: %s %s: %w", q.method, q.path, err)
	case w.StatusCode >= 300:
		return content, refusal(w, answer)
	case len(answer) > most:
		return content, fmt.Errorf("client: %s %s: an answer of more than %d bytes", q.method, q.path, most)
	case isText:
		*text = string(answer)
	default:
		if err := json.Unmarshal(answer, &content); err != nil {
			return content, fmt.Errorf("client: %s %s: %w", q.method, q.path, err)
		}
	}
	return content, nil
}

// most bounds an answer, in bytes. A blacklist of 50,000 users has room.
const most = 16 << 20

func (c *Client) request(ctx context.Context, q call) (*http.Request, error) {
	path := q.path
	for _, id := range q.ids {
		if !isID(id) {
			return nil, fmt.Errorf("want an id of 1 to 64 letters, digits, _ or -, got %.80q", id)
		}
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + id + after
	}
	to := c.base.JoinPath(path)
	to.RawQuery = q.query.Encode()
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, to.String(), body)
	if err != nil {
		return nil, err
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return r, nil
}

// isID keeps what is no id out of a path, where it might name another operation.
func isID(s string) bool {
	return 0 < len(s) && len(s) <= 64 && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-')
	})
}

// IsRetryable reports whether the request that led to err may succeed later, and
// how long to wait before it is sent again. A purchase goes again with its ticket.
func IsRetryable(err error) (after time.Duration, ok bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.Retryable {
		return 0, false
	}
	return e.RetryAfter, true
}
