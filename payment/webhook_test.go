package payment_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/payment"
)

const body = `{"test": 2432232314}`

var signedAt = time.Unix(1614265330, 0)

func secret(fill string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(fill, 24)))
}

func webhook(t *testing.T, secrets ...string) *payment.Webhook {
	t.Helper()
	w, err := payment.NewWebhook(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	w.Now = func() time.Time { return signedAt }
	return w
}

func signed(t *testing.T, secret string) http.Header {
	t.Helper()
	h := make(http.Header)
	webhook(t, secret).Sign(h, "msg_1", []byte(body))
	return h
}

// The values are the ones that the specification's reference libraries test with.
func TestSignatureIsTheStandardOne(t *testing.T) {
	w := webhook(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	h := make(http.Header)
	w.Sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", []byte(body))
	if got, want := h.Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature is %s, want %s", got, want)
	}
	if h.Get("webhook-id") != "msg_p5jXN8AQM9LWM0D4loKWxJek" || h.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("headers are %v", h)
	}
	if err := w.Verify(h, []byte(body)); err != nil {
		t.Error(err)
	}
}

func TestSecretsLiveSideBySide(t *testing.T) {
	changing := webhook(t, secret("n"), secret("o"))
	for _, s := range []string{secret("n"), secret("o")} {
		if err := changing.Verify(signed(t, s), []byte(body)); err != nil {
			t.Error(err)
		}
	}
	h := make(http.Header)
	changing.Sign(h, "msg_1", []byte(body))
	if err := webhook(t, secret("n")).Verify(h, []byte(body)); err != nil {
		t.Errorf("not signed with the first secret: %v", err)
	}
}

func TestOneOfSeveralSignaturesIsEnough(t *testing.T) {
	other, own := signed(t, secret("x")), signed(t, secret("s"))
	signature := own.Get("Webhook-Signature")
	own.Set("Webhook-Signature", "v1a,AAAA v1,!! "+other.Get("Webhook-Signature")+" "+signature)
	if err := webhook(t, secret("s")).Verify(own, []byte(body)); err != nil {
		t.Error(err)
	}
	own["Webhook-Signature"] = []string{other.Get("Webhook-Signature"), signature}
	if err := webhook(t, secret("s")).Verify(own, []byte(body)); err != nil {
		t.Errorf("over two lines: %v", err)
	}
	own.Set("Webhook-Signature", strings.Repeat(other.Get("Webhook-Signature")+" ", 100)+signature)
	if err := webhook(t, secret("s")).Verify(own, []byte(body)); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("a hundred signatures were tried: %v", err)
	}
}

func TestRefusesWhatWasNotSigned(t *testing.T) {
	cases := map[string]func(h http.Header){
		"no headers":        func(h http.Header) { clear(h) },
		"no id":             func(h http.Header) { h.Del("Webhook-Id") },
		"empty id":          func(h http.Header) { h.Set("Webhook-Id", "") },
		"other id":          func(h http.Header) { h.Set("Webhook-Id", "msg_2") },
		"two ids":           func(h http.Header) { h.Add("Webhook-Id", "msg_1") },
		"no timestamp":      func(h http.Header) { h.Del("Webhook-Timestamp") },
		"other timestamp":   func(h http.Header) { h.Set("Webhook-Timestamp", "1614265331") },
		"fraction":          func(h http.Header) { h.Set("Webhook-Timestamp", "1614265330.0") },
		"timestamp of ever": func(h http.Header) { h.Set("Webhook-Timestamp", "99999999999999999999") },
		"no signature":      func(h http.Header) { h.Del("Webhook-Signature") },
		"other signature":   func(h http.Header) { h.Set("Webhook-Signature", signed(t, secret("x")).Get("Webhook-Signature")) },
		"other scheme": func(h http.Header) {
			h.Set("Webhook-Signature", strings.Replace(h.Get("Webhook-Signature"), "v1,", "v2,", 1))
		},
	}
	w := webhook(t, secret("s"))
	for name, change := range cases {
		h := signed(t, secret("s"))
		change(h)
		if err := w.Verify(h, []byte(body)); !errors.Is(err, payment.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Verify(signed(t, secret("s")), []byte(body+" ")); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("other body: %v", err)
	}
}

// A signed content reads in two ways if the id may have a full stop.
func TestOneSignatureHasOneReading(t *testing.T) {
	w, h := webhook(t, secret("s")), make(http.Header)
	w.Sign(h, "msg_1", []byte("1614265330.{}"))
	h.Set("Webhook-Id", "msg_1.1614265330")
	if err := w.Verify(h, []byte("{}")); !errors.Is(err, payment.ErrSignature) {
		t.Error("the content was read in another way:", err)
	}
}

func TestToleratesFiveMinutesBothWays(t *testing.T) {
	h := signed(t, secret("s"))
	for late, ok := range map[time.Duration]bool{
		5 * time.Minute: true, -5 * time.Minute: true,
		5*time.Minute + time.Second: false, -5*time.Minute - time.Second: false,
		1 << 62: false, -1 << 62: false,
	} {
		w := webhook(t, secret("s"))
		w.Now = func() time.Time { return signedAt.Add(late) }
		if err := w.Verify(h, []byte(body)); (err == nil) != ok {
			t.Errorf("%v late: %v", late, err)
		}
	}
}

func TestNewWebhookNamesABadSecret(t *testing.T) {
	for _, bad := range []string{"", "whsec_", "whsec_!", secret("s")[6:], "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("s"), 23)),
		"whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("s"), 65))} {
		_, err := payment.NewWebhook(secret("s"), bad)
		if err == nil || !strings.Contains(err.Error(), "secrets[1]") || len(bad) > 10 && strings.Contains(err.Error(), bad[8:]) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := payment.NewWebhook(); err == nil {
		t.Error("a webhook without secrets was made")
	}
}

func BenchmarkWebhookVerify(b *testing.B) {
	w, err := payment.NewWebhook(secret("s"))
	if err != nil {
		b.Fatal(err)
	}
	h, event := make(http.Header), bytes.Repeat([]byte("x"), 400)
	w.Sign(h, "msg_1", event)
	for b.Loop() {
		if err := w.Verify(h, event); err != nil {
			b.Fatal(err)
		}
	}
}
