package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// claim makes a folder this process's own until release is called or the process
// ends. A file of bbolt, which etcd brings along, does what file locks do on each
// operating system; etcd itself would wait for another etcd without a word.
func claim(dir string) (release func() error, err error) {
	file := filepath.Join(dir, "claim")
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: 200 * time.Millisecond})
	owner := filepath.Join(dir, "claim.pid")
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("folder %s is in use by another process%s", dir, named(owner))
	}
	if err != nil {
		return nil, fmt.Errorf("claim folder %s: %w", dir, err)
	}
	if err := os.WriteFile(owner, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("claim folder %s: %w", dir, err), db.Close())
	}
	return db.Close, nil
}

// named returns the id of the process that has a folder, for a message; nothing
// while that process has not written it yet.
func named(owner string) string {
	pid, err := os.ReadFile(owner)
	if err != nil || len(pid) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", pid)
}
