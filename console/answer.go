package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/seckill-go/seckill"
)

// The codes that the console has beside the engine's.
const (
	unauthenticated seckill.Code = "unauthenticated"
	forbidden       seckill.Code = "forbidden"
	notFound        seckill.Code = "not_found"
	changed         seckill.Code = "changed"
	full            seckill.Code = "full"
	unsupported     seckill.Code = "unsupported"
)

var statuses = map[seckill.Code]int{
	seckill.InvalidRequest: http.StatusBadRequest,
	unauthenticated:        http.StatusUnauthorized,
	forbidden:              http.StatusForbidden,
	notFound:               http.StatusNotFound,
	seckill.GoodsNotFound:  http.StatusNotFound,
	seckill.OrderNotFound:  http.StatusNotFound,
	seckill.TotalTooSmall:  http.StatusConflict,
	changed:                http.StatusConflict,
	seckill.Busy:           http.StatusServiceUnavailable,
	full:                   http.StatusServiceUnavailable,
	unsupported:            http.StatusNotImplemented,
}

// endpoint answers with what is sent as JSON.
type endpoint func(*http.Request, session) (any, error)

// patience is how long an action may take: up to a minute of waiting for a goods'
// lease, and another of work under it.
const patience = 150 * time.Second

// anybody serves whoever asks; s is zero for somebody who has not logged in.
func (c *console) anybody(f endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := c.who(r)
		c.answer(w, r, s, f)
	})
}

// observer serves whoever has logged in.
func (c *console) observer(f endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ok := c.who(r)
		if !ok {
			refuse(w, unauthenticated, "log in first")
			return
		}
		c.answer(w, r, s, f)
	})
}

// action does something in the name of whoever logged in.
type action func(*http.Request, seckill.Admin) (any, error)

// operator serves operators, and no page of another origin in their browsers.
func (c *console) operator(f action) http.Handler {
	return c.observer(func(r *http.Request, s session) (any, error) {
		if s.role != operator {
			return nil, &seckill.Refusal{Code: forbidden, Detail: "this login may look and change nothing"}
		}
		if c.origin.Check(r) != nil {
			return nil, &seckill.Refusal{Code: forbidden, Detail: "the request comes from a page of another origin"}
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		return f(r.WithContext(ctx), c.engine.Admin(s.actor))
	})
}

func (c *console) answer(w http.ResponseWriter, r *http.Request, s session, f endpoint) {
	// The server's own limit is for buyers. Where it cannot be lifted it stays.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience + time.Second))
	body, err := f(r, s)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, body)
}

// fail answers with what err is. Faults go to the log.
func (c *console) fail(w http.ResponseWriter, r *http.Request, err error) {
	refusal, ok := errors.AsType[*seckill.Refusal](err)
	if errors.Is(err, errors.ErrUnsupported) {
		refusal, ok = &seckill.Refusal{Code: unsupported, Detail: "this shop's ledger keeps no journal, which this needs; orders are listed by user"}, true
	}
	if !ok {
		refusal = &seckill.Refusal{Code: "fault", Detail: "something failed inside; it is in the log", Cause: err}
	}
	if refusal.Cause != nil && r.Context().Err() == nil {
		c.log.Error("console: request failed", "route", r.Pattern, "error", refusal.Cause)
	}
	refuse(w, refusal.Code, refusal.Detail)
}

func refuse(w http.ResponseWriter, code seckill.Code, detail string) {
	status, ok := statuses[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	sendAs(w, "application/problem+json", status, problemView{"urn:seckill:problem:" + string(code), status, code, detail})
}

type problemView struct {
	Type   string       `json:"type"`
	Status int          `json:"status"`
	Code   seckill.Code `json:"code"`
	Detail string       `json:"detail"`
}

func send(w http.ResponseWriter, status int, body any) { sendAs(w, "application/json", status, body) }

func sendAs(w http.ResponseWriter, contentType string, status int, body any) {
	text, _ := json.Marshal(body) // cannot fail: plain structs
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}

// maxBody is the largest body that is read, in bytes.
const maxBody = 4 << 10

// read sets what into points to from the body. A field that is a pointer stays nil if
// the body lacks it.
func read(r *http.Request, into any) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return invalid("Content-Type: want application/json")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return invalid("body: it did not arrive as a whole")
	case len(body) > maxBody:
		return invalid("body: want at most %d bytes", maxBody)
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return invalid("%s: want %s, got a %s", wrong.Field, kinds[wrong.Type.Kind().String()], wrong.Value)
	}
	if err != nil {
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return invalid("%s: there is no such field", strings.Trim(name, `"`))
		}
		return invalid("body: want a JSON object")
	}
	if d.More() {
		return invalid("body: want one JSON object and nothing behind it")
	}
	return nil
}

// kinds names Go's types for whoever sends JSON.
var kinds = map[string]string{"int": "a whole number", "bool": "true or false", "string": "a string"}

func invalid(format string, args ...any) *seckill.Refusal {
	return &seckill.Refusal{Code: seckill.InvalidRequest, Detail: fmt.Sprintf(format, args...)}
}

func missing(field string) *seckill.Refusal { return invalid("%s: missing", field) }
