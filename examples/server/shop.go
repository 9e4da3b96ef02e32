package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/ticket"
)

// shop is one node that could sell: its backends answer, and it has all keys.
type shop struct {
	command  command
	log      *slog.Logger
	backends backends
	engine   *seckill.Engine
	handler  http.Handler
	// invitation is the file with which others join, if there is one.
	invitation string
	// adminToken is what the first lines say of the admin token.
	adminToken string
}

// open opens the backends, and builds the engine and its handler on them.
func open(ctx context.Context, c command, log *slog.Logger) (*shop, error) {
	b, err := openBackends(ctx, c, log)
	if err != nil {
		return nil, err
	}
	s := &shop{command: c, log: log, backends: b}
	if err := s.build(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *shop) close() {
	if err := s.backends.close(); err != nil {
		s.log.Warn("backends not closed cleanly", "error", err)
	}
}

func (s *shop) build(ctx context.Context) error {
	c := &s.command.conf.Server
	kept, err := complete(ctx, c, s.backends.keep)
	if err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	s.adminToken = s.tellAdminToken(kept["admin_token"])
	if len(kept) > 0 && !s.command.embedded {
		s.log.Info("secrets that are not configured are kept in etcd, for all nodes", "keys", len(kept))
	}
	if s.command.data != "" {
		if s.invitation, err = invite(s.command.data, s.backends.servers, kept); err != nil {
			return fmt.Errorf("-data: %w", err)
		}
	}
	if s.engine, err = newEngine(s.backends.Clients, *c, s.log); err != nil {
		return err
	}
	s.handler, err = s.newHandler(*c, ctx.Done())
	return err
}

// tellAdminToken shows a token that was made up, so that somebody knows it. On servers
// outside it can be read from etcd instead: what a production prints is collected.
func (s *shop) tellAdminToken(kept string) string {
	switch {
	case kept == "":
		return "<the configured token>"
	case s.command.embedded || s.command.dev:
		return string(s.command.conf.Server.AdminToken)
	}
	return "<in etcd, under " + secretsPrefix + kept + ">"
}

func newEngine(c standard.Clients, keys conf.Server, log *slog.Logger) (*seckill.Engine, error) {
	options, err := standard.Options(c)
	if err != nil {
		return nil, err
	}
	options.Logger = log
	for _, k := range keys.TicketKeys {
		options.TicketKeys = append(options.TicketKeys, ticket.Key{ID: k.ID, Secret: []byte(k.Secret)})
	}
	return seckill.New(options)
}

// newHandler returns the API, with the operator's page beside it.
func (s *shop) newHandler(c conf.Server, done <-chan struct{}) (http.Handler, error) {
	sessions, sessionsErr := session.New(standard.Sessions(s.backends.Clients), session.Options{Keys: sessionKeys(c.SessionKeys), Now: s.engine.Now})
	webhook, webhookErr := payment.NewWebhook(string(c.WebhookSecret))
	if err := errors.Join(sessionsErr, webhookErr); err != nil {
		return nil, err
	}
	o := httpadapter.Options{
		Authenticate: httpadapter.Sessions(sessions),
		AdminToken:   string(c.AdminToken),
		Webhook:      webhook,
		Hosts:        s.command.hosts,
		Logger:       s.log,
	}
	if s.command.dev {
		o.DevLogin = sessions
	}
	api, apiErr := httpadapter.New(s.engine, o)
	page, pageErr := console.New(s.engine, console.Options{AdminToken: string(c.AdminToken), Done: done, Logger: s.log})
	if err := errors.Join(apiErr, pageErr); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("/console/", http.StripPrefix("/console", page))
	return httpadapter.Guard(mux, s.command.hosts, s.log)
}

func sessionKeys(keys []conf.Key) []session.Key {
	own := make([]session.Key, len(keys))
	for i, k := range keys {
		own[i] = session.Key{ID: k.ID, Secret: []byte(k.Secret)}
	}
	return own
}
