//go:build race

package seckilltest_test

// seeds are fewer where everything takes five times as long: the race detector
// looks for another kind of fault.
const seeds = 1
