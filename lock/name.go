package lock

import "fmt"

// MaxName is the length in bytes of the longest name.
const MaxName = 128

// CheckName returns an error that says what is wrong with a lease's name, or nil.
// A name is 1 to [MaxName] bytes of A-Z a-z 0-9 and "_.:-", so that every backend
// can put it into its keys as it is.
func CheckName(name string) error {
	if name == "" || len(name) > MaxName {
		return fmt.Errorf("lock: name of %d bytes: want 1 to %d", len(name), MaxName)
	}
	for i := range len(name) {
		if !allowed(name[i]) {
			return fmt.Errorf("lock: name %q: want only A-Z a-z 0-9 and _ . : -", name)
		}
	}
	return nil
}

func allowed(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '_' || c == '.' || c == ':' || c == '-'
}
