package gormorder

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

var _ order.Clock = (*Store)(nil)

// Clock implements [order.Clock]. SQLite has the clock of its machine.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	if !s.mysql {
		return time.Now(), nil
	}
	var at gormdb.Moment
	err := s.db.WithContext(ctx).Raw("SELECT UTC_TIMESTAMP(6)").Row().Scan(&at)
	return time.Time(at), fault(ctx, err, "read the clock")
}
