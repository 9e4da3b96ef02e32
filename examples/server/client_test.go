package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answer is what a server said.
type answer struct {
	status     int
	retryAfter time.Duration
	body       struct {
		Token   string
		Code    string
		OrderID string `json:"order_id"`
		State   string
		Left    int
		Total   int
		Title   string
		Goods   []struct {
			GoodsID   string `json:"goods_id"`
			Left      int
			Held      int
			Sold      int
			Conserved bool
		}
	}
}

func call(c *http.Client, method, target, bearer string) (answer, error) {
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		return answer{}, err
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer w.Body.Close()
	a := answer{status: w.StatusCode}
	seconds, _ := strconv.Atoi(w.Header.Get("Retry-After"))
	a.retryAfter = time.Duration(seconds) * time.Second
	text, err := io.ReadAll(w.Body)
	if err == nil && strings.Contains(w.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(text, &a.body)
	}
	return a, err
}

// patiently calls again for as long as the server says that this makes sense.
func patiently(c *http.Client, method, target, bearer string) (answer, error) {
	for end := time.Now().Add(20 * time.Second); ; {
		a, err := call(c, method, target, bearer)
		if err != nil || a.retryAfter == 0 || time.Now().After(end) {
			return a, err
		}
		time.Sleep(a.retryAfter)
	}
}

// must calls patiently and wants success.
func must(t *testing.T, method, target, bearer string) answer {
	t.Helper()
	a, err := patiently(http.DefaultClient, method, target, bearer)
	require.NoError(t, err)
	require.Less(t, a.status, 300, "%s %s: %+v", method, target, a.body)
	return a
}

// purchase is what a buyer has after a purchase.
type purchase struct{ login, ticket, order string }

var errRefused = errors.New("refused")

// buy logs in, gets a ticket and purchases, each at the server that at names.
func buy(c *http.Client, at func(step int) string, user, goods string) (p purchase, err error) {
	steps := []struct {
		to  *string
		url func() string
	}{
		{&p.login, func() string { return "/api/auth/token?user_id=" + user }},
		{&p.ticket, func() string { return "/api/seckill/token?goods_id=" + goods }},
		{&p.order, func() string { return "/api/seckill?goods_id=" + goods + "&token=" + url.QueryEscape(p.ticket) }},
	}
	for i, step := range steps {
		a, err := patiently(c, "POST", at(i)+step.url(), p.login)
		if err != nil {
			return p, err
		}
		if a.status >= 300 {
			return p, errors.Join(errRefused, errors.New(a.body.Code))
		}
		*step.to = a.body.Token + a.body.OrderID
	}
	return p, nil
}

// always is buy's at for one server.
func always(url string) func(int) string { return func(int) string { return url } }
