package seckill

import (
	"context"
	"strconv"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/lock"
)

// maxNode is how long a node's name may be.
const maxNode = 64

// nodeName makes the default name of a node out of what the machine says.
func nodeName(host string, pid int) string {
	name := []byte(host)
	for i := range name {
		if lock.CheckName(string(name[i])) != nil {
			name[i] = '-'
		}
	}
	suffix := "-" + strconv.Itoa(pid)
	if len(name) == 0 {
		name = []byte("node")
	}
	return string(name[:min(len(name), maxNode-len(suffix))]) + suffix
}

// holdersPatience is how long a look at the shop waits for the lock's answer: it is
// only shown.
const holdersPatience = time.Second

// holders returns who holds the lease of each goods, or nil if that is not known.
func (e *Engine) holders(ctx context.Context, all []goods.Goods) [][]lock.Holder {
	locker, ok := e.o.Locker.(lock.Holders)
	if !ok || len(all) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, holdersPatience)
	defer cancel()
	names := make([]string, len(all))
	for i, g := range all {
		names[i] = lockName(g.ID)
	}
	holders, err := locker.Holders(ctx, names)
	if err != nil || len(holders) != len(all) {
		return nil // Health tells what is wrong with the lock
	}
	return holders
}
