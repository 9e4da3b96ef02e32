package httpadapter_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives its test, but for what watches the leases of an engine that
// is never run, and idle connections of the tests' own clients.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/seckill-go/seckill.(*tenure).watch"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}
