package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/seckill-go/seckill/client"
)

// soldOut stands for a shop whose last unit has gone.
func soldOut(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/seckill/token" {
		io.WriteString(w, `{"token":"st1.k1.AAEC.c2ln","expires_at":"2026-11-11T00:05:00Z"}`)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusConflict)
	io.WriteString(w, `{"type":"urn:seckill:problem:sold_out","title":"Sold out","status":409,
		"detail":"Fewer units are left than asked for.","code":"sold_out","retryable":false}`)
}

func Example() {
	server := httptest.NewServer(http.HandlerFunc(soldOut))
	defer server.Close()
	ctx := context.Background()

	shop, err := client.New(server.URL, client.Options{Token: "a buyer's session"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ticket, err := shop.TakeTicket(ctx, client.TicketRequest{GoodsID: "1001"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = shop.Purchase(ctx, client.PurchaseRequest{GoodsID: "1001", Token: ticket.Token})
	_, again := client.IsRetryable(err)
	fmt.Println(errors.Is(err, client.CodeSoldOut), again)
	fmt.Println(err)
	// Output:
	// true false
	// client: 409 sold_out: Fewer units are left than asked for.
}
