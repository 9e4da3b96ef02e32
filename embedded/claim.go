package embedded

import (
	"errors"
	"fmt"
	"path/filepath"
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
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("folder %s is in use by another process", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("claim folder %s: %w", dir, err)
	}
	return db.Close, nil
}
