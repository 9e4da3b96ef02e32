//go:build unix

package torture_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
)

// patience is how long a buyer comes again before the test has failed: longer than
// any fault lasts.
const patience = 60 * time.Second

// answer is what a node said. status 0 means nothing.
type answer struct {
	status     int
	retryAfter time.Duration
	err        error

	Code    string
	Token   string
	OrderID string      `json:"order_id"`
	State   order.State `json:"state"`
}

// later reports whether the buyer was told to come again, or nobody was there.
func (a answer) later() bool {
	return a.status == 0 || a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests
}

// word is the answer as the history has it.
func (a answer) word() string {
	switch {
	case a.status == http.StatusCreated, a.status == http.StatusAccepted:
		return check.Accepted
	case a.status == http.StatusOK && a.OrderID != "" && a.Token == "":
		return check.Replayed
	case a.status < 300:
		return check.Accepted
	case a.Code != "" && a.status != http.StatusInternalServerError:
		return a.Code
	}
	return "fault"
}

// send is one request to one node.
func (s *shop) send(ctx context.Context, n *node, who, actor, method, path, body string) (a answer) {
	req, err := http.NewRequestWithContext(ctx, method, n.address()+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Authorization", "Bearer "+who)
	req.Header.Set("X-Actor", actor)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{err: err}
	}
	_ = json.Unmarshal(text, &a) // what is no JSON has a status
	a.status = resp.StatusCode
	if resp.Close && resp.StatusCode == http.StatusServiceUnavailable {
		n.leave() // it goes down; a load balancer sends nobody there any more
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		a.retryAfter = time.Duration(seconds) * time.Second
	}
	return a
}

// ask records one request to a random node, or waits for a node to be there.
func (s *shop) ask(op check.Op, who, method, path, body string) answer {
	n := s.pick()
	if n == nil {
		time.Sleep(10 * time.Millisecond)
		return answer{}
	}
	op.Node = n.name
	if op.Kind == check.Admin { // each try is a change of its own for the audit log
		op.Actor = fmt.Sprintf("operator-%d", s.operators.Add(1))
	}
	call := s.history.Begin(op)
	a := s.send(s.t.Context(), n, who, op.Actor, method, path, body)
	if a.status == 0 {
		s.unanswered.Add(1)
		return a // nobody knows what became of it
	}
	call.Code, call.RetryAfter = a.word(), a.retryAfter
	call.Order = a.OrderID
	if a.Token != "" {
		if t, err := s.signer.Verify(a.Token, op.User, op.Goods, time.Now()); err == nil {
			call.Attempt = t.Attempt
		}
	}
	call.End()
	return a
}

// insist asks until the answer is more than "later".
func (s *shop) insist(op check.Op, who, method, path, body string) (a answer) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if a = s.ask(op, who, method, path, body); !a.later() {
			return a
		}
		if a.status != 0 && a.retryAfter == 0 {
			s.t.Errorf("%s: %d %s without Retry-After", path, a.status, a.Code)
		}
		if a.status == 0 {
			time.Sleep(20 * time.Millisecond)
		} else if s.wait(a) {
			return a
		}
	}
	s.t.Errorf("%s %s was told to come later for %v: %d %s %v", op.User, path, patience, a.status, a.Code, a.err)
	return a
}

// wait honours Retry-After; a test that has failed waits no more.
func (s *shop) wait(a answer) (failed bool) {
	select {
	case <-s.t.Context().Done():
	case <-time.After(a.retryAfter):
	}
	return s.t.Failed()
}

// operate is an operator's call, which is safe to repeat.
func (s *shop) operate(action, target, path, body string) {
	s.t.Helper()
	op := check.Op{Kind: check.Admin, Target: target, Error: action}
	if a := s.insist(op, adminToken, http.MethodPost, path, body); a.status >= 300 {
		s.t.Errorf("%s: %d %s %v", path, a.status, a.Code, a.err)
	}
}

// bought is what a buyer has in the end.
type bought struct {
	user, token, attempt, order string
	refused                     string // why he has none
}

// buy has a user take a ticket and purchase with it until he knows what he has.
func (s *shop) buy(user string) bought {
	var b bought
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if b = s.ticket(user); b.token == "" {
			return b
		}
		p := s.purchase(b)
		switch {
		case p.OrderID != "":
			b.order = p.OrderID
			return b
		case p.Code != "invalid_ticket": // the attempt was given up; nothing was sold by it
			b.refused = p.Code
			return b
		}
	}
	b.refused = "time"
	return b
}

