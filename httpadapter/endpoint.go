package httpadapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seckill-go/seckill"
)

// reply is a success.
type reply struct {
	status int
	body   any // nil for none
	// location is where a resource is that was created.
	location string
}

type (
	endpoint      func(*http.Request) (reply, error)
	userEndpoint  func(r *http.Request, user string) (reply, error)
	adminEndpoint func(r *http.Request, admin seckill.Admin) (reply, error)
)

// open serves everybody.
func (a *api) open(f endpoint) http.Handler { return a.within(a.o.Patience, f) }

// user serves whom the shop's authentication knows.
func (a *api) user(f userEndpoint) http.Handler {
	return a.open(func(r *http.Request) (reply, error) {
		user, err := a.o.Authenticate(r)
		if err != nil {
			return reply{}, err
		}
		if !isID(user) {
			return reply{}, fmt.Errorf("Authenticate returned %.80q, which is no user id", user)
		}
		return f(r, user)
	})
}

// adminPatience is how long an operator's request may take: up to a minute of
// waiting for a goods' lease, and another of work under it.
const adminPatience = 150 * time.Second

// admin serves operators, and no page of another origin in their browsers.
func (a *api) admin(f adminEndpoint) http.Handler {
	origin := http.NewCrossOriginProtection()
	patient := a.within(adminPatience, func(r *http.Request) (reply, error) {
		actor, err := a.operator(r)
		if errors.Is(err, ErrUnauthenticated) {
			a.faults.stranger(r)
		}
		if err != nil {
			return reply{}, err
		}
		if !isActor(actor) { // the audit log would say nobody
			return reply{}, fmt.Errorf("AuthenticateAdmin returned %.80q, which is no name", actor)
		}
		if origin.Check(r) != nil {
			return reply{}, ErrForbidden
		}
		return f(r, a.engine.Admin(actor))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The server's own limit is for buyers. Where it cannot be lifted it stays.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(adminPatience + time.Second))
		patient.ServeHTTP(w, r)
	})
}

// within answers with what f returns, and ends its context in time for an answer.
func (a *api) within(limit time.Duration, f endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := &patience{Context: r.Context(), until: time.Now().Add(limit)}
		defer ctx.end()
		answer, err := f(r.WithContext(ctx))
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		a.succeed(w, r, answer)
	})
}

func (a *api) succeed(w http.ResponseWriter, r *http.Request, answer reply) {
	if answer.location != "" {
		w.Header()["Location"] = []string{answer.location}
	}
	switch body := answer.body.(type) {
	case nil:
		send(w, answer.status, nil, nil)
	case readyJSON:
		send(w, answer.status, plainJSON, body)
	case text:
		send(w, answer.status, body.contentType, body.content)
	default:
		content, err := json.Marshal(body)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		send(w, answer.status, plainJSON, append(content, '\n'))
	}
}

// readyJSON is JSON that is written already. What every buyer gets is, as
// encoding/json takes four times as long.
type readyJSON []byte

// text is a body that is not JSON.
type text struct {
	contentType []string
	content     []byte
}

// refuse answers with the problem that err is.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if refusal, ok := errors.AsType[*seckill.Refusal](err); ok {
		if refusal.Cause != nil {
			a.faults.note(r, refusal.Cause)
		}
		problemOf(refusal.Code).write(w, refusal.Detail, refusal.RetryAfter)
		return
	}
	switch {
	case errors.Is(err, ErrUnauthenticated):
		problemOf(unauthenticated).write(w, "", 0)
	case errors.Is(err, ErrForbidden):
		problemOf(forbidden).write(w, "", 0)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		a.faults.note(r, err)
		problemOf(seckill.Busy).write(w, "", 0)
	default:
		a.faults.note(r, err)
		problemOf(fault).write(w, "", 0)
	}
}
