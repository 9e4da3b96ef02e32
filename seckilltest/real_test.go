//go:build real

package seckilltest_test

import (
	"testing"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/standard"
)

// clients are those of the real servers.
func clients(t testing.TB) standard.Clients { return realtest.Clients(t) }
