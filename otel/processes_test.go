package otel_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/programtest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/standard"
)

// The buyer's own trace, as his browser sends it.
const (
	buyersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	buyersSpan  = "00f067aa0ba902b7"
)

// One process sells and never runs its background work; another does that work and
// sells nothing. What links them is the outbox and Kafka.
func TestOneTraceIsTheWholeLifeOfAnOrderOverTwoProcesses(t *testing.T) {
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { servers.Close() })
	options, err := standard.Options(servers.Clients())
	require.NoError(t, err)
	seller, url := startSeller(t, options)
	otherProcess := startNode(t, servers)

	ticket := request(t, url+"/api/seckill/token?goods_id=1001", 200)
	bought := request(t, url+"/api/seckill?goods_id=1001&token="+ticket.Token, 201)
	request(t, url+"/api/payment/simulate?order_id="+bought.OrderID, 202)

	require.Eventually(t, func() bool {
		o, err := seller.engine.Order(t.Context(), "user-1", bought.OrderID)
		return err == nil && o.State == order.Paid
	}, 30*time.Second, 20*time.Millisecond, otherProcess)
	var theirs []span
	require.Eventually(t, func() bool {
		theirs = ofTrace(otherProcess(), buyersTrace)
		return len(named(theirs, "seckill.publish")) >= 3 && len(named(theirs, "seckill.apply")) >= 1 // created, payment, paid
	}, 30*time.Second, 20*time.Millisecond)
	var ours []span
	require.Eventually(t, func() bool { // the server's span ends after the answer
		ours = ofTrace(seller.spans(), buyersTrace)
		return len(named(ours, "POST /api/seckill")) > 0
	}, 30*time.Second, 20*time.Millisecond)
	for _, name := range []string{"seckill.ticket", "seckill.purchase", "seckill.group", "seckill.lease", "seckill.reserve", "seckill.commit", "seckill.pay"} {
		require.Len(t, named(ours, name), 1, name)
	}
	require.Empty(t, named(ours, "seckill.apply"))
	require.Len(t, named(ours, "POST /api/seckill"), 1)
	requireConnected(t, append(ours, theirs...))
	require.Equal(t, "consumer", named(theirs, "seckill.apply")[0].Kind)
	require.Equal(t, "producer", named(theirs, "seckill.publish")[0].Kind)
}

// requireConnected: every span hangs on another, and the first on the buyer's.
func requireConnected(t *testing.T, spans []span) {
	t.Helper()
	ids := map[string]bool{buyersSpan: true}
	for _, s := range spans {
		ids[s.ID] = true
	}
	for _, s := range spans {
		require.Contains(t, ids, s.Parent, "%+v", s)
	}
}

// startSeller serves the API behind otelhttp.
func startSeller(t *testing.T, options seckill.Options) (s *shop, url string) {
	s = openShop(t, 10, func(o *seckill.Options) {
		own := o.Observer
		*o = options
		o.Observer = own
	})
	api, err := httpadapter.User(s.engine, httpadapter.Options{
		Authenticate: func(*http.Request) (string, error) { return "user-1", nil },
	})
	require.NoError(t, err)
	server := httptest.NewServer(otelhttp.NewHandler(api, "",
		otelhttp.WithTracerProvider(s.tracers), otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.URL.Path })))
	t.Cleanup(server.Close)
	return s, server.URL
}

// startNode starts another process on the servers, and returns what it traced so far.
func startNode(t *testing.T, servers *embedded.Servers) func() []span {
	where, err := json.Marshal(addresses{servers.RedisAddr, servers.EtcdEndpoint, servers.Database, servers.Brokers})
	require.NoError(t, err)
	cmd, out, faults := exec.Command(os.Args[0]), new(programtest.Output), new(programtest.Output)
	cmd.Env = append(os.Environ(), nodeVariable+"="+string(where))
	cmd.Stdout, cmd.Stderr = out, faults
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	ended := programtest.Start(t, cmd)
	t.Cleanup(func() { // before the servers end
		in.Close()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Error("the other process does not end")
		}
		if t.Failed() {
			fmt.Fprintln(t.Output(), faults.String())
		}
	})
	return func() (spans []span) {
		for line := range strings.Lines(out.String()) {
			var s span
			if strings.HasSuffix(line, "\n") {
				require.NoError(t, json.Unmarshal([]byte(line), &s))
				spans = append(spans, s)
			}
		}
		return spans
	}
}

type answer struct {
	Token   string
	OrderID string `json:"order_id"`
}

func request(t *testing.T, url string, status int) (a answer) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, nil)
	require.NoError(t, err)
	r.Header.Set("traceparent", "00-"+buyersTrace+"-"+buyersSpan+"-01")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, status, res.StatusCode, string(body))
	require.NoError(t, json.Unmarshal(body, &a))
	return a
}
