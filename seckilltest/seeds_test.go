//go:build !race

package seckilltest_test

// seeds is how many tortures each mutant has to be caught by.
const seeds = 3
