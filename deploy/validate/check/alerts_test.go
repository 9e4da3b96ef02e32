package check_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// healthy is ten minutes of a sale in which nothing is wrong, and some units are always held.
const healthy = `load 10s
	up{job="seckill",instance="a"} 1x60
	seckill_part_up{instance="a",part="sink"} 1x60
	seckill_stock_conserved{instance="a",goods="1"} 1x60
	seckill_reconcile_differences_total{instance="a"} 7x60
	seckill_stock_drift_units{instance="a",goods="1",against="gate"} 0x54 3 0 0 2 0 0
	seckill_stock_units{instance="a",goods="1",state="held"} 30x60
	seckill_group_size_count{instance="a"} 0+100x60
	seckill_purchases_total{instance="a",code="ok"} 0+100x60
	seckill_purchases_total{instance="a",code="busy"} 0+5x60
	seckill_stage_duration_seconds_bucket{instance="a",stage="purchase",le="0.1"} 0+100x60
	seckill_stage_duration_seconds_bucket{instance="a",stage="purchase",le="+Inf"} 0+100x60
	seckill_fenced_groups_total{instance="a"} 0+1x60
	seckill_astray_groups_total{instance="a"} 7x60
	seckill_unknown_outcomes_total{instance="a"} 7x60
	seckill_leases_ended_total{instance="a",reason="lost"} 3x60
	seckill_outbox_lag_seconds{instance="a"} 2x60
	seckill_parked{instance="a"} 0x50 1 1 0x8
	seckill_settings_age_seconds{instance="a"} 1x60
`

// trouble is, for each alert, what it has to see.
var trouble = map[string]string{
	"SeckillNodeDown": `up{job="seckill",instance="a"} 0x60`,
	"SeckillPartDown": `seckill_part_up{instance="a",part="sink"} 0x60`,
	"SeckillNotConserved": `seckill_stock_conserved{instance="a",goods="1"} 1x60
	seckill_stock_conserved{instance="b",goods="1"} 0x60`,
	"SeckillBooksDisagree":     `seckill_reconcile_differences_total{instance="a"} 7x55 8x5`,
	"SeckillGateDrifts":        `seckill_stock_drift_units{instance="a",goods="1",against="gate"} 1x60`,
	"SeckillAstrayGroups":      `seckill_astray_groups_total{instance="a"} 7x55 8x5`,
	"SeckillUnknownOutcomes":   `seckill_unknown_outcomes_total{instance="a"} 7x55 8x5`,
	"SeckillLeasesChangeHands": `seckill_fenced_groups_total{instance="a"} 0+5x60`,
	"SeckillLeasesLost":        `seckill_leases_ended_total{instance="a",reason="lost"} 0+1x60`,
	"SeckillOutboxLags":        `seckill_outbox_lag_seconds{instance="a"} 0+10x60`,
	"SeckillParked":            `seckill_parked{instance="a"} 1x60`,
	"SeckillHoldsStay": `seckill_stock_units{instance="a",goods="1",state="held"} 2x60
	seckill_group_size_count{instance="a"} 900x60`,
	"SeckillBusy": `seckill_purchases_total{instance="a",code="ok"} 0+100x60
	seckill_purchases_total{instance="a",code="busy"} 0+50x60`,
	"SeckillSlow": `seckill_stage_duration_seconds_bucket{instance="a",stage="purchase",le="1"} 0+90x60
	seckill_stage_duration_seconds_bucket{instance="a",stage="purchase",le="2.5"} 0+100x60
	seckill_stage_duration_seconds_bucket{instance="a",stage="purchase",le="+Inf"} 0+100x60`,
	"SeckillSettingsAreOld": `seckill_settings_age_seconds{instance="a"} 0+10x60`,
}

func TestEachAlertSeesItsTroubleAndNoHealthySale(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, alerts))
	if err != nil {
		t.Fatal(err)
	}
	rules, faults := rulefmt.Parse(b, false, model.LegacyValidation, parser.NewParser(parser.Options{}), nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, r := range rules.Groups[0].Rules {
		t.Run(r.Alert, func(t *testing.T) {
			if trouble[r.Alert] == "" {
				t.Fatal("what does it have to see?")
			}
			if n := seen(t, healthy, r.Expr); n != 0 {
				t.Errorf("sees %d troubles in a healthy sale", n)
			}
			if seen(t, "load 10s\n\t"+trouble[r.Alert]+"\n", r.Expr) == 0 {
				t.Error("does not see its trouble")
			}
		})
	}
}

// seen is how many series an expression has after ten minutes.
func seen(t *testing.T, series, expression string) int {
	t.Helper()
	storage := promqltest.LoadedStorage(t, series)
	defer storage.Close()
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	query, err := engine.NewInstantQuery(t.Context(), storage, promql.NewPrometheusQueryOpts(false, 0, nil), expression, time.Unix(0, 0).Add(10*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	vector, err := query.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatal(err)
	}
	return len(vector)
}
