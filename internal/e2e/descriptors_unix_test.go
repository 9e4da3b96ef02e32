//go:build unix

package e2e_test

import "syscall"

// descriptors is how many files this process may have open, if it raises its limit
// as far as it can.
func descriptors() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Max)
}
