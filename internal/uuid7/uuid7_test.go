package uuid7_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/seckill-go/seckill/internal/uuid7"
)

func TestIsAUUIDOfVersion7WithItsMillisecond(t *testing.T) {
	at := time.Date(2026, 11, 11, 20, 0, 0, 123_999_999, time.UTC)
	for range 1000 {
		id, err := uuid.Parse(uuid7.New(at))
		if err != nil {
			t.Fatal(err)
		}
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%s: want version 7 of RFC 9562, got version %d, variant %v", id, id.Version(), id.Variant())
		}
		ms := int64(0)
		for _, b := range id[:6] {
			ms = ms<<8 | int64(b)
		}
		if ms != at.UnixMilli() {
			t.Fatalf("%s: want millisecond %d, got %d", id, at.UnixMilli(), ms)
		}
	}
}

func TestLaterMillisecondsSortLater(t *testing.T) {
	at, last := time.Date(2026, 11, 11, 20, 0, 0, 0, time.UTC), ""
	for range 10_000 {
		id := uuid7.New(at)
		if id <= last {
			t.Fatalf("%s comes after %s and sorts before it", id, last)
		}
		at, last = at.Add(time.Millisecond), id
	}
}

func TestNeverTheSameTwice(t *testing.T) {
	at, seen := time.Now(), make(map[string]bool)
	for range 100_000 {
		id := uuid7.New(at)
		if seen[id] {
			t.Fatalf("%s twice", id)
		}
		seen[id] = true
	}
}

// Each of the 74 random bits is set in about half of the ids.
func TestAllRandomBitsAreRandom(t *testing.T) {
	const n = 2000
	var set [128]int
	for range n {
		id := uuid.MustParse(uuid7.New(time.UnixMilli(0)))
		for bit := range set {
			set[bit] += int(id[bit/8] >> (7 - bit%8) & 1)
		}
	}
	random := 0
	for _, count := range set {
		if n/4 < count && count < 3*n/4 {
			random++
		}
	}
	if random != 74 {
		t.Errorf("want 74 random bits, got %d", random)
	}
}

func BenchmarkNew(b *testing.B) {
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		uuid7.New(at)
	}
}
