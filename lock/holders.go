package lock

import "context"

// Holder is a lease that is held now.
type Holder struct {
	Mode Mode
	// Node is the [Options.Node] of who holds it.
	Node string
	// Fence is the lease's fencing token, or 0 if it cannot be told.
	Fence int64
}

// Holders is what a [Locker] may be beside: one that can tell who holds a lease. It
// is for people to look at; by the time they read it, another may hold it. Safe for
// concurrent use.
type Holders interface {
	// Holders returns, for each of the names in their order, the leases that are
	// granted, in the order of their requests. Requests that wait are not among them.
	// A name that nobody holds has none.
	Holders(ctx context.Context, names []string) ([][]Holder, error)
}

// CheckRequest returns an error that says what is wrong with a request for a lease,
// its name or the node in its options, or nil.
func CheckRequest(name string, o Options) error {
	if err := CheckName(name); err != nil || o.Node == "" {
		return err
	}
	return CheckName(o.Node)
}
