package gormorder_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives its test, but for one that GORM starts for each cache of
// prepared statements and never ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"))
}
