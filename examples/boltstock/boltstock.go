// Package boltstock is an example of a backend of one's own: a gate for one process,
// whose journal of what stock.Memory did is in a bbolt file. The contract's comments
// say what each call owes, and the suite of package stocktest tests every sentence.
package boltstock

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/seckill-go/seckill/stock"
)

// Store is a [stock.Store] in a bbolt file. It is safe for concurrent use.
type Store struct {
	stock.Memory // answers Counts and Holds, and does the work
	db           *bbolt.DB
	mu           sync.Mutex // the journal is in the order in which things were done
}

var _ stock.Store = (*Store)(nil)

type line struct {
	Do, Goods   string
	At          time.Time
	Fence       int64
	Snapshot    stock.Snapshot
	Requests    []stock.Request
	Settlements []stock.Settlement
}

var journal = []byte("journal")

// Open reads the journal. now is time.Now, or another clock to age holds by. The
// caller closes db when the store is used no more.
func Open(ctx context.Context, db *bbolt.DB, now func() time.Time) (*Store, error) {
	s := &Store{db: db}
	err := db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(journal)
		if err != nil {
			return err
		}
		return b.ForEach(func(_, text []byte) error {
			var l line
			unread := json.Unmarshal(text, &l)
			s.Memory.Now = func() time.Time { return l.At }
			_, err := s.do(ctx, l)
			return errors.Join(unread, err)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("boltstock: open: %w", err)
	}
	s.Memory.Now = now
	return s, nil
}

func (s *Store) do(ctx context.Context, l line) (r stock.Reservation, err error) {
	switch l.Do {
	case "reserve":
		r, err = s.Memory.Reserve(ctx, l.Goods, l.Fence, l.Requests)
	case "settle":
		err = s.Memory.Settle(ctx, l.Goods, l.Settlements)
	case "stop":
		err = s.Memory.Stop(ctx, l.Goods, l.Fence)
	case "load":
		_, err = s.Memory.Load(ctx, l.Goods, l.Fence, l.Snapshot)
	case "resize":
		_, err = s.Memory.Resize(ctx, l.Goods, l.Snapshot.Total)
	case "retire":
		err = s.Memory.Retire(ctx, l.Goods, l.Fence)
	}
	return r, err
}

func (s *Store) doAndWrite(ctx context.Context, l line) (stock.Reservation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.do(ctx, l)
	if err == nil {
		err = s.write(l)
	}
	return r, err
}

// write puts a line at the end of the journal, or faults: units may be held then.
func (s *Store) write(l line) error {
	l.At = s.Memory.Now()
	text, unwritten := json.Marshal(l)
	return s.db.Update(func(tx *bbolt.Tx) error {
		id, err := tx.Bucket(journal).NextSequence()
		return errors.Join(unwritten, err, tx.Bucket(journal).Put(binary.BigEndian.AppendUint64(nil, id), text))
	})
}

// Reserve implements [stock.Gate].
func (s *Store) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := s.doAndWrite(ctx, line{Do: "reserve", Goods: goodsID, Fence: fence, Requests: requests})
	r.Group = "" // the journal does not know what Memory calls it
	return r, err
}

// Confirm implements [stock.Gate]; there are no groups.
func (s *Store) Confirm(_ context.Context, _ string, groups []string) ([]string, error) {
	return groups, nil
}

// Settle implements [stock.Gate].
func (s *Store) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	_, err := s.doAndWrite(ctx, line{Do: "settle", Goods: goodsID, Settlements: settlements})
	return err
}

// Stop implements [stock.Loader].
func (s *Store) Stop(ctx context.Context, goodsID string, fence int64) error {
	_, err := s.doAndWrite(ctx, line{Do: "stop", Goods: goodsID, Fence: fence})
	return err
}

// Load implements [stock.Loader].
func (s *Store) Load(ctx context.Context, goodsID string, fence int64, snapshot stock.Snapshot) (stock.Counts, error) {
	if _, err := s.doAndWrite(ctx, line{Do: "load", Goods: goodsID, Fence: fence, Snapshot: snapshot}); err != nil {
		return stock.Counts{}, err
	}
	return s.Counts(ctx, goodsID)
}

// Resize implements [stock.Loader].
func (s *Store) Resize(ctx context.Context, goodsID string, total int) (stock.Counts, error) {
	if _, err := s.doAndWrite(ctx, line{Do: "resize", Goods: goodsID, Snapshot: stock.Snapshot{Total: total}}); err != nil {
		return stock.Counts{}, err
	}
	return s.Counts(ctx, goodsID)
}

// Retire implements [stock.Loader].
func (s *Store) Retire(ctx context.Context, goodsID string, fence int64) error {
	_, err := s.doAndWrite(ctx, line{Do: "retire", Goods: goodsID, Fence: fence})
	return err
}
