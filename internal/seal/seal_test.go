package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/seckill-go/seckill/internal/seal"
)

func key(id string) seal.Key {
	return seal.Key{ID: id, Secret: bytes.Repeat([]byte(id[:1]), seal.MinSecret)}
}

func ring(t testing.TB, kind string, keys ...seal.Key) *seal.Ring {
	t.Helper()
	r, err := seal.New(kind, keys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func refused(t *testing.T, r *seal.Ring, token string) {
	t.Helper()
	if payload, err := r.Open(token); !errors.Is(err, seal.ErrInvalid) || payload != nil {
		t.Errorf("Open(%q): want ErrInvalid, got %q, %v", token, payload, err)
	}
}

func TestOpensWhatItSealed(t *testing.T) {
	r := ring(t, "ss1", key("k1"))
	for _, payload := range []string{"", "x", "a.b.c", "\x00\xff\n", strings.Repeat("long", 1000)} {
		got, err := r.Open(r.Seal([]byte(payload)))
		if err != nil || string(got) != payload {
			t.Errorf("want %q, got %q, %v", payload, got, err)
		}
	}
}

func TestRefusesAChangeOfAnyByte(t *testing.T) {
	r := ring(t, "ss1", key("k1"), key("m1"))
	token := r.Seal([]byte("payload"))
	for i := range len(token) {
		for b := range 256 {
			if byte(b) != token[i] {
				refused(t, r, token[:i]+string([]byte{byte(b)})+token[i+1:])
			}
		}
	}
}

func TestRefusesAnAddedOrMissingByte(t *testing.T) {
	r := ring(t, "ss1", key("k1"))
	token := r.Seal([]byte("payload"))
	for i := range len(token) + 1 {
		for _, b := range []string{"\n", "\r", " ", "=", ".", "A", "\x00"} {
			refused(t, r, token[:i]+b+token[i:])
		}
	}
	for i := range len(token) {
		refused(t, r, token[:i]+token[i+1:])
	}
}

func TestRefusesOtherKindsAndForeignKeys(t *testing.T) {
	r := ring(t, "ss1", key("k1"))
	refused(t, r, ring(t, "tk1", key("k1")).Seal([]byte("other kind")))
	refused(t, r, ring(t, "ss1", key("m1")).Seal([]byte("unknown key")))
	stolen := seal.Key{ID: "k1", Secret: bytes.Repeat([]byte("?"), seal.MinSecret)}
	refused(t, r, ring(t, "ss1", stolen).Seal([]byte("known id, other secret")))
	for _, junk := range []string{"", ".", "..", "...", "ss1", "ss1.k1", "ss1.k1.", "ss1.k1..", "ss1.k1.QQ.QQ.QQ"} {
		refused(t, r, junk)
	}
}

func TestOpensTokensOfAnOlderKey(t *testing.T) {
	old, both := ring(t, "ss1", key("k1")), ring(t, "ss1", key("m1"), key("k1"))
	if _, err := both.Open(old.Seal([]byte("x"))); err != nil {
		t.Errorf("want a token of the second key to open, got %v", err)
	}
	refused(t, old, both.Seal([]byte("sealed with the first")))
}

func TestKeepsItsOwnCopyOfTheSecret(t *testing.T) {
	k := key("k1")
	r := ring(t, "ss1", k)
	clear(k.Secret)
	if _, err := ring(t, "ss1", key("k1")).Open(r.Seal(nil)); err != nil {
		t.Errorf("want the secret unchanged, got %v", err)
	}
}

func TestNewNamesTheKeyThatIsWrong(t *testing.T) {
	short := seal.Key{ID: "k2", Secret: []byte("short")}
	swapped := seal.Key{ID: strings.Repeat("secret", 6), Secret: []byte("k2")}
	for want, keys := range map[string][]seal.Key{
		"keys: want at least one":  {},
		"keys[1].Secret":           {key("k1"), short},
		"keys[0].ID":               {{ID: "", Secret: key("k1").Secret}},
		"keys[1].ID: want ids tha": {key("k1"), key("k1")},
		"got 36 bytes":             {swapped},
	} {
		_, err := seal.New("ss1", keys)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secretsecret") {
			t.Errorf("want an error with %q and no secret, got %v", want, err)
		}
	}
}

func TestManyMaySealAndOpenAtOnce(t *testing.T) {
	r := ring(t, "ss1", key("k1"))
	var all sync.WaitGroup
	for i := range 8 {
		payload := []byte{byte(i)}
		all.Go(func() {
			for range 200 {
				if got, err := r.Open(r.Seal(payload)); err != nil || !bytes.Equal(got, payload) {
					t.Errorf("want %v, got %v, %v", payload, got, err)
				}
			}
		})
	}
	all.Wait()
}

// A token that opens is, letter for letter, what Seal makes of its payload.
func FuzzOpen(f *testing.F) {
	r := ring(f, "ss1", key("k1"))
	token := r.Seal([]byte("payload"))
	for _, seed := range []string{token, token + "\n", token[:len(token)-1], "ss1.k1.." + token, "", "..."} {
		f.Add(seed)
	}
	f.Add("ss1.k1." + base64.StdEncoding.EncodeToString([]byte("payload")) + token[strings.LastIndexByte(token, '.'):])
	f.Fuzz(func(t *testing.T, token string) {
		payload, err := r.Open(token)
		if err == nil && r.Seal(payload) != token {
			t.Errorf("%q opens, and is not how %q is sealed", token, payload)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	r := ring(b, "ss1", key("k1"))
	token := r.Seal(bytes.Repeat([]byte("p"), 40))
	b.ReportAllocs()
	for b.Loop() {
		r.Open(token)
	}
}
