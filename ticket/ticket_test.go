package ticket_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/internal/seal"
	"github.com/seckill-go/seckill/ticket"
)

var (
	key1 = ticket.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")}
	key2 = ticket.Key{ID: "k2", Secret: []byte("fedcba9876543210fedcba9876543210")}
	noon = time.Date(2026, 6, 18, 12, 0, 0, 0, time.UTC)
)

func sample() ticket.Ticket {
	return ticket.Ticket{
		Attempt: "AAECAwQFBgcICQoLDA0ODw", User: "user-1", Goods: "1001", Quantity: 2,
		NotBefore: noon, Expires: noon.Add(5 * time.Minute),
	}
}

func signer(t testing.TB, keys ...ticket.Key) *ticket.Signer {
	t.Helper()
	s, err := ticket.NewSigner(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *ticket.Signer, tk ticket.Ticket) string {
	t.Helper()
	token, err := s.Sign(tk)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// golden is the token of sample under key1, computed by other means (Python's hmac
// and struct): tokens made by one version are read by the next.
const golden = "st1.k1.AAECAwQFBgcICQoLDA0ODwAAAZ7amjYAAAABntqeyeAAAgZ1c2VyLTExMDAx.GyPh-wEFPo59Uj7Ag8T3h5-RpgPz_WpvlO0WkcxGbSc"

func TestTokenIsTheGoldenOne(t *testing.T) {
	if got := sign(t, signer(t, key1), sample()); got != golden {
		t.Errorf("token\n got %s\nwant %s", got, golden)
	}
	got, err := signer(t, key1).Verify(golden, "user-1", "1001", noon)
	if err != nil || got != sample() {
		t.Errorf("Verify = %+v, %v, want %+v", got, err, sample())
	}
}

func TestTicketIsOnlyForItsUserGoodsAndTime(t *testing.T) {
	s := signer(t, key1)
	token := sign(t, s, sample())
	for _, c := range []struct {
		name, user, goods string
		at                time.Time
		want              error
	}{
		{"its own", "user-1", "1001", noon, nil},
		{"last moment", "user-1", "1001", noon.Add(5*time.Minute - time.Millisecond), nil},
		{"another user", "user-2", "1001", noon, ticket.ErrInvalid},
		{"another goods", "user-1", "1002", noon, ticket.ErrInvalid},
		{"shifted names", "user-11", "001", noon, ticket.ErrInvalid},
		{"too early", "user-1", "1001", noon.Add(-time.Millisecond), ticket.ErrExpired},
		{"too late", "user-1", "1001", noon.Add(5 * time.Minute), ticket.ErrExpired},
	} {
		if _, err := s.Verify(token, c.user, c.goods, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestAnAlteredByteMakesATicketInvalid(t *testing.T) {
	s := signer(t, key1)
	token := sign(t, s, sample())
	for i := range len(token) {
		for _, c := range []byte("A.-~\x00") {
			altered := token[:i] + string(c) + token[i+1:]
			if altered == token {
				continue
			}
			if _, err := s.Verify(altered, "user-1", "1001", noon); !errors.Is(err, ticket.ErrInvalid) {
				t.Fatalf("byte %d as %q: %v", i, c, err)
			}
		}
	}
}

func TestKeysRotate(t *testing.T) {
	old, both, young := signer(t, key1), signer(t, key2, key1), signer(t, key2)
	before, after := sign(t, old, sample()), sign(t, both, sample())
	verify := func(s *ticket.Signer, token string) error {
		_, err := s.Verify(token, "user-1", "1001", noon)
		return err
	}
	if err := verify(both, before); err != nil {
		t.Errorf("old ticket under both keys: %v", err)
	}
	if err := verify(young, after); err != nil {
		t.Errorf("ticket of the first key: %v", err)
	}
	if err := verify(young, before); !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("ticket of a dropped key: %v", err)
	}
}

func TestBadKeysAndFieldsAreNamed(t *testing.T) {
	for want, keys := range map[string][]ticket.Key{
		"at least one":    nil,
		"keys[0].ID":      {{ID: "a b", Secret: key1.Secret}},
		"keys[0].Secret":  {{ID: "a", Secret: []byte("short")}},
		"ids that differ": {key1, key1},
	} {
		if _, err := ticket.NewSigner(keys...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("keys: %v, want it to name %q", err, want)
		}
	}
	s := signer(t, key1)
	for want, change := range map[string]func(*ticket.Ticket){
		"attempt":  func(t *ticket.Ticket) { t.Attempt = "short" },
		"AAAAAB":   func(t *ticket.Ticket) { t.Attempt = strings.Repeat("A", 21) + "B" }, // a second spelling of 16 zeros
		"user":     func(t *ticket.Ticket) { t.User = "" },
		"goods":    func(t *ticket.Ticket) { t.Goods = strings.Repeat("g", 65) },
		"quantity": func(t *ticket.Ticket) { t.Quantity = 65536 },
		"expires":  func(t *ticket.Ticket) { t.Expires = t.NotBefore },
	} {
		tk := sample()
		change(&tk)
		if _, err := s.Sign(tk); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Sign: %v, want it to name %q", err, want)
		}
	}
}

// Whoever has the key may seal anything.
func FuzzVerifyTakesAnyPayload(f *testing.F) {
	ring, err := seal.New("st1", []seal.Key{seal.Key(key1)})
	if err != nil {
		f.Fatal(err)
	}
	s := signer(f, key1)
	for size := range 40 {
		f.Add(bytes.Repeat([]byte{0}, size))
		f.Add(bytes.Repeat([]byte{255}, size))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if got, err := s.Verify(ring.Seal(payload), "user-1", "1001", noon); err == nil && (got.User != "user-1" || got.Goods != "1001") {
			t.Errorf("%q: %+v", payload, got)
		}
	})
}

func TestAttemptsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		a := ticket.NewAttempt(time.Now())
		if seen[a] || len(a) != 22 {
			t.Fatalf("attempt %q", a)
		}
		seen[a] = true
	}
}

func FuzzVerifyAcceptsOnlyItsOwn(f *testing.F) {
	s := signer(f, key1)
	f.Add(golden)
	f.Add("")
	f.Add("st1.k1..")
	f.Add(strings.Repeat(".", 50))
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := s.Verify(token, "user-1", "1001", noon); err == nil && token != golden && got == sample() {
			t.Errorf("a second spelling is accepted: %q", token)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := signer(b, key1)
	for b.Loop() {
		if _, err := s.Verify(golden, "user-1", "1001", noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyForged(b *testing.B) {
	s := signer(b, key1)
	forged := golden[:len(golden)-1] + "A"
	for b.Loop() {
		if _, err := s.Verify(forged, "user-1", "1001", noon); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s := signer(b, key1)
	for b.Loop() {
		if _, err := s.Sign(sample()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAnAttemptTellsWhenItsTicketWasSigned(t *testing.T) {
	before := time.Now().Truncate(time.Millisecond)
	at, ok := ticket.IssuedAt(ticket.NewAttempt(time.Now()))
	if !ok || at.Before(before) || at.After(time.Now()) || at.Location() != time.UTC {
		t.Errorf("%v %v, want now", at, ok)
	}
	for _, other := range []string{"", "attempt-1", "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "AAAA"} {
		if at, ok := ticket.IssuedAt(other); ok {
			t.Errorf("%q was signed at %v", other, at)
		}
	}
}
