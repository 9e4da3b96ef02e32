package httpadapter_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// forgeries makes tickets that were never signed, of every kind that somebody could
// come by: a genuine one with one character changed, or cut, or put together from two,
// or signed by himself, or nonsense.
func (w *world) forgeries(user string, seed uint64) func() string {
	chance := rand.New(rand.NewPCG(seed, 0))
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	one, two := strings.Split(w.ticket(user, 1), "."), strings.Split(w.ticket(user, 2), ".")
	return func() string {
		genuine := []byte(strings.Join(one, "."))
		switch chance.IntN(6) {
		case 0: // one character is another
			at := chance.IntN(len(genuine))
			for was := genuine[at]; genuine[at] == was; {
				genuine[at] = alphabet[chance.IntN(len(alphabet))]
			}
			return string(genuine)
		case 1:
			return string(genuine[:chance.IntN(len(genuine))])
		case 2: // the words of one, the signature of the other
			return one[0] + "." + one[1] + "." + two[2] + "." + one[3]
		case 3:
			return string(genuine) + alphabet[chance.IntN(64):][:1]
		case 4:
			words := fmt.Sprint(chance.Uint64(), user, "1001")
			return "st1.k1." + base64.RawURLEncoding.EncodeToString([]byte(words)) + "." + one[3]
		}
		return fmt.Sprintf("st1.k%d.%x.%x", chance.IntN(1e9), chance.Uint64(), chance.Uint64())
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first has put aside for its pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A forged ticket costs two hashes: it buys nothing, asks nobody, leaves nothing
// behind.
func TestAHundredThousandForgedTicketsCostNothing(t *testing.T) {
	const flood, growth = 100_000, 1 << 20 // bytes
	w := newWorld(t)
	bearer, seed := w.login("user-1"), rand.Uint64()
	t.Log("seed", seed)
	forge := w.forgeries("user-1", seed)
	refused := make(map[int]int)
	send := func(n int) {
		for range n {
			body := `{"goods_id":"1001","token":"` + forge() + `"}`
			c := call{method: "POST", path: "/api/seckill", bearer: bearer, body: body}
			rw := nowhere{header: make(http.Header)}
			w.handler.ServeHTTP(&rw, c.request(t))
			refused[rw.status]++
		}
	}
	send(1000) // what is made once is made
	before, state := heap(), w.state()
	start := time.Now()
	asked := w.asked(func() { send(flood) })
	took, after := time.Since(start), heap()

	if refused[http.StatusForbidden] != flood+1000 {
		t.Errorf("answers by status: %v", refused)
	}
	// The session is looked up once a second; nothing else is asked.
	if other := strings.ReplaceAll(strings.Join(asked, ""), "sessions.Get", ""); other != "" || len(asked) > int(took/time.Second)+2 {
		t.Errorf("in %v the backends were asked %d times: %.300v", took, len(asked), asked)
	}
	if after > before+growth {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if now := w.state(); now != state {
		t.Errorf("they changed\n%s to\n%s", state, now)
	}
	t.Logf("%v, the heap went from %d to %d bytes", took, before, after)
}

// Forged sessions as well: they are hashed and refused.
func TestForgedSessionsAskNobody(t *testing.T) {
	w := newWorld(t)
	genuine := w.login("user-1")
	asked := w.asked(func() {
		for i := range 10_000 {
			forged := []byte(genuine)
			forged[i%len(forged)] ^= byte(1 + i/len(forged)%31)
			a := w.do(call{method: "GET", path: "/api/orders", bearer: string(forged)})
			if a.status != http.StatusUnauthorized {
				t.Fatalf("%q passed", forged)
			}
		}
	})
	if len(asked) > 0 {
		t.Errorf("the backends were asked %d times: %.300v", len(asked), asked)
	}
}

// Megabytes, brackets and forged tickets from eight at once, over real connections,
// and honest buyers beside them.
func TestHonestBuyersBuyInAFlood(t *testing.T) {
	w := newWorld(t)
	w.manyUnits()
	s := w.listen()
	bought, stop := w.honest(s)
	var hostile sync.WaitGroup
	began := time.Now() // a flood of a second, or longer where a machine is slow
	for n := range 8 {
		bearer, seed := w.login(fmt.Sprint("hostile-", n)), rand.Uint64()
		t.Log("seed", seed)
		forge := w.forgeries(fmt.Sprint("hostile-", n), seed)
		hostile.Go(func() {
			bodies := []func() string{
				func() string { return `{"goods_id":"1001","token":"` + forge() + `"}` },
				func() string { return strings.Repeat("[", 100_000) },
				func() string { return strings.Repeat("a", 1<<20) },
			}
			for i := 0; time.Since(began) < time.Second || bought.Load() < 5 && time.Since(began) < 30*time.Second; i++ {
				r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/api/seckill", strings.NewReader(bodies[i%len(bodies)]()))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+bearer)
				r.Header.Set("Content-Type", "application/json")
				a, err := s.Client().Do(r)
				if err != nil {
					continue // cut off while it still sent
				}
				_, _ = io.Copy(io.Discard, a.Body)
				a.Body.Close()
				if a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusRequestEntityTooLarge {
					t.Errorf("%s", a.Status)
				}
			}
		})
	}
	hostile.Wait()
	if n := stop(); n < 5 {
		t.Errorf("%d honest purchases meanwhile", n)
	}
}
