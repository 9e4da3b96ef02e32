package redisstock

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/stock"
)

var (
	//go:embed gate.lua
	gateLua string
	//go:embed reserve.lua
	reserveLua string
	//go:embed confirm.lua
	confirmLua string
	//go:embed settle.lua
	settleLua string
	//go:embed stop.lua
	stopLua string
	//go:embed load.lua
	loadLua string
	//go:embed resize.lua
	resizeLua string
	//go:embed retire.lua
	retireLua string
	//go:embed counts.lua
	countsLua string
	//go:embed holds.lua
	holdsLua string
)

var (
	reserveScript = redis.NewScript(gateLua + reserveLua)
	confirmScript = redis.NewScript(gateLua + confirmLua)
	settleScript  = redis.NewScript(gateLua + settleLua)
	stopScript    = redis.NewScript(gateLua + stopLua)
	loadScript    = redis.NewScript(gateLua + loadLua)
	resizeScript  = redis.NewScript(gateLua + resizeLua)
	retireScript  = redis.NewScript(gateLua + retireLua)
	countsScript  = redis.NewScript(gateLua + countsLua)
	holdsScript   = redis.NewScript(gateLua + holdsLua)
)

// run runs a script on the keys of one goods and returns its answer after the
// word that every answer begins with.
func (s *Store) run(ctx context.Context, script *redis.Script, goodsID string, args ...any) ([]any, error) {
	keys, err := s.Keys(goodsID)
	if err != nil {
		return nil, err
	}
	answer, err := script.Run(ctx, s.client, keys, args...).Slice()
	if err != nil {
		return nil, cause(ctx, err)
	}
	if len(answer) == 0 {
		return nil, unexpected(answer)
	}
	switch answer[0] {
	case "ok":
		return answer[1:], nil
	case "not loaded":
		return nil, stock.ErrNotLoaded
	case "fenced":
		return nil, stock.ErrFenced
	case "too small":
		return nil, stock.ErrTotalTooSmall
	}
	return nil, unexpected(answer)
}

// cause makes an error match ctx's. A connection's own deadline may strike a
// moment before the context's does.
func cause(ctx context.Context, err error) error {
	ended := ctx.Err()
	if deadline, ok := ctx.Deadline(); ended == nil && ok && !time.Now().Before(deadline) {
		ended = context.DeadlineExceeded
	}
	if ended == nil || errors.Is(err, ended) {
		return err
	}
	return fmt.Errorf("%w: %w", ended, err)
}
