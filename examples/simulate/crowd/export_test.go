package crowd

import (
	"context"
	"time"
)

// Come has a visitor come who was due that much earlier.
func (c *Crowd) Come(ctx context.Context, v Visitor, late time.Duration) (with string) {
	c.start = time.Now().Add(-late - v.At)
	return c.visit(ctx, v)
}
