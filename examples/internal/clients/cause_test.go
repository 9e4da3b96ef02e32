package clients_test

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/internal/clients"
	"github.com/seckill-go/seckill/examples/internal/conf"
)

// fails returns the error of Open, which has to come long before the 10 s that a
// server may take to come up.
func fails(t *testing.T, c conf.Config) string {
	t.Helper()
	began := time.Now()
	_, err := clients.Open(t.Context(), c)
	require.Error(t, err)
	require.Less(t, time.Since(began), 9*time.Second, "%v", err)
	return err.Error()
}

func TestAHostThatDoesNotResolveIsNamedAtOnce(t *testing.T) {
	c := start(t)
	const host = "no..host:1" // refused before any name server is asked
	c.Redis, c.Kafka.Brokers, c.Etcd.Host = conf.Redis{Addr: host}, []string{host}, []string{host}
	text := fails(t, c)
	for _, name := range []string{"redis", "kafka", "etcd"} {
		require.Regexp(t, `(?m)^`+name+` at no\.\.host:1: .*no such host`, text)
	}
}

func TestAWrongPasswordIsNamedAtOnce(t *testing.T) {
	c := start(t)
	server := miniredis.RunT(t)
	server.RequireAuth("right")
	c.Redis.Addr, c.Redis.Password = server.Addr(), "wrong"
	text := fails(t, c)
	require.Contains(t, text, "redis at "+server.Addr()+": WRONGPASS")
	require.NotContains(t, text, "no answer")
}

func TestAServerThatWantsTLSIsNamedAtOnce(t *testing.T) {
	own := httptest.NewTLSServer(nil)
	certificate := own.TLS.Certificates
	own.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificate})
	require.NoError(t, err)
	defer l.Close()
	go serve(l)
	c := start(t)
	addr := l.Addr().String()
	c.Redis.Addr, c.Kafka.Brokers, c.Etcd.Host = addr, []string{addr}, []string{addr}
	text := fails(t, c)
	for _, name := range []string{"redis", "kafka", "etcd"} {
		require.Contains(t, text, name+" at "+addr+": "+addr+" wants TLS")
	}
}

// serve ends every connection that does not speak TLS.
func serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			conn.(*tls.Conn).Handshake()
			conn.Close()
		}()
	}
}

func TestARefusedConnectionIsNamedWhenTheTimeIsOver(t *testing.T) {
	c := start(t)
	const closed = "127.0.0.1:1"
	c.Redis, c.Kafka.Brokers, c.Etcd.Host = conf.Redis{ClusterNodes: []string{closed}}, []string{closed}, []string{closed}
	c.Database = conf.Database{Driver: conf.MySQL, Host: "127.0.0.1", Port: 1, User: "root", Name: "shop"}
	_, err := clients.Open(t.Context(), c)
	for _, name := range []string{"mysql", "redis cluster", "kafka", "etcd"} {
		require.Regexp(t, `(?m)^`+name+` at 127\.0\.0\.1:1: no answer within 1\d(\.\d)?s: .*connection refused`, err.Error())
	}
}
