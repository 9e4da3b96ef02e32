package paymenttest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"github.com/seckill-go/seckill/payment"
)

// request asks for money under an ID that was never used.
func request(method string) payment.Request {
	return payment.Request{
		ID: "test-" + rand.Text(), OrderID: "order-1", UserID: "user-1", Amount: 1999, Currency: "CNY", Method: method,
	}
}

// pay asks and checks what holds for every answer.
func pay(ctx context.Context, f Fixture, r payment.Request) (payment.Result, error) {
	result, err := f.Gateway.Pay(ctx, r)
	switch {
	case err != nil:
		return result, fmt.Errorf("Pay failed: %w", err)
	case result.PaymentID == "":
		return result, errors.New("the result has no PaymentID")
	}
	switch result.Status {
	case payment.Processing, payment.Succeeded, payment.Failed:
		return result, nil
	}
	return result, fmt.Errorf("the status is %q", result.Status)
}

// taken checks how much was taken.
func taken(f Fixture, currency string, want int64) error {
	if f.Taken == nil {
		return nil
	}
	if got := f.Taken(currency); got != want {
		return fmt.Errorf("%d %s were taken, want %d", got, currency, want)
	}
	return nil
}

func takesTheAmount(ctx context.Context, f Fixture) error {
	yuan, dollars := request(f.Succeeds), request(f.Succeeds)
	dollars.Amount, dollars.Currency = 5, "USD"
	for _, r := range []payment.Request{yuan, dollars} {
		result, err := pay(ctx, f, r)
		if err != nil {
			return err
		}
		if result.Status == payment.Failed {
			return fmt.Errorf("the payment failed: %s", result.Reason)
		}
	}
	return errors.Join(taken(f, "CNY", yuan.Amount), taken(f, "USD", dollars.Amount))
}

func failureTakesNothing(ctx context.Context, f Fixture) error {
	result, err := pay(ctx, f, request(f.Fails))
	switch {
	case err != nil:
		return err
	case result.Status == payment.Succeeded:
		return errors.New("the payment went through")
	case result.Status == payment.Failed && result.Reason == "":
		return errors.New("the result has no Reason")
	}
	return taken(f, "CNY", 0)
}

func sameIDSameResult(ctx context.Context, f Fixture) error {
	for _, method := range []string{f.Succeeds, f.Fails} {
		r := request(method)
		if err := twice(ctx, f, r, r); err != nil {
			return err
		}
	}
	return taken(f, "CNY", 1999)
}

func firstMethodCounts(ctx context.Context, f Fixture) error {
	good, bad := request(f.Succeeds), request(f.Fails)
	goodThenBad, badThenGood := good, bad
	goodThenBad.Method, badThenGood.Method = f.Fails, f.Succeeds
	err := errors.Join(twice(ctx, f, good, goodThenBad), twice(ctx, f, bad, badThenGood))
	return errors.Join(err, taken(f, "CNY", good.Amount))
}

// twice asks two times, and wants one payment. One that was on its way may have
// arrived in between.
func twice(ctx context.Context, f Fixture, first, second payment.Request) error {
	a, err := pay(ctx, f, first)
	if err != nil {
		return err
	}
	b, err := pay(ctx, f, second)
	if err != nil {
		return err
	}
	arrived := a.Status == payment.Processing && a.PaymentID == b.PaymentID
	if a != b && !arrived {
		return fmt.Errorf("the first answer is %+v, the second %+v", a, b)
	}
	return nil
}

func crowdPaysOnce(ctx context.Context, f Fixture) error {
	const callers = 16
	r := request(f.Succeeds)
	ids, faults := make([]string, callers), make([]error, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			result, err := pay(ctx, f, r)
			ids[i], faults[i] = result.PaymentID, err
		})
	}
	all.Wait()
	if err := errors.Join(faults...); err != nil {
		return err
	}
	for _, id := range ids {
		if id != ids[0] {
			return fmt.Errorf("there are two payments, %s and %s", ids[0], id)
		}
	}
	return taken(f, "CNY", r.Amount)
}

func paymentsAreIndependent(ctx context.Context, f Fixture) error {
	one, err := pay(ctx, f, request(f.Succeeds))
	if err != nil {
		return err
	}
	failed, err := pay(ctx, f, request(f.Fails))
	if err != nil {
		return err
	}
	other, err := pay(ctx, f, request(f.Succeeds))
	if err != nil {
		return err
	}
	if one.PaymentID == other.PaymentID || one.PaymentID == failed.PaymentID {
		return fmt.Errorf("payment %s answers two IDs", one.PaymentID)
	}
	return taken(f, "CNY", 2*1999)
}

func endedContextIsAFault(ctx context.Context, f Fixture) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	r := request(f.Succeeds)
	if _, err := f.Gateway.Pay(ended, r); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("Pay with an ended ctx returned %v", err)
	}
	if _, err := pay(ctx, f, r); err != nil {
		return err
	}
	return taken(f, "CNY", r.Amount)
}
