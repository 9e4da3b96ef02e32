package seckilltest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No node that was killed leaves anything running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
