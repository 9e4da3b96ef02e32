package etcdlock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/lock/etcdlock"
)

func TestCheckNamesAnEtcdThatIsAway(t *testing.T) {
	c := client(t)
	l := etcdlock.New(c, patient(newPrefix()))
	require.NoError(t, l.Check(t.Context()))
	require.NoError(t, c.Close())
	require.Error(t, l.Check(t.Context()))
}
