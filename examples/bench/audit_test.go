package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	main "github.com/seckill-go/seckill/examples/bench"
)

// damages are what must not happen, and the losses that each has to be found as.
var damages = map[string]struct {
	main.Damage
	want main.Losses
}{
	"an order deleted": {
		Damage: main.Damage{After: func(ctx context.Context, s *main.Sold) error {
			return s.SQL(ctx, "DELETE FROM seckill_orders WHERE id = ?", s.Told[0])
		}},
		want: main.Losses{Oversold: 1, Lost: 1},
	},
	"an order added": {
		Damage: main.Damage{After: func(ctx context.Context, s *main.Sold) error {
			return s.SQL(ctx, `INSERT INTO seckill_orders (id, goods_id, user_id, quantity, amount, currency, state,
				version, reason, payment_id, created_at, updated_at, pay_by)
				SELECT 'added', goods_id, user_id, quantity, amount, currency, state,
				version, reason, payment_id, created_at, updated_at, pay_by FROM seckill_orders WHERE id = ?`, s.Told[0])
		}},
		want: main.Losses{Oversold: 1, EventsMissing: 1},
	},
	// The first group of one buyer, whose entry says from the beginning that its event
	// was sent. So the relay never sees it.
	"an event never published": {
		Damage: main.Damage{Before: func(ctx context.Context, s *main.Sold) error {
			return s.SQL(ctx, fmt.Sprintf(`CREATE TRIGGER forgotten AFTER INSERT ON seckill_ledger
				WHEN new.goods_id = '%s' AND new.units = 1 AND 1 = (SELECT COUNT(*) FROM seckill_ledger WHERE goods_id = '%[1]s' AND units = 1)
				BEGIN UPDATE seckill_ledger SET sent_at = created_at WHERE id = new.id; END`, s.GoodsID))
		}},
		want: main.Losses{EventsMissing: 1},
	},
	"an order told twice": {
		Damage: main.Damage{After: func(_ context.Context, s *main.Sold) error {
			s.Told = append(s.Told, s.Told[0])
			return nil
		}},
		want: main.Losses{Duplicate: 1},
	},
	"an order that nobody made": {
		Damage: main.Damage{After: func(_ context.Context, s *main.Sold) error {
			s.Told = append(s.Told, "invented")
			return nil
		}},
		want: main.Losses{Lost: 1},
	},
	"a gate with a unit too few": {
		Damage: main.Damage{After: func(ctx context.Context, s *main.Sold) error { return s.Gate(ctx, "left", -1) }},
		want:   main.Losses{Oversold: 1},
	},
	"a gate with a unit too many": {
		Damage: main.Damage{After: func(ctx context.Context, s *main.Sold) error { return s.Gate(ctx, "left", 1) }},
		want:   main.Losses{Oversold: 1},
	},
	"a row that forgot a sale": {
		Damage: main.Damage{After: func(ctx context.Context, s *main.Sold) error {
			return s.SQL(ctx, "UPDATE seckill_stock SET sold = sold - 1 WHERE goods_id = ?", s.GoodsID)
		}},
		want: main.Losses{Oversold: 2}, // it agrees with neither the orders nor the gate
	},
	"nothing": {},
}

func TestEveryLossIsFound(t *testing.T) {
	t.Parallel()
	m, err := main.Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	for name, d := range damages {
		found, err := m.Found(t.Context(), name, d.Damage)
		require.NoError(t, err, name)
		require.Equal(t, d.want, found, name)
	}
}

func init() { main.Damage{After: ruin}.Only("ruined") }

// ruin deletes an order, tells another twice, adds one without an event, and has
// the gate a unit short.
func ruin(ctx context.Context, s *main.Sold) error {
	for _, name := range []string{"an order deleted", "an order added", "a gate with a unit too few"} {
		if name == "an order added" {
			s.Told = append(s.Told[1:], s.Told[1])
		}
		if err := damages[name].After(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func TestAfterALossThereAreNoFigures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tell, err := os.Create(filepath.Join(dir, "tell"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tell.Close()) })
	file := filepath.Join(dir, "out.json")
	run := []string{"-buyers", "1", "-rounds", "1", "-seconds", "0.1", "-wait", "0s", "-steady", "10", "-json", file, "-only"}
	figures, err := main.Measured(t.Context(), tell, append(run, "ruined")...)
	require.ErrorContains(t, err, "the books do not agree, so there are no figures: {Oversold:1 Lost:0 Duplicate:1 EventsMissing:1}")
	require.Empty(t, figures)
	require.NoFileExists(t, file)

	figures, err = main.Measured(t.Context(), tell, append(run, "full")...)
	require.NoError(t, err)
	require.Contains(t, figures, "full")
	requireShape(t, decoded(t, file), `{"runs":[{"path":"full","buyers":1,"per_second":0}],"checks":{"lost":0}}`)
}
