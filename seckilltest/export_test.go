package seckilltest

import "context"

// Judge tortures without a test: it returns the violated invariants, the report and
// a line about what happened.
func Judge(ctx context.Context, a Adapters, o Options) (violated []string, report, tally string, err error) {
	out, err := torture(ctx, a, o.withDefaults())
	if err != nil {
		return nil, "", "", err
	}
	return out.report.Violated(), out.report.String(), out.tally(), nil
}
