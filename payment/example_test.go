package payment_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/seckill-go/seckill/payment"
)

// What a provider sends, and what the shop makes of it. A secret has 24 to 64 random
// bytes.
func ExampleWebhook() {
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32)))
	webhook, err := payment.NewWebhook(secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte(`{"order_id":"o1","payment_id":"pay_1","status":"succeeded","amount":1999,"currency":"CNY"}`)
	header := http.Header{}
	webhook.Sign(header, "evt_1", body)

	fmt.Println(header.Get(payment.HeaderID), webhook.Verify(header, body))
	forged := []byte(strings.Replace(string(body), "1999", "1", 1))
	fmt.Println(errors.Is(webhook.Verify(header, forged), payment.ErrSignature))
	fmt.Println(webhook) // no secret is printed
	// Output:
	// evt_1 <nil>
	// true
	// {1 secrets}
}
