package redisstock_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
)

// open puts goods 1001 on sale for the first time, and sells to the requests.
func open(t testing.TB, store stock.Store, total int, sold ...stock.Request) {
	_, err := store.Load(context.Background(), "1001", 1, stock.Snapshot{Total: total})
	require.NoError(t, err)
	require.NoError(t, store.Settle(context.Background(), "1001", verdict(stock.Confirm, sold)))
}

// crowd is the i-th group of buyers, with ids as long as real ones.
func crowd(i, size int) []stock.Request {
	requests := make([]stock.Request, size)
	for k := range requests {
		n := i*size + k
		requests[k] = stock.Request{Attempt: fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", n), User: fmt.Sprintf("user-%08d", n), Quantity: 1, Limit: 2}
	}
	return requests
}

func verdict(v stock.Verdict, requests []stock.Request) []stock.Settlement {
	list := make([]stock.Settlement, len(requests))
	for i, r := range requests {
		list[i] = stock.Settlement{Attempt: r.Attempt, User: r.User, Quantity: r.Quantity, Verdict: v}
	}
	return list
}
