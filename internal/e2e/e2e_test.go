package e2e_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/settings"
)

func TestACrowdGetsEveryUnitOnceOverThreeEngines(t *testing.T) {
	m := open(t, 100, 0)
	won := saletest.Winners(t, m.patient(600, 600), seckill.SoldOut)
	require.Len(t, won, 100)
	saletest.Distinct(t, won, m.engines[1], m.engines[2], m.engines[0])
	m.sound(won)
}

func TestNobodyGetsMoreThanTheLimitOverThreeEngines(t *testing.T) {
	m := open(t, 200, 2)
	won := saletest.Winners(t, m.patient(300, 30), seckill.LimitReached)
	require.Len(t, won, 60)
	mine := map[string]int{}
	for _, b := range won {
		mine[b.User]++
		require.LessOrEqual(t, mine[b.User], 2)
	}
	m.sound(won)
}

func TestExclusiveModeSellsExactlyToo(t *testing.T) {
	m := open(t, 100, 0)
	_, err := m.engines[0].Admin("test").UpdateSettings(t.Context(), "lock", func(s *settings.Settings) error {
		s.Lock.Mode, s.Lock.Slice, s.Lock.Wait = settings.Exclusive, 10*time.Millisecond, 10*time.Second
		return nil
	})
	require.NoError(t, err)
	m.everywhere("the lock mode", func(e *seckill.Engine) bool {
		s, err := e.Settings(t.Context())
		return err == nil && s.Lock.Mode == settings.Exclusive
	})
	won := saletest.Winners(t, m.patient(300, 300), seckill.SoldOut)
	require.Len(t, won, 100)
	m.sound(won)
}

func TestPaymentsMoveOrdersAndFailedOnesSellAgain(t *testing.T) {
	m := open(t, 20, 0)
	won := saletest.Winners(t, m.rush(20, 20))
	require.Len(t, won, 20)
	for i, b := range won {
		method := ""
		if i%2 == 1 {
			method = payment.MethodFail
		}
		require.NoError(t, m.engines[i%3].Pay(t.Context(), b.User, b.Receipt.Order.ID, method))
	}
	for i, b := range won {
		want, moved := order.Paid, "order.paid"
		if i%2 == 1 {
			want, moved = order.Cancelled, "order.cancelled"
		}
		saletest.Eventually(t, "order "+string(want), func() bool {
			o, err := m.engines[0].Order(t.Context(), b.User, b.Receipt.Order.ID)
			return err == nil && o.State == want
		})
		saletest.Eventually(t, "both events in their order", func() bool {
			return fmt.Sprint(m.heard(b.Receipt.Order.ID)) == fmt.Sprint([]string{"order.created", moved})
		})
	}
	more := 0
	saletest.Eventually(t, "the ten units sell again", func() bool {
		more += len(saletest.Winners(t, m.rush(30, 30), seckill.SoldOut))
		return more == 10
	})
}

func TestSwitchLimitAndBlacklistTakeEffectEverywhereWithinASecond(t *testing.T) {
	m := open(t, 100, 0)
	admin := m.engines[2].Admin("test")
	tries := 0
	refused := func(want seckill.Code) func(*seckill.Engine) bool {
		return func(e *seckill.Engine) bool {
			_, err := e.Ticket(t.Context(), "user-1", "1001", 1)
			tries++
			return errors.Is(err, want) || want == "" && err == nil
		}
	}
	_, err := admin.SetEnabled(t.Context(), false)
	require.NoError(t, err)
	m.everywhere("off", refused(seckill.Disabled))
	_, err = admin.SetEnabled(t.Context(), true)
	require.NoError(t, err)
	m.everywhere("on", refused(""))

	_, err = admin.SetRateLimit(t.Context(), 1, time.Hour)
	require.NoError(t, err)
	m.everywhere("a low rate limit", refused(seckill.RateLimited))
	_, err = admin.SetRateLimit(t.Context(), 1_000_000, time.Second)
	require.NoError(t, err)
	m.everywhere("a high rate limit", refused(""))

	start := time.Now()
	_, err = admin.Ban(t.Context(), "user-1", "scalper", 2*time.Second)
	require.NoError(t, err)
	m.everywhere("on the blacklist", refused(seckill.Blacklisted))
	saletest.Eventually(t, "off the blacklist by itself", func() bool { return refused("")(m.engines[0]) })
	require.GreaterOrEqual(t, time.Since(start), 2*time.Second)
	_, err = admin.Ban(t.Context(), "user-1", "scalper", 0)
	require.NoError(t, err)
	m.everywhere("on it again", refused(seckill.Blacklisted))
	was, err := admin.Unban(t.Context(), "user-1")
	require.NoError(t, err)
	require.True(t, was)
	m.everywhere("taken off", refused(""))
}

func TestAFlushedRedisIsFilledFromTheDatabaseAndSellsOut(t *testing.T) {
	m := open(t, 100, 0)
	won := saletest.Winners(t, m.rush(40, 40))
	require.Len(t, won, 40)
	forget(t, m.clients)
	saletest.Eventually(t, "the rest sells", func() bool {
		won = append(won, saletest.Winners(t, m.rush(30, 30), seckill.Busy, seckill.SoldOut)...)
		return len(won) >= 100
	})
	require.Len(t, won, 100)
	saletest.Distinct(t, won, m.engines...)
	m.sound(won)
}

func TestPreloadAndTotalChangesWhileThreeEnginesSell(t *testing.T) {
	m := open(t, 60, 0)
	done := make(chan error, 1)
	go func() {
		admin := m.engines[0].Admin("test")
		g := m.goods
		var fault error
		for total := 65; total <= 100; total += 5 {
			g.Total = total
			_, err := admin.PutGoods(t.Context(), g)
			_, again := admin.Preload(t.Context(), "1001")
			fault = errors.Join(fault, err, again)
		}
		done <- fault
	}()
	var won []saletest.Bought
	saletest.Eventually(t, "all 100 sold", func() bool {
		won = append(won, saletest.Winners(t, m.rush(60, 60), seckill.SoldOut, seckill.Busy)...)
		return len(won) >= 100
	})
	require.NoError(t, <-done)
	require.Len(t, won, 100)
	saletest.Distinct(t, won, m.engines...)
	m.sound(won)
}
