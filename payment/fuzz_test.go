package payment_test

import (
	"net/http"
	"testing"

	"github.com/seckill-go/seckill/payment"
)

// FuzzVerify looks for a callback that is taken and not the one that was signed.
func FuzzVerify(f *testing.F) {
	w, err := payment.NewWebhook(secret("n"))
	if err != nil {
		f.Fatal(err)
	}
	h := make(http.Header)
	w.Sign(h, "msg_1", []byte(body))
	id, at, signature := h.Get("webhook-id"), h.Get("webhook-timestamp"), h.Get("webhook-signature")
	f.Add(id, at, signature, body)
	f.Add(id, at, signature+" "+signature, body+" ")
	f.Add("msg_1.", at, signature, body)
	f.Add(id, " "+at, "v1,"+signature, body)
	f.Add("", "", "v1,", "")
	f.Fuzz(func(t *testing.T, anID, anAt, aSignature, aBody string) {
		given := http.Header{"Webhook-Id": {anID}, "Webhook-Timestamp": {anAt}, "Webhook-Signature": {aSignature}}
		if w.Verify(given, []byte(aBody)) == nil && (anID != id || aBody != body) {
			t.Errorf("took %q of %q, signed %q at %q", aBody, anID, aSignature, anAt)
		}
	})
}
