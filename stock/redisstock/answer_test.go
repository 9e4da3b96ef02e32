package redisstock_test

import (
	"context"
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

// answering is a client to whom every script answers the same.
type answering struct {
	redis.Scripter
	answer any
	err    error
}

func (a answering) EvalSha(context.Context, string, []string, ...any) *redis.Cmd {
	return redis.NewCmdResult(a.answer, a.err)
}

func TestUnexpectedAnswerIsAFaultThatNamesIt(t *testing.T) {
	type list = []any
	for _, answer := range []any{
		nil, "ok", int64(1), list{}, list{"perhaps"}, list{int64(1)}, list{nil}, list{"ok", "perhaps"},
		list{"ok", "1", "2"}, list{"ok", "1", "2", "3"}, list{"ok", "1", "x", "1"}, list{"ok", nil, "2", "1"},
		list{"ok", "1", "2", "0", "", "0", "0"}, list{"ok", "1", "2", "7", "", "0", "0"}, list{"ok", "1", "2", "11", "", "0", "0"},
		list{"ok", "1", "2", int64(1), "", "0", "0"}, list{"ok", "1", "2", "3", "", "0", "0"}, list{"ok", "1", "2", "3", nil, "0", "0"},
		list{"ok", "x", "2", "3", "", "0", "0"}, list{"ok", "1", "2", "3", "", "x", "0"}, list{"ok", "1", "2", "3", ""},
		list{"ok", "1", "2", "3", "4", "5", "x"}, list{"ok", "1", "2", "3", "4", "5", "6", "7"}, list{"ok", "a", "u", "x", "1"},
	} {
		store := redisstock.New(answering{answer: answer}, redisstock.Options{})
		for name, err := range map[string]error{
			"Reserve": second(store.Reserve(t.Context(), "1001", 0, crowd(0, 1))),
			"Settle":  store.Settle(t.Context(), "1001", verdict(stock.Confirm, crowd(0, 1))),
			"Stop":    store.Stop(t.Context(), "1001", 0),
			"Resize":  second(store.Resize(t.Context(), "1001", 1)),
			"Retire":  store.Retire(t.Context(), "1001", 0),
			"Load":    second(store.Load(t.Context(), "1001", 0, stock.Snapshot{})),
			"Counts":  second(store.Counts(t.Context(), "1001")),
			"Holds":   second(store.Holds(t.Context(), "1001", 0, 1)),
		} {
			if right(name, answer) {
				require.NoError(t, err, "%s: %v", name, answer)
				continue
			}
			require.ErrorContains(t, err, "unexpected", "%s: %v", name, answer)
		}
	}
}

// right says which of the odd answers are right for one of the calls.
func right(call string, answer any) bool {
	list, _ := answer.([]any)
	if call == "Load" || call == "Resize" || call == "Counts" {
		return len(list) == 7 && list[3] == "0" && list[4] == "0"
	}
	return call == "Reserve" && len(list) == 7 && list[1] == "1" && list[3] == "3" && list[4] == "" && list[5] == "0"
}

func TestFaultOfTheServerComesBack(t *testing.T) {
	full := errors.New("OOM command not allowed")
	store := redisstock.New(answering{err: full}, redisstock.Options{})
	_, err := store.Reserve(t.Context(), "1001", 0, crowd(0, 3))
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, `redisstock: reserve for 3 attempts of goods "1001": `)
}

func second[T any](_ T, err error) error { return err }
