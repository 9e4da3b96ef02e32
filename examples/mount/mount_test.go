package mount_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/examples/mount"
	"github.com/seckill-go/seckill/goods"
)

func served(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func onFiber(t *testing.T, buyers http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- mount.Fiber(buyers).Listener(l) }()
	t.Cleanup(func() { // fiber's own Shutdown and the end of Listener race in memory
		l.Close()
		<-done
	})
	return "http://" + l.Addr().String()
}

func TestEveryFrameworkServesTheSaleToItsOwnUsers(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for name, start := range map[string]func(*testing.T, http.Handler) string{
		"net/http": func(t *testing.T, h http.Handler) string { return served(t, mount.NetHTTP(h)) },
		"gin":      func(t *testing.T, h http.Handler) string { return served(t, mount.Gin(h)) },
		"chi":      func(t *testing.T, h http.Handler) string { return served(t, mount.Chi(h)) },
		"echo":     func(t *testing.T, h http.Handler) string { return served(t, mount.Echo(h)) },
		"fiber":    onFiber,
	} {
		t.Run(name, func(t *testing.T) {
			c := &client{t, start(t, handler(t))}
			require.Equal(t, "the shop", c.call("GET", "/", "").text)
			require.Equal(t, 401, c.call("POST", "/flash/api/seckill/token?goods_id=1001", "").status)
			require.Equal(t, 404, c.call("POST", "/api/seckill/token?goods_id=1001", "alice").status, "without the prefix")

			ticket := c.call("POST", "/flash/api/seckill/token?goods_id=1001", "alice")
			require.Equal(t, 200, ticket.status, ticket.text)
			bought := c.json("/flash/api/seckill", "alice", `{"goods_id":"1001","token":"`+ticket.Token+`"}`)
			require.Equal(t, 201, bought.status, bought.text)
			again := c.json("/flash/api/seckill", "alice", `{"goods_id":"1001","token":"`+ticket.Token+`"}`)
			require.Equal(t, 200, again.status, again.text)
			require.Equal(t, bought.OrderID, again.OrderID)

			require.Equal(t, 200, c.call("GET", "/flash/api/orders/"+bought.OrderID, "alice").status)
			require.Equal(t, 404, c.call("GET", "/flash/api/orders/"+bought.OrderID, "bob").status)
			ticket = c.call("POST", "/flash/api/seckill/token?goods_id=1001", "bob") // counts may be a second old
			late := c.call("POST", "/flash/api/seckill?goods_id=1001&token="+ticket.Token, "bob")
			require.Equal(t, 409, late.status)
			require.Equal(t, "sold_out", late.Code)
			require.Equal(t, "application/problem+json", late.header.Get("Content-Type"))
			require.Equal(t, 404, c.call("GET", "/flash/api/goods/9999", "bob").status)
		})
	}
}

// handler is the user API of a shop with one unit of goods 1001.
func handler(t *testing.T) http.Handler {
	e, err := seckill.New(seckill.Options{})
	require.NoError(t, err)
	now := time.Now()
	admin := e.Admin("test")
	_, err = admin.PutGoods(t.Context(), goods.Goods{ID: "1001", Title: "Cup", Price: 1999, Currency: "CNY", Total: 1, StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour)})
	require.NoError(t, err)
	_, err = admin.Preload(t.Context(), "1001")
	require.NoError(t, err)
	h, err := mount.Buyers(e)
	require.NoError(t, err)
	return h
}

type client struct {
	t   *testing.T
	url string
}

type answer struct {
	status               int
	header               http.Header
	text                 string
	Token, Code, OrderID string
}

func (c *client) call(method, path, user string) answer {
	r, err := http.NewRequest(method, c.url+path, nil)
	require.NoError(c.t, err)
	return c.send(r, user)
}

func (c *client) json(path, user, body string) answer {
	r, err := http.NewRequest("POST", c.url+path, strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("Content-Type", "application/json")
	return c.send(r, user)
}

func (c *client) send(r *http.Request, user string) (a answer) {
	if user != "" {
		r.Header.Set("X-Example-User", user)
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(c.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	a.status, a.header, a.text = res.StatusCode, res.Header, string(text)
	var body struct {
		Token   string `json:"token"`
		Code    string `json:"code"`
		OrderID string `json:"order_id"`
	}
	_ = json.Unmarshal([]byte(a.text), &body) // the shop's own answers are no JSON
	a.Token, a.Code, a.OrderID = body.Token, body.Code, body.OrderID
	return a
}
