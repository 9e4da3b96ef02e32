package etcdsettings

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/internal/etcdmirror"
	"github.com/seckill-go/seckill/settings"
)

// attempts is how often Update starts again when somebody else was faster. Each
// time at least one of those who collide gets through.
const attempts = 200

// Update implements [settings.Store]. When it fails otherwise than by change or
// Validate, the settings may have been written.
func (s *Store) Update(ctx context.Context, change func(*settings.Settings) error) (settings.Settings, error) {
	kv, err := s.read(ctx)
	for n := 0; err == nil && n < attempts; n++ {
		before := s.current(ctx, kv)
		after := before
		if err := change(&after); err != nil {
			return settings.Settings{}, err
		}
		if err := after.Validate(); err != nil {
			return settings.Settings{}, err
		}
		after.Version = before.Version + 1
		var written bool
		if written, kv, err = s.swap(ctx, kv, &after); written {
			return after, nil
		}
		if err == nil {
			err = pause(ctx, rand.N(time.Millisecond*time.Duration(min(n+1, 20))))
		}
	}
	if err == nil {
		err = fmt.Errorf("others were faster %d times", attempts)
	}
	return settings.Settings{}, fmt.Errorf("etcdsettings: update: %w", err)
}

// read returns the stored settings, or nil if there are none.
func (s *Store) read(ctx context.Context) (*mvccpb.KeyValue, error) {
	bounded, cancel := context.WithTimeout(ctx, etcdmirror.Timeout)
	defer cancel()
	resp, err := s.client.Get(bounded, s.key)
	if err != nil {
		return nil, etcdmirror.Fault(ctx, err)
	}
	return only(resp.Kvs), nil
}

// current returns the settings that change begins with. When those in etcd are not
// valid, they are the last good ones, and etcd's own count of the writes
// sees to it that the version rises all the same.
func (s *Store) current(ctx context.Context, kv *mvccpb.KeyValue) settings.Settings {
	if kv == nil {
		return settings.Default()
	}
	if stored, err := decode(name, kv.Value); err == nil {
		return stored
	}
	good, ok, err := s.mirror.Get(ctx, name)
	if !ok || err != nil {
		good = settings.Default()
	}
	good.Version = max(good.Version, kv.Version)
	return good
}

// swap writes the settings if old is still what etcd has. Otherwise it returns
// what etcd has instead.
func (s *Store) swap(ctx context.Context, old *mvccpb.KeyValue, after *settings.Settings) (bool, *mvccpb.KeyValue, error) {
	asked := time.Now()
	bounded, cancel := context.WithTimeout(ctx, etcdmirror.Timeout)
	defer cancel()
	resp, err := s.client.Txn(bounded).
		If(clientv3.Compare(clientv3.ModRevision(s.key), "=", old.GetModRevision())).
		Then(clientv3.OpPut(s.key, encode(*after))).
		Else(clientv3.OpGet(s.key)).
		Commit()
	if err != nil {
		return false, nil, etcdmirror.Fault(ctx, err)
	}
	if !resp.Succeeded {
		return false, only(resp.Responses[0].GetResponseRange().GetKvs()), nil
	}
	after.ReadAt = asked
	s.mirror.Wrote(name, *after, resp.Header.Revision, asked)
	return true, nil, nil
}

func only(kvs []*mvccpb.KeyValue) *mvccpb.KeyValue {
	if len(kvs) == 0 {
		return nil
	}
	return kvs[0]
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
