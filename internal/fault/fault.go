// Package fault names the moments at which a node may die worst. The engine and
// its backends pass each of them on their way:
//
//	fault.Point("sale.reserved")
//
// That does nothing, and costs one read of memory, until a test arms it: package
// internal/torture runs nodes as processes and has them kill or stop themselves
// there.
package fault

import "sync/atomic"

// armed is what happens at a point; nil, as in every normal program, is nothing.
var armed atomic.Pointer[func(name string)]

// Point is passed when the moment of that name has come.
func Point(name string) {
	if f := armed.Load(); f != nil {
		(*f)(name)
	}
}

// Arm has f called at every point from now on, by whoever passes it; nil means
// nothing. It is for tests, in a process of their own.
func Arm(f func(name string)) {
	if f == nil {
		armed.Store(nil)
		return
	}
	armed.Store(&f)
}
