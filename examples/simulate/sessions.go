package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seckill-go/seckill/examples/simulate/client"
)

// loginsAbreast is how many logins are under way at a time.
const loginsAbreast = 32

// logIn makes a session for each of n new users.
func logIn(ctx context.Context, c *client.Client, n int, show progress) ([]string, error) {
	run := strings.ToLower(rand.Text()[:10])
	sessions := make([]string, n)
	var done atomic.Int64
	defer watch(show, func() (string, int, int) { return "users log in", int(done.Load()), n })()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(loginsAbreast)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() (err error) {
			sessions[i], err = login(ctx, c, fmt.Sprintf("sim-%s-%d", run, i))
			done.Add(1)
			return err
		})
	}
	return sessions, group.Wait()
}

func login(ctx context.Context, c *client.Client, user string) (string, error) {
	for tries := 0; ; tries++ {
		asked, cancel := context.WithTimeout(ctx, 10*time.Second)
		token, a := c.Login(asked, user)
		cancel()
		switch {
		case a.OK() && token != "":
			return token, nil
		case a.Status == 404 || a.Status == 405:
			return "", errors.New("the server has no development logins: start it with -dev, or give bearer tokens with -sessions")
		case a.Err != nil && a.Status == 0 && ctx.Err() == nil:
			return "", fmt.Errorf("the server cannot be reached: %w", a.Err)
		case !a.Retryable || tries == 5:
			return "", fmt.Errorf("login of %s: %v", user, a)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(max(a.RetryAfter, 100*time.Millisecond)):
		}
	}
}

// tokens reads a file with a bearer token in each line.
func tokens(flag, file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, mistakef("-%s: %w", flag, err)
	}
	all := strings.Fields(string(text))
	if len(all) == 0 {
		return nil, mistakef("-%s: want a bearer token in each line, got none in %s", flag, file)
	}
	return all, nil
}
