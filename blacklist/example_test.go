package blacklist_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/blacklist"
)

// An entry ends by itself, or is removed.
func Example() {
	ctx, list := context.Background(), new(blacklist.Memory)
	fmt.Println(list.Add(ctx, blacklist.Entry{User: "mallory", Reason: "a bot", ExpiresAt: time.Now().Add(time.Hour)}, time.Now()))
	entry, there, err := list.Find(ctx, "mallory", time.Now())
	fmt.Println(entry.Reason, there, err)
	fmt.Println(list.Remove(ctx, "mallory", time.Now()))
	fmt.Println(list.Remove(ctx, "mallory", time.Now()))
	// Output:
	// <nil>
	// a bot true <nil>
	// true <nil>
	// false <nil>
}
