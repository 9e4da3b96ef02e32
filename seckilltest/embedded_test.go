//go:build !real

package seckilltest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/standard"
)

// clients are those of servers inside the process, of which each test has its
// own.
func clients(t testing.TB) standard.Clients {
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	return servers.Clients()
}
