package redisstock_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

// TestBehavesAsMemory drives both stores by the same random calls: they have to
// answer the same at every step.
func TestBehavesAsMemory(t *testing.T) {
	server, client := start(t)
	rapid.Check(t, func(r *rapid.T) {
		server.FlushAll()
		m := &machine{server: server, store: redisstock.New(client, redisstock.Options{}), model: &stock.Memory{}}
		r.Repeat(map[string]func(*rapid.T){
			"reserve": m.reserve, "settle": m.settle, "confirm": m.confirm, "stop": m.stop, "load": m.load,
			"resize": m.resize, "retire": m.retire, "": m.agree,
		})
	})
}

type machine struct {
	server *miniredis.Miniredis
	store  stock.Store
	model  stock.Store
	groups [][2]string // what the two call them
}

var (
	attempts = rapid.IntRange(0, 11)
	fences   = rapid.Int64Range(0, 4)
	verdicts = rapid.SampledFrom([]stock.Verdict{stock.Confirm, stock.Release, stock.Restore})
)

// request draws one of a few attempts; user and quantity are the attempt's own.
func request(r *rapid.T) stock.Request {
	n := attempts.Draw(r, "attempt")
	return stock.Request{Attempt: fmt.Sprint("a", n), User: fmt.Sprint("u", n%4), Quantity: 1 + n%3, Limit: rapid.IntRange(0, 5).Draw(r, "limit")}
}

var groups = rapid.SliceOfN(rapid.Custom(request), 0, 6)

func (m *machine) reserve(r *rapid.T) {
	fence, group := fences.Draw(r, "fence"), groups.Draw(r, "group")
	got, err := m.store.Reserve(context.Background(), "1001", fence, group)
	want, wantErr := m.model.Reserve(context.Background(), "1001", fence, group)
	same(r, err, wantErr)
	require.Equal(r, want.Group == "", got.Group == "")
	if got.Group != "" {
		m.groups = append(m.groups, [2]string{got.Group, want.Group})
	}
	require.Equal(r, want.Refilled == 0, got.Refilled == 0)
	want.Group, want.Refilled = got.Group, got.Refilled
	require.Equal(r, want, got)
}

// confirm confirms some of the groups that there were, new and old.
func (m *machine) confirm(r *rapid.T) {
	var names [2][]string
	for _, g := range m.groups {
		if rapid.Bool().Draw(r, "this one") {
			names[0], names[1] = append(names[0], g[0]), append(names[1], g[1])
		}
	}
	got, err := m.store.Confirm(context.Background(), "1001", names[0])
	want, wantErr := m.model.Confirm(context.Background(), "1001", names[1])
	same(r, err, wantErr)
	require.Len(r, got, len(want))
	for i := range want {
		require.Contains(r, m.groups, [2]string{got[i], want[i]})
	}
}

func (m *machine) settle(r *rapid.T) {
	var list []stock.Settlement
	for _, one := range groups.Draw(r, "group") {
		list = append(list, verdict(verdicts.Draw(r, "verdict"), []stock.Request{one})...)
		last := &list[len(list)-1]
		last.Booked, last.Released = fences.Draw(r, "booked"), fences.Draw(r, "released")
	}
	same(r, m.store.Settle(context.Background(), "1001", list), m.model.Settle(context.Background(), "1001", list))
}

func (m *machine) stop(r *rapid.T) {
	fence := fences.Draw(r, "fence")
	same(r, m.store.Stop(context.Background(), "1001", fence), m.model.Stop(context.Background(), "1001", fence))
}

func (m *machine) load(r *rapid.T) {
	fence := fences.Draw(r, "fence")
	s := stock.Snapshot{
		Total: rapid.IntRange(0, 12).Draw(r, "total"), Sold: rapid.IntRange(0, 4).Draw(r, "sold"),
		Epoch: rapid.Int64Range(0, 3).Draw(r, "epoch"),
	}
	got, err := m.store.Load(context.Background(), "1001", fence, s)
	want, wantErr := m.model.Load(context.Background(), "1001", fence, s)
	same(r, err, wantErr)
	require.Equal(r, want, got)
}

func (m *machine) resize(r *rapid.T) {
	total := rapid.IntRange(-1, 14).Draw(r, "total")
	got, err := m.store.Resize(context.Background(), "1001", total)
	want, wantErr := m.model.Resize(context.Background(), "1001", total)
	same(r, err, wantErr)
	require.Equal(r, want, got)
}

func (m *machine) retire(r *rapid.T) {
	fence := fences.Draw(r, "fence")
	same(r, m.store.Retire(context.Background(), "1001", fence), m.model.Retire(context.Background(), "1001", fence))
}

// agree compares what both can be asked for without a change.
func (m *machine) agree(r *rapid.T) {
	got, err := m.store.Counts(context.Background(), "1001")
	want, wantErr := m.model.Counts(context.Background(), "1001")
	same(r, err, wantErr)
	require.Equal(r, want, got)
	require.Equal(r, wantErr == nil, got.Conserved() && err == nil)
	many, err := m.store.CountsOf(context.Background(), []string{"1001", "1002"})
	require.NoError(r, err)
	wantMany, _ := m.model.CountsOf(context.Background(), []string{"1001", "1002"})
	require.Equal(r, wantMany, many)
	require.Equal(r, listed(r, m.model), listed(r, m.store))
	m.sums(r, got)
}

// sums adds up what is known of each user: it has to be what was taken since the load.
func (m *machine) sums(r *rapid.T, c stock.Counts) {
	if c == (stock.Counts{}) {
		return // closed
	}
	sum := 0
	users, _ := m.server.HKeys("seckill:{1001}:sale:users")
	for _, user := range users {
		var n int
		_, err := fmt.Sscan(m.server.HGet("seckill:{1001}:sale:users", user), &n)
		require.NoError(r, err)
		require.Positive(r, n)
		sum += n
	}
	var counted int
	_, err := fmt.Sscan(m.server.HGet("seckill:{1001}:sale", "counted"), &counted)
	require.NoError(r, err)
	require.Equal(r, c.Held+c.Sold-counted, sum)
}

// listed gives all holds without their ages, in the order of their names.
func listed(r *rapid.T, s stock.Store) []stock.Hold {
	list, err := s.Holds(context.Background(), "1001", 0, 100)
	if err != nil {
		require.ErrorIs(r, err, stock.ErrNotLoaded)
	}
	for i := range list {
		list[i].Age = 0
	}
	slices.SortFunc(list, func(a, b stock.Hold) int { return strings.Compare(a.Attempt, b.Attempt) })
	return list
}

// same wants both errors to say the same.
func same(r *rapid.T, got, want error) {
	for _, sentinel := range []error{stock.ErrNotLoaded, stock.ErrFenced, stock.ErrTotalTooSmall} {
		require.Equal(r, errors.Is(want, sentinel), errors.Is(got, sentinel), "got %v, want %v", got, want)
	}
	require.Equal(r, want == nil, got == nil, "got %v, want %v", got, want)
}
