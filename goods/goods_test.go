package goods_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
)

func TestEveryWrongFieldIsNamedAtOnce(t *testing.T) {
	bad := goods.Goods{
		ID: "a b", Subtitle: strings.Repeat("x", 501), Price: -1, OriginalPrice: -1, Currency: "yuan", Total: 0, LimitPerUser: -1,
	}
	err := bad.Validate()
	if !errors.Is(err, goods.ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	for _, field := range []string{"goods_id", "title", "subtitle", "price", "original_price", "currency", "total", "limit_per_user", "starts_at", "ends_at"} {
		if !strings.Contains(err.Error(), field+":") {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
}

func TestAnEndBeforeTheStartIsRefused(t *testing.T) {
	now := time.Now()
	g := goods.Goods{ID: "1", Title: "t", Currency: "CNY", Total: 1, StartsAt: now, EndsAt: now}
	if err := g.Validate(); err == nil || !strings.Contains(err.Error(), "ends_at") {
		t.Errorf("got %v", err)
	}
	g.EndsAt = now.Add(time.Second)
	if err := g.Validate(); err != nil {
		t.Errorf("got %v", err)
	}
}
