package paymenttest_test

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"

	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/payment/paymenttest"
)

// careless is a sandbox that breaks one thing.
type careless struct {
	*payment.Sandbox
	pay func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error)
}

func (c careless) Pay(ctx context.Context, r payment.Request) (payment.Result, error) {
	return c.pay(c.Sandbox, ctx, r)
}

var doubles = []struct {
	name, breaks string
	pay          func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error)
}{
	{"none", "", (*payment.Sandbox).Pay},
	{"takes too much", "TakesTheAmount", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		r.Amount *= 100
		return s.Pay(ctx, r)
	}},
	{"knows one currency", "TakesTheAmount", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		r.Currency = "CNY"
		return s.Pay(ctx, r)
	}},
	{"never fails", "FailureTakesNothing", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		r.Method = ""
		return s.Pay(ctx, r)
	}},
	{"gives no reason", "FailureTakesNothing", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		result, err := s.Pay(ctx, r)
		result.Reason = ""
		return result, err
	}},
	{"takes the money each time", "SameIDSameResult", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		own := r
		own.ID = rand.Text()
		result, err := s.Pay(ctx, own)
		result.PaymentID = r.ID
		return result, err
	}},
	{"makes a new payment each time", "CrowdPaysOnce", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		r.ID = rand.Text()
		return s.Pay(ctx, r)
	}},
	{"looks at the method again", "FirstMethodCounts", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		r.ID += r.Method
		return s.Pay(ctx, r)
	}},
	{"takes all for one payment", "PaymentsAreIndependent", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		r.ID = "the one"
		return s.Pay(ctx, r)
	}},
	{"ignores its context", "EndedContextIsAFault", func(s *payment.Sandbox, _ context.Context, r payment.Request) (payment.Result, error) {
		return s.Pay(context.Background(), r)
	}},
	{"has no id", "TakesTheAmount", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		result, err := s.Pay(ctx, r)
		result.PaymentID = ""
		return result, err
	}},
	{"has a status of its own", "TakesTheAmount", func(s *payment.Sandbox, ctx context.Context, r payment.Request) (payment.Result, error) {
		result, err := s.Pay(ctx, r)
		result.Status = "done"
		return result, err
	}},
}

func TestLawsCatchCarelessDoubles(t *testing.T) {
	for _, double := range doubles {
		t.Run(double.name, func(t *testing.T) {
			broken := paymenttest.Check(t.Context(), func() paymenttest.Fixture {
				s := new(payment.Sandbox)
				return paymenttest.Fixture{Gateway: careless{s, double.pay}, Fails: payment.MethodFail, Taken: s.Taken}
			})
			caught := slices.ContainsFunc(broken, func(v paymenttest.Violation) bool { return v.Law.Name == double.breaks })
			if caught != (double.breaks != "") || double.breaks == "" && broken != nil {
				t.Errorf("want %q broken, got %v", double.breaks, broken)
			}
		})
	}
}
