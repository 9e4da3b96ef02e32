package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/seckill-go/seckill/session"
)

// The shop has found out who somebody is; from here on a token says so, until it is
// revoked.
func Example() {
	ctx := context.Background()
	sessions, err := session.New(new(session.Memory), session.Options{
		Keys: []session.Key{{ID: "2026-11", Secret: bytes.Repeat([]byte("s"), 32)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, _, err := sessions.Issue(ctx, "alice")
	if err != nil {
		fmt.Println(err)
		return
	}
	who, err := sessions.Verify(ctx, token)
	fmt.Println(who.User, err)

	fmt.Println(sessions.Revoke(ctx, token))
	_, err = sessions.Verify(ctx, token)
	fmt.Println(errors.Is(err, session.ErrInvalid))
	// Output:
	// alice <nil>
	// <nil>
	// true
}
