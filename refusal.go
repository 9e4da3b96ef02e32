package seckill

import (
	"errors"
	"time"
)

// Code names a refusal: the reason why the engine said no. It is an error, to be
// tested with errors.Is:
//
//	if errors.Is(err, seckill.SoldOut) { … }
//
// Codes are stable; the HTTP API sends them as they are.
type Code string

const (
	// InvalidRequest: an argument is out of its range; the detail names it.
	InvalidRequest Code = "invalid_request"
	// Disabled: the switch is off.
	Disabled Code = "disabled"
	// Blacklisted: the user may not buy.
	Blacklisted Code = "blacklisted"
	// GoodsNotFound: there is no such goods.
	GoodsNotFound Code = "goods_not_found"
	// NotStarted: the sale's window has not begun, or its stock is not preloaded.
	NotStarted Code = "not_started"
	// Ended: the sale's window is over.
	Ended Code = "ended"
	// SoldOut: fewer units are left than asked for.
	SoldOut Code = "sold_out"
	// RateLimited: the user asked too often.
	RateLimited Code = "rate_limited"
	// InvalidTicket: the ticket is forged, expired, another user's or goods', or its
	// attempt was given up.
	InvalidTicket Code = "invalid_ticket"
	// LimitReached: the user would have more units than the limit.
	LimitReached Code = "limit_reached"
	// Busy: the engine cannot serve this now, and nothing was done. Try again.
	Busy Code = "busy"
	// OutcomeUnknown: what was asked for may or may not have been done. Retry with
	// the same ticket, or the same request, to learn the outcome.
	OutcomeUnknown Code = "outcome_unknown"
	// OrderNotFound: the user has no such order.
	OrderNotFound Code = "order_not_found"
	// NotPayable: the order is not pending any more.
	NotPayable Code = "not_payable"
	// ParkedNotFound: nothing of that id is parked.
	ParkedNotFound Code = "parked_not_found"
	// StillParked: it was tried again and could not be done.
	StillParked Code = "still_parked"
	// TotalTooSmall: more units are sold or held than the new total allows.
	TotalTooSmall Code = "total_too_small"
)

// Error returns the code.
func (c Code) Error() string { return string(c) }

// Refusal is the one error by which the engine says no. Every other error of the
// engine is a fault of something below it.
type Refusal struct {
	Code Code
	// Detail says more, for a person. It holds no secret and no internal text.
	Detail string
	// RetryAfter is when trying again makes sense. Zero means that it does not.
	RetryAfter time.Duration
	// Cause is the fault behind a Busy or OutcomeUnknown, for the log.
	Cause error
}

// Error returns the code and the detail.
func (r *Refusal) Error() string {
	if r.Detail == "" {
		return "seckill: " + string(r.Code)
	}
	return "seckill: " + string(r.Code) + ": " + r.Detail
}

// Unwrap makes errors.Is find the code and the cause.
func (r *Refusal) Unwrap() []error {
	if r.Cause == nil {
		return []error{r.Code}
	}
	return []error{r.Code, r.Cause}
}

func refuse(c Code, detail string) *Refusal { return &Refusal{Code: c, Detail: detail} }

func retry(c Code, after time.Duration) *Refusal { return &Refusal{Code: c, RetryAfter: after} }

func busy(cause error) *Refusal {
	return &Refusal{Code: Busy, RetryAfter: time.Second, Cause: cause}
}

// CodeOf returns the code of a refusal, or "fault" for any other error and ""
// for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Code
	}
	return "fault"
}
