//go:build real

package e2e_test

import (
	"testing"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/standard"
)

// clients are those of the real servers.
func clients(t testing.TB) standard.Clients { return realtest.Clients(t) }

// forget makes Redis lose everything that is ours.
func forget(t testing.TB, c standard.Clients) { realtest.Forget(t, c.Redis, c.Prefix) }