// ticket gets a user a ticket, or the reason why not.
func (s *shop) ticket(user string) bought {
	t := s.insist(check.Op{Kind: check.Ticket, User: user, Goods: "1001", Quantity: 1}, user,
		http.MethodPost, "/api/seckill/token", `{"goods_id":"1001"}`)
	if t.status != http.StatusOK {
		return bought{user: user, refused: t.Code}
	}
	genuine, err := s.signer.Verify(t.Token, user, "1001", time.Now())
	if err != nil {
		s.t.Errorf("ticket of %s: %v", user, err)
		return bought{user: user, refused: "ticket"}
	}
	return bought{user: user, token: t.Token, attempt: genuine.Attempt}
}

// purchase presents the buyer's ticket, in some cases twice at the same time.
func (s *shop) purchase(b bought) answer {
	op := check.Op{Kind: check.Purchase, User: b.user, Goods: "1001", Attempt: b.attempt, Quantity: 1}
	present := func() answer {
		return s.insist(op, b.user, http.MethodPost, "/api/seckill", fmt.Sprintf(`{"goods_id":"1001","token":%q}`, b.token))
	}
	if s.choice(100) >= 15 {
		return present()
	}
	var twice sync.WaitGroup
	var second answer
	twice.Go(func() { second = present() })
	first := present()
	twice.Wait()
	if first.OrderID != second.OrderID && first.OrderID != "" && second.OrderID != "" {
		s.t.Errorf("attempt %s has orders %s and %s", b.attempt, first.OrderID, second.OrderID)
	}
	if first.OrderID == "" {
		return second
	}
	return first
}

// newUser is somebody who was not here before.
func (s *shop) newUser() string { return fmt.Sprintf("user-%d", s.users.Add(1)) }

// rush has so many new users buy, some at a time, and returns what they got.
func (s *shop) rush(n, atOnce int) []bought {
	got := make([]bought, n)
	var all sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i := range n {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			got[i] = s.buy(s.newUser())
		})
	}
	all.Wait()
	return got
}

// winners are those who have an order; anybody else was told sold_out.
func (s *shop) winners(all []bought) []bought {
	for _, b := range all {
		if b.order == "" && b.refused != "sold_out" {
			s.t.Errorf("%s was refused with %q", b.user, b.refused)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(b bought) bool { return b.order == "" })
}

// pay has the buyer pay, or fail to.
func (s *shop) pay(b bought, succeeds bool) {
	kind := check.Pay
	if !succeeds {
		kind = check.Cancel
	}
	a := s.insist(check.Op{Kind: kind, User: b.user, Goods: "1001", Attempt: b.attempt, Order: b.order}, b.user,
		http.MethodPost, "/api/payment/simulate", fmt.Sprintf(`{"order_id":%q,"success":%t}`, b.order, succeeds))
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case a.status == http.StatusAccepted:
		s.paid[b.order] = true
	case a.Code != "not_payable": // an answer was lost, and meanwhile the order has moved
		s.t.Errorf("payment of %s: %d %s %v", b.order, a.status, a.Code, a.err)
	}
}

// besiege has users buy, so many at a time, until stop is called; stop waits for
// them. If pay is set, half of the winners pay or fail to.
func (s *shop) besiege(atOnce int, pay bool) (stop func()) {
	var all sync.WaitGroup
	ended := make(chan struct{})
	for range atOnce {
		all.Go(func() {
			for {
				got := s.buy(s.newUser())
				for _, b := range s.winners([]bought{got}) {
					if n := s.choice(4); pay && n < 2 { // some pay, some fail to, some will pay later
						s.pay(b, n == 0)
					}
				}
				pause := 5 * time.Millisecond
				if got.order == "" {
					pause = 100 * time.Millisecond // sold out, or so they say
				}
				select {
				case <-ended:
					return
				case <-time.After(pause):
				}
			}
		})
	}
	stop = sync.OnceFunc(func() {
		close(ended)
		all.Wait()
	})
	s.t.Cleanup(stop)
	return stop
}

// sold waits until so many units are sold, or the test fails.
func (s *shop) sold(units int) {
	s.t.Helper()
	var row order.Stock
	for deadline := time.Now().Add(recovery); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		if row, err = s.parts.Orders.Stock(s.t.Context(), "1001"); err == nil && row.Sold >= units {
			return
		}
	}
	s.t.Errorf("%d units are sold, want %d", row.Sold, units)
}
