package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

// keeper returns the secret that is kept under a name; if there is none, it keeps
// the fresh one. Whoever asks, on whatever node, gets the same.
type keeper func(ctx context.Context, name, fresh string) (string, error)

// complete makes up what the configuration does not say, so that tickets and
// sessions hold on every node and after a restart. It returns the names of what
// is kept, by the key of the configuration that it is for.
func complete(ctx context.Context, s *conf.Server, keep keeper) (kept map[string]string, err error) {
	kept = make(map[string]string)
	ask := func(given bool, key, name, fresh string, take func(string) bool) {
		if given || err != nil {
			return
		}
		var text string
		if text, err = keep(ctx, name, fresh); err == nil && !take(text) {
			err = fmt.Errorf("%s: what is kept there is damaged", name)
		}
		kept[key] = name
	}
	ring := func(to *[]conf.Key) func(string) bool {
		return func(text string) (ok bool) {
			*to, ok = conf.ParseKeys(text)
			return ok
		}
	}
	plain := func(to *conf.Secret) func(string) bool {
		return func(text string) bool {
			*to = conf.Secret(text)
			return text != ""
		}
	}
	ask(s.AdminToken != "", "admin_token", "admin.token", rand.Text(), plain(&s.AdminToken))
	ask(s.TicketKeys != nil, "ticket_keys", "ticket.keys", "k1:"+random(), ring(&s.TicketKeys))
	ask(s.SessionKeys != nil, "session_keys", "session.keys", "k1:"+random(), ring(&s.SessionKeys))
	ask(s.WebhookSecret != "", "webhook_secret", "webhook.secret", "whsec_"+random(), plain(&s.WebhookSecret))
	return kept, err
}

// random returns 32 random bytes in base64.
func random() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// forgetful keeps nothing.
func forgetful(_ context.Context, _, fresh string) (string, error) { return fresh, nil }

// inFolder keeps secrets in files that nobody else may read.
func inFolder(dir string) keeper {
	return func(_ context.Context, name, fresh string) (string, error) {
		path := filepath.Join(dir, name)
		if err := create(path, fresh+"\n"); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		text, err := os.ReadFile(path)
		return strings.TrimSpace(string(text)), err
	}
}

// create makes a file whole or not at all, and never replaces one.
func create(path, text string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Link(temp.Name(), path)
}

// secretsPrefix begins the keys of secrets in etcd.
const secretsPrefix = "seckill/secrets/"

// inEtcd keeps secrets beside the settings, for the nodes to share.
func inEtcd(client *clientv3.Client) keeper {
	return func(ctx context.Context, name, fresh string) (string, error) {
		key := secretsPrefix + name
		r, err := client.Txn(ctx).
			If(clientv3.Compare(clientv3.CreateRevision(key), "=", 0)).
			Then(clientv3.OpPut(key, fresh)).
			Else(clientv3.OpGet(key)).
			Commit()
		switch {
		case err != nil:
			return "", fmt.Errorf("etcd: %s: %w", key, err)
		case r.Succeeded:
			return fresh, nil
		}
		return string(r.Responses[0].GetResponseRange().Kvs[0].Value), nil
	}
}
