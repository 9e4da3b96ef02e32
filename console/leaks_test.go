package console_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives its test: no stream, no look. The tests' own clients keep idle
// connections.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}
