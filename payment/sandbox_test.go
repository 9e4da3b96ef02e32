package payment_test

import (
	"testing"

	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/payment/paymenttest"
)

func TestSandboxKeepsTheContract(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Fixture {
		s := new(payment.Sandbox)
		return paymenttest.Fixture{Gateway: s, Succeeds: "card", Fails: payment.MethodFail, Taken: s.Taken}
	})
}
