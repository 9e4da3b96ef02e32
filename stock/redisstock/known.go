package redisstock

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/stock"
)

//go:embed known.lua
var knownLua string

var knownScript = redis.NewScript(gateLua + knownLua)

// Known implements [stock.Reader].
func (s *Store) Known(ctx context.Context, goodsID string, attempts []string) ([]stock.Status, error) {
	statuses, err := s.known(ctx, goodsID, attempts)
	if err != nil {
		return nil, fmt.Errorf("redisstock: look for %d attempts of goods %q: %w", len(attempts), goodsID, err)
	}
	return statuses, nil
}

func (s *Store) known(ctx context.Context, goodsID string, attempts []string) ([]stock.Status, error) {
	args := make([]any, len(attempts))
	for i, a := range attempts {
		args[i] = a
	}
	answer, err := s.run(ctx, knownScript, goodsID, args...)
	if err != nil {
		return nil, err
	}
	digits, ok := "", len(answer) == 1
	if ok {
		digits, ok = answer[0].(string)
	}
	if !ok || len(digits) != len(attempts) {
		return nil, unexpected(answer)
	}
	statuses := make([]stock.Status, len(attempts))
	for i := range statuses {
		statuses[i] = stock.Status(digits[i] - '0')
		if statuses[i] > stock.Released {
			return nil, unexpected(answer)
		}
	}
	return statuses, nil
}
