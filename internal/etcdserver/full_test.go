//go:build unix

package etcdserver_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/etcdserver"
)

// The limit on the size of files stands in for a full disk. It is set in another
// process, as etcd itself would end this one.
func TestADiskWithoutRoomIsAnErrorWithTheReason(t *testing.T) {
	const variable = "SECKILL_START_ETCD_IN"
	if dir := os.Getenv(variable); dir != "" {
		fmt.Println(startWithoutRoom(t, dir))
		os.Exit(0)
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), variable+"="+dir)
	said, err := child.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Equal(t, "start etcd in "+dir+": "+syscall.EFBIG.Error()+"\n", string(said))
}

func startWithoutRoom(t *testing.T, dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limit.Cur = 1 << 20
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	_, err := etcdserver.Start(t.Context(), dir)
	return err
}
