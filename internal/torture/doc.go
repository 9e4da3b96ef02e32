// Package torture kills, stops and cuts off nodes in the middle of a sale, and
// judges what is left.
//
// A node is a process: the test's own program, started again, which serves the
// engine over HTTP on backends that it shares with the others. So kill -9 is what
// it is for a shop. The servers live in the tests' process. Buyers come over HTTP,
// go to another node when one is gone, and come later when they are told to.
//
// Run it for longer, or again with what it printed:
//
//	go test ./internal/torture -kills 20 -rounds 30 -seed 42
package torture
