package etcdblacklist

import (
	"encoding/json"
	"time"

	"github.com/seckill-go/seckill/blacklist"
)

// value is an entry as etcd holds it. Fields it does not know are passed over, so
// that nodes of two versions can share a list.
type value struct {
	Reason    string    `json:"reason,omitzero"`
	AddedAt   time.Time `json:"added_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

func encode(e blacklist.Entry) (string, error) {
	b, err := json.Marshal(value{e.Reason, e.AddedAt, e.ExpiresAt})
	return string(b), err
}

func decode(user string, b []byte) (blacklist.Entry, error) {
	var v value
	if err := json.Unmarshal(b, &v); err != nil {
		return blacklist.Entry{}, err
	}
	return blacklist.Entry{User: user, Reason: v.Reason, AddedAt: v.AddedAt, ExpiresAt: v.ExpiresAt}, nil
}

// legible returns the entry as it will read on every node: in UTC, without the
// monotonic clock of this one.
func legible(e blacklist.Entry) blacklist.Entry {
	e.AddedAt = e.AddedAt.UTC().Round(0)
	e.ExpiresAt = e.ExpiresAt.UTC().Round(0)
	return e
}
