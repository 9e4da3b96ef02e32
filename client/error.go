package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is an answer that is no success. It matches its code:
//
//	errors.Is(err, client.CodeSoldOut)
//
// An answer that is not of this API, a balancer's for instance, has no code. It
// has a Status all the same.
type Error struct {
	Problem
	// RetryAfter is when to try again at the earliest. Zero means that the answer
	// does not say.
	RetryAfter time.Duration
}

// Error names the status, the code and the detail.
func (e *Error) Error() string {
	return strings.TrimRight(fmt.Sprintf("client: %d %s: %s", e.Status, e.Code, e.Detail), ": ")
}

// Unwrap makes errors.Is find the code.
func (e *Error) Unwrap() error { return e.Code }

// Error returns the code.
func (c Code) Error() string { return string(c) }

// refusal makes an error of an answer.
func refusal(w *http.Response, answer []byte) error {
	e := &Error{}
	kind, _, _ := strings.Cut(w.Header.Get("Content-Type"), ";")
	if kind != "application/problem+json" || json.Unmarshal(answer, &e.Problem) != nil {
		e.Problem = Problem{Title: http.StatusText(w.StatusCode)}
	}
	e.Status = w.StatusCode
	e.RetryAfter = retryAfter(w.Header.Get("Retry-After"), time.Now())
	return e
}

// retryAfter reads the header of that name, which has seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
