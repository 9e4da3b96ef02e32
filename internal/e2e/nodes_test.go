package e2e_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/ticket"
)

// BenchmarkNodes measures purchases of one goods by 768 buyers, who come again as
// soon as they are answered: at one node and spread over three, in turns, so that
// both have the same machine. The ratio is that of the totals.
//
//	go test -run '^$' -bench Nodes -benchtime 40000x ./internal/e2e
func BenchmarkNodes(b *testing.B) {
	for _, mode := range []string{settings.Shared, settings.Exclusive} {
		b.Run(mode, func(b *testing.B) {
			m := open(b, 100_000_000, 0)
			m.lockMode(func(l *settings.Lock) { l.Mode, l.Wait = mode, time.Minute })
			var took [2]time.Duration // at one node, at three
			sold := 0
			for b.ResetTimer(); sold < b.N; {
				round := min(4000, b.N-sold)
				for i, engines := range [][]*seckill.Engine{m.engines[:1], m.engines} {
					tokens := m.tickets(round)
					start := time.Now()
					m.sell(engines, tokens)
					took[i] += time.Since(start)
				}
				sold += round
			}
			b.ReportMetric(float64(sold)/took[0].Seconds(), "orders/s@1")
			b.ReportMetric(float64(sold)/took[1].Seconds(), "orders/s@3")
			b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "ratio")
		})
	}
}

// sell has 768 buyers use the tickets.
func (m *mall) sell(engines []*seckill.Engine, tokens []string) {
	var next atomic.Int64
	var all sync.WaitGroup
	for buyer := range 768 {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tokens) {
					return
				}
				_, err := engines[buyer%len(engines)].Purchase(m.t.Context(), user(i), "1001", tokens[i])
				require.NoError(m.t, err)
			}
		})
	}
	all.Wait()
}

// lockMode changes how the engines share the lease, and waits until they do.
func (m *mall) lockMode(change func(*settings.Lock)) {
	m.t.Helper()
	want, err := m.engines[0].Admin("test").UpdateSettings(m.t.Context(), "lock", func(s *settings.Settings) error {
		change(&s.Lock)
		return nil
	})
	require.NoError(m.t, err)
	m.everywhere("the lock mode", func(e *seckill.Engine) bool {
		s, err := e.Settings(m.t.Context())
		return err == nil && s.Lock == want.Lock
	})
}

func user(i int) string { return fmt.Sprintf("user-%d", i) }

// tickets returns the tokens of so many users, without the limiter's calls.
func (m *mall) tickets(n int) []string {
	signer, err := ticket.NewSigner(m.parts.TicketKeys...)
	require.NoError(m.t, err)
	tokens := make([]string, n)
	for i := range tokens {
		tokens[i], err = signer.Sign(ticket.Ticket{
			Attempt: ticket.NewAttempt(time.Now()), User: user(i), Goods: "1001", Quantity: 1,
			NotBefore: time.Now().Add(-time.Minute), Expires: time.Now().Add(time.Minute),
		})
		require.NoError(m.t, err)
	}
	return tokens
}
