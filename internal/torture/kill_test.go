//go:build unix

package torture_test

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/fault"
)

// row is one shop of the matrix: what goes on there, and at which points a node is
// killed meanwhile.
type row struct {
	scene  string
	points []string
}

// matrix has every point at least once. Points stand together where a dead node is
// not waited for; where it is, each has a shop of its own, and they wait together.
var matrix = []row{
	{"payment", []string{"payments.read"}},
	{"payment", []string{"payments.handled"}},
	{"payment", []string{"moves.written"}},
	{"payment", []string{"orders.moved"}},
	{"payment", []string{"units.restored"}},
	{"expiry", []string{"moves.written"}},
	{"expiry", []string{"orders.moved"}},
	{"expiry", []string{"units.restored"}},
	{"sale", []string{"sale.reserved", "ledger.written", "sale.committed", "gate.untold", "gate.told", "relay.published"}},
	{"preload", []string{"load.stopped", "load.opened", "audit.begun"}},
	{"rebuild", []string{"load.stopped", "load.opened"}},
	{"reconcile", []string{"load.stopped", "load.opened"}},
	{"retotal", []string{"total.half"}},
	{"amend", []string{"reconcile.amended"}},
	{"leftovers", []string{"hold.buried"}},
	{"payment", []string{"pay.asked", "pay.taken", "pay.enqueued"}},
}

func TestTheMatrixHasEveryPoint(t *testing.T) {
	inMatrix := map[string]bool{}
	for _, r := range matrix {
		for _, point := range r.points {
			inMatrix[point] = true
			require.NotEmpty(t, fault.Meaning(point), "there is no point %s", point)
		}
	}
	for _, point := range fault.Names() {
		require.True(t, inMatrix[point], "nobody is killed at %s: %s", point, fault.Meaning(point))
	}
}

func TestANodeKilledAtAnyPointLosesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range matrix {
		t.Run(r.scene+" "+strings.Join(r.points, " "), func(t *testing.T) {
			t.Parallel()
			r.play(t)
		})
	}
}

// play kills a node of two each time one passes a point, the first, second or
// third time it does so, and starts it again.
func (r row) play(t *testing.T) {
	scene := scenes[r.scene]
	s := openShop(t, shared(t), plan{units: scene.units * *kills * len(r.points), limit: 1, payWithin: scene.payWithin})
	s.openDoors(2)
	for _, point := range r.points {
		for range *kills {
			s.killOnce(armed{Point: point, Nth: 1 + int64(s.choice(scene.nth)), Signal: syscall.SIGKILL}, scene.during)
		}
	}
	s.finish()
}

// killOnce arms the nodes, lets the scene go on until one is dead, and starts it
// again meanwhile.
func (s *shop) killOnce(a armed, during func(*shop)) {
	s.t.Helper()
	s.arm(a)
	var watch sync.WaitGroup
	died := make(chan struct{})
	watch.Go(func() {
		if s.victim(patience) == nil {
			s.t.Errorf("nobody passed %s: %s", a.Point, fault.Meaning(a.Point))
		}
		s.disarm()
		s.revive() // also one who died before he was disarmed
		close(died)
	})
	defer watch.Wait()
	for {
		during(s)
		select {
		case <-died:
			s.revive()
			return
		case <-time.After(encore): // it waits for a lease of the last one who died
		}
	}
}

// encore is how long a scene may take effect before it is played again.
const encore = 2 * time.Second

// revive starts the dead again.
func (s *shop) revive() {
	for _, n := range s.nodes {
		if n.died() {
			n.again(armed{})
		}
	}
}

// finish waits until payments and restores are through, sells what is left, and has
// the checker judge. Orders that end by themselves are not sold out.
func (s *shop) finish() {
	s.t.Helper()
	s.rest()
	soldOut := s.spec.PayWithin > time.Minute
	if soldOut {
		s.sellOut()
	}
	s.judge(soldOut)
}
