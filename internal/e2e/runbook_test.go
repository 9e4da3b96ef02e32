//go:build real

package e2e_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/saletest"
)

// The statements of the runbook run on the real database, and leave what was sold
// as it is.
func TestTheRunbooksStatementsRun(t *testing.T) {
	m := open(t, 10, 0)
	won := saletest.Winners(t, m.rush(4, 4))
	m.sound(won)
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	n := 0
	for _, block := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for statement := range strings.SplitSeq(strings.TrimSpace(block[1]), ";") {
			if statement != "" {
				m.exec(statement)
				n++
			}
		}
	}
	require.Equal(t, 4, n)
	report, err := m.engines[0].Admin("test").Reconcile(t.Context(), "1001", true)
	require.NoError(t, err)
	require.Empty(t, report.Differences)
}
