package peer

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/standard"
)

var (
	//go:embed reserve.lua
	reserveLua string
	//go:embed release.lua
	releaseLua string

	reserveScript = redis.NewScript(reserveLua)
	releaseScript = redis.NewScript(releaseLua)
)

var errNotLoaded = errors.New("peer: the goods has no numbers in Redis")

// Gate is the counter of one goods in Redis: one script for one buyer. It is safe
// for concurrent use.
type Gate struct {
	client redis.UniversalClient
	keys   []string // left, attempts, users: of one slot
}

// NewGate returns the gate of a goods, which [Gate.Open] fills.
func NewGate(c standard.Clients, goodsID string) *Gate {
	stem := cmp.Or(c.Prefix, "seckill") + ":bench:{" + goodsID + "}:"
	return &Gate{client: c.Redis, keys: []string{stem + "left", stem + "attempts", stem + "users"}}
}

// Open puts the goods on sale.
func (g *Gate) Open(ctx context.Context, total int) error {
	if err := g.Forget(ctx); err != nil {
		return err
	}
	if err := g.client.Set(ctx, g.keys[0], total, 0).Err(); err != nil {
		return fmt.Errorf("peer: open the gate: %w", err)
	}
	return nil
}

// Reserve takes a unit for the attempt, once. A user may have limit units; zero
// means no limit. Errors: [ErrSoldOut], [ErrLimitReached] or a fault, after which
// the unit may or may not be taken.
func (g *Gate) Reserve(ctx context.Context, attempt, user string, limit int) error {
	answer, err := reserveScript.Run(ctx, g.client, g.keys, attempt, user, limit).Text()
	switch {
	case err != nil:
		return fmt.Errorf("peer: reserve: %w", err)
	case answer == "sold out":
		return ErrSoldOut
	case answer == "limit reached":
		return ErrLimitReached
	case answer == "not loaded":
		return errNotLoaded
	}
	return nil
}

// Release gives the attempt's unit back, once.
func (g *Gate) Release(ctx context.Context, attempt, user string) error {
	if err := releaseScript.Run(ctx, g.client, g.keys, attempt, user).Err(); err != nil {
		return fmt.Errorf("peer: release: %w", err)
	}
	return nil
}

// Left is how many units nobody took.
func (g *Gate) Left(ctx context.Context) (int, error) {
	left, err := g.client.Get(ctx, g.keys[0]).Int()
	if errors.Is(err, redis.Nil) {
		return 0, errNotLoaded
	}
	if err != nil {
		return 0, fmt.Errorf("peer: read the gate: %w", err)
	}
	return left, nil
}

// Forget removes the goods' keys.
func (g *Gate) Forget(ctx context.Context) error {
	if err := g.client.Unlink(ctx, g.keys...).Err(); err != nil {
		return fmt.Errorf("peer: remove the gate: %w", err)
	}
	return nil
}
