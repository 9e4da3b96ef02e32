package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// shop is the REST API as its clients see it.
type shop struct {
	url, adminToken string
	http            *http.Client
}

func newShop(url, adminToken string, connections int) *shop {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	return &shop{strings.TrimSuffix(url, "/"), adminToken, &http.Client{Transport: t, Timeout: 30 * time.Second}}
}

// problem is an answer that is not a success.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	asked  string
}

func (p *problem) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", p.asked, p.Status, p.Code, p.Detail)
}

// undecided says that the answer tells nothing about the sale: the same request is
// to be made again.
func (p *problem) undecided() bool {
	return p.Code == "busy" || p.Code == "outcome_unknown" || p.Code == "not_ready"
}

// call makes one request. In may be nil; out takes the answer unless it is nil.
func (s *shop) call(ctx context.Context, method, path, bearer string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if in == nil {
		body = nil
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		p := &problem{asked: method + " " + path}
		json.NewDecoder(answer.Body).Decode(p) // without a problem in it, the status alone has to do
		p.Status = answer.StatusCode
		return p
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// insist makes the request again for as long as the answer is undecided.
func (s *shop) insist(ctx context.Context, method, path, bearer string, in, out any) error {
	for {
		err := s.call(ctx, method, path, bearer, in, out)
		p, ok := err.(*problem)
		if !ok || !p.undecided() {
			return err
		}
		if pause(ctx, 200*time.Millisecond) != nil {
			return err
		}
	}
}

func (s *shop) admin(ctx context.Context, method, path string, in, out any) error {
	return s.insist(ctx, method, path, s.adminToken, in, out)
}

// eventually asks until it holds, for 30 s at most. The error is the last one that
// an answer gave: a question that the end cut off tells nothing.
func eventually(ctx context.Context, holds func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var last error
	for {
		err := holds(ctx)
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if err == nil {
			return nil
		}
		if pause(ctx, 100*time.Millisecond) != nil {
			return last
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
