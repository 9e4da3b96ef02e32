package stocktest

import (
	"fmt"

	"github.com/seckill-go/seckill/stock"
)

// one asks for one unit for an attempt whose user is named after it.
func one(attempt string) stock.Request { return some(attempt, 1) }

func some(attempt string, quantity int) stock.Request {
	return stock.Request{Attempt: attempt, User: "user of " + attempt, Quantity: quantity}
}

// of asks for units within a limit.
func of(user, attempt string, quantity, limit int) stock.Request {
	return stock.Request{Attempt: attempt, User: user, Quantity: quantity, Limit: limit}
}

func group(requests ...stock.Request) []stock.Request { return requests }

// many asks for one unit for each of n attempts of n users.
func many(prefix string, n int) []stock.Request {
	all := make([]stock.Request, n)
	for i := range all {
		all[i] = one(fmt.Sprintf("%s-%d", prefix, i))
	}
	return all
}

func all(n int, s stock.Status) []stock.Status {
	statuses := make([]stock.Status, n)
	for i := range statuses {
		statuses[i] = s
	}
	return statuses
}

func settlements(v stock.Verdict, requests ...stock.Request) []stock.Settlement {
	list := make([]stock.Settlement, len(requests))
	for i, r := range requests {
		list[i] = stock.Settlement{Attempt: r.Attempt, User: r.User, Quantity: r.Quantity, Verdict: v}
	}
	return list
}

// snapshot is the ledger's word at the first filling.
func snapshot(total, sold int) stock.Snapshot {
	return stock.Snapshot{Total: total, Sold: sold, Epoch: 1}
}
