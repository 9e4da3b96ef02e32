package redisstock

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seckill-go/seckill/stock"
)

func unexpected(answer any) error {
	return fmt.Errorf("unexpected answer of the script: %.200q", fmt.Sprint(answer))
}

// numbers reads an answer of exactly n whole numbers.
func numbers(answer []any, n int) ([]int64, error) {
	if len(answer) != n {
		return nil, unexpected(answer)
	}
	all := make([]int64, n)
	for i, value := range answer {
		switch v := value.(type) {
		case int64:
			all[i] = v
		case string:
			parsed, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return nil, unexpected(answer)
			}
			all[i] = parsed
		default:
			return nil, unexpected(answer)
		}
	}
	return all, nil
}

func counts(answer []any) (stock.Counts, error) {
	n, err := numbers(answer, 6)
	if err != nil {
		return stock.Counts{}, err
	}
	return stock.Counts{
		Total: int(n[0]), Left: int(n[1]), Held: int(n[2]), Sold: int(n[3]),
		Epoch: n[4], Fence: n[5],
	}, nil
}

// reservation reads fence, left, one digit per request, the group, the units held and
// the age of the load.
func reservation(answer []any, requests int) (stock.Reservation, error) {
	if len(answer) != 6 {
		return stock.Reservation{}, unexpected(answer)
	}
	n, err := numbers(slices.Concat(answer[:2], answer[4:]), 4)
	if err != nil {
		return stock.Reservation{}, err
	}
	digits, ok := answer[2].(string)
	group, also := answer[3].(string)
	if !ok || !also || len(digits) != requests {
		return stock.Reservation{}, unexpected(answer)
	}
	statuses := make([]stock.Status, requests)
	for i := range statuses {
		statuses[i] = stock.Status(digits[i] - '0')
		if statuses[i] < stock.Reserved || statuses[i] > stock.LimitReached {
			return stock.Reservation{}, unexpected(answer)
		}
	}
	return stock.Reservation{
		Statuses: statuses, Fence: n[0], Left: int(n[1]), Held: int(n[2]), Group: group, Refilled: time.Duration(n[3]) * time.Microsecond,
	}, nil
}

// texts reads an answer of any number of texts.
func texts(answer []any) ([]string, error) {
	var all []string
	for _, value := range answer {
		text, ok := value.(string)
		if !ok {
			return nil, unexpected(answer)
		}
		all = append(all, text)
	}
	return all, nil
}

// nothing reads an answer that has nothing to say but ok.
func nothing(answer []any) error {
	if len(answer) != 0 {
		return unexpected(answer)
	}
	return nil
}

// holds reads attempt, user, units and age for each hold.
func holds(answer []any) ([]stock.Hold, error) {
	if len(answer)%4 != 0 {
		return nil, unexpected(answer)
	}
	var all []stock.Hold
	for four := range slices.Chunk(answer, 4) {
		attempt, ok := four[0].(string)
		user, also := four[1].(string)
		n, err := numbers(four[2:], 2)
		if !ok || !also || err != nil {
			return nil, unexpected(answer)
		}
		age := time.Duration(n[1]) * time.Microsecond
		all = append(all, stock.Hold{Attempt: attempt, User: user, Quantity: int(n[0]), Age: age})
	}
	return all, nil
}
