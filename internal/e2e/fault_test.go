//go:build real

package e2e_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
)

// Each of these tests kills a server in the middle of a sale of 2,000 units to
// 5,000 buyers, who come over several seconds and ask again for as long as they
// are told to. Afterwards every unit is sold, once, and database, Redis and Kafka
// agree.

func TestTheSaleOutlivesARedisMaster(t *testing.T) {
	m := openForFaults(t)
	m.outlive(func() { kill(t, masterOf(t, m.clients.Redis, "1001")) })
}

func TestTheSaleOutlivesTheEtcdLeader(t *testing.T) {
	m := openForFaults(t)
	m.outlive(func() { kill(t, leaderOf(t, m.clients.Etcd)) })
}

func TestTheSaleOutlivesAKafkaBroker(t *testing.T) {
	m := openForFaults(t)
	m.outlive(func() { kill(t, brokerOf(t, m.clients.Kafka.Brokers, m.clients.Kafka.Topics()[0])) })
}

func TestTheSaleOutlivesTheDatabase(t *testing.T) {
	m := openForFaults(t)
	m.outlive(func() {
		kill(t, "mysql-3306")
		bringBack(t, "mysql")
	})
}

const (
	faultUnits, faultBuyers = 2000, 5000
	arrivals                = 10 * time.Second // the time over which the buyers come
)

func openForFaults(t *testing.T) *mall {
	return open(t, faultUnits, 1, func(o *seckill.Options) {
		o.CommitPatience, o.HoldTimeout = 2*time.Second, 5*time.Second
	})
}

// outlive sells everything while fault happens, and says how long no order was
// made.
func (m *mall) outlive(fault func()) {
	m.t.Helper()
	var sold atomic.Int64
	var mu sync.Mutex
	var times []time.Time
	var struck sync.WaitGroup
	strike := sync.OnceFunc(func() { struck.Go(fault) })
	all := saletest.Crowd(faultBuyers, func(i int) saletest.Bought {
		time.Sleep(arrivals * time.Duration(i) / faultBuyers)
		b := m.insist(i)
		if b.Err == nil {
			mu.Lock()
			times = append(times, time.Now())
			mu.Unlock()
			if sold.Add(1) == faultUnits/4 {
				strike()
			}
		}
		return b
	})
	struck.Wait()
	won := saletest.Winners(m.t, all, seckill.SoldOut)
	require.Equal(m.t, faultUnits, len(won), "orders")
	saletest.Distinct(m.t, won, m.engines...)
	m.sound(won)
	m.t.Logf("%d orders, none for %v at the most", len(won), longest(times).Round(time.Millisecond))
}

// insist buys one unit and asks again for as long as the engines say so.
func (m *mall) insist(i int) saletest.Bought {
	b := saletest.Bought{User: fmt.Sprintf("user-%d", i), Goods: "1001"}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); i++ {
		e := m.engines[i%len(m.engines)]
		if b.Token == "" {
			var tk seckill.Ticket
			tk, b.Err = e.Ticket(m.t.Context(), b.User, "1001", 1)
			b.Token = tk.Token
		}
		if b.Token != "" {
			b.Receipt, b.Err = e.Purchase(m.t.Context(), b.User, "1001", b.Token)
		}
		switch {
		case errors.Is(b.Err, seckill.Busy), errors.Is(b.Err, seckill.OutcomeUnknown):
			time.Sleep(100 * time.Millisecond)
		case errors.Is(b.Err, seckill.InvalidTicket): // the attempt was given up; nothing was sold by it
			b.Token = ""
		default:
			return b
		}
	}
	return b
}

// longest is the longest time between two moments that follow each other; they
// come in nearly their order.
func longest(times []time.Time) (gap time.Duration) {
	for i := 1; i < len(times); i++ {
		gap = max(gap, times[i].Sub(times[i-1]))
	}
	return gap
}
