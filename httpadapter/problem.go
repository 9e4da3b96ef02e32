package httpadapter

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/seckill-go/seckill"
)

// The codes that the adapter has beside the engine's.
const (
	unauthenticated      seckill.Code = "unauthenticated"
	forbidden            seckill.Code = "forbidden"
	badSignature         seckill.Code = "bad_signature"
	notFound             seckill.Code = "not_found"
	methodNotAllowed     seckill.Code = "method_not_allowed"
	tooLarge             seckill.Code = "too_large"
	unsupportedMediaType seckill.Code = "unsupported_media_type"
	misdirected          seckill.Code = "misdirected"
	notReady             seckill.Code = "not_ready"
	fault                seckill.Code = "fault"
)

// problem is a code as it is answered.
type problem struct {
	code      seckill.Code
	status    int
	title     string
	detail    string // unless the refusal has its own
	retryable bool
	// challenge goes with a 401.
	challenge string

	body []byte // the whole answer without a detail of its own
}

// unsupportedDetail says what to send, as tools for load tests send forms or no type.
const unsupportedDetail = `Content-Type: want application/json with a body such as {"goods_id":"1001"}, or application/x-www-form-urlencoded with one such as goods_id=1001; in UTF-8, not compressed. The payment callback takes JSON only.`

const bearer = `Bearer realm="seckill"`

var problems = byCode([]problem{
	{code: seckill.InvalidRequest, status: 400, title: "Invalid request", detail: "The request is not as the API describes it."},
	{code: unauthenticated, status: 401, title: "Unauthenticated", detail: "A valid bearer token is needed.", challenge: bearer},
	{code: badSignature, status: 401, title: "Bad signature", detail: "The callback is not signed with a known secret, or too long ago.", challenge: "Webhook-Signature"},
	{code: forbidden, status: 403, title: "Forbidden", detail: "The caller may not do this."},
	{code: seckill.Blacklisted, status: 403, title: "Blacklisted", detail: "The user may not buy."},
	{code: seckill.InvalidTicket, status: 403, title: "Invalid ticket", detail: "The ticket is forged, has expired, or is for another user or goods."},
	{code: notFound, status: 404, title: "Not found", detail: "There is nothing at this path."},
	{code: seckill.GoodsNotFound, status: 404, title: "Goods not found", detail: "There is no such goods."},
	{code: seckill.OrderNotFound, status: 404, title: "Order not found", detail: "The user has no such order."},
	{code: seckill.ParkedNotFound, status: 404, title: "Parked not found", detail: "Nothing of this id is parked."},
	{code: methodNotAllowed, status: 405, title: "Method not allowed"},
	{code: seckill.NotStarted, status: 409, title: "Not started", detail: "The sale has not begun.", retryable: true},
	{code: seckill.Ended, status: 409, title: "Ended", detail: "The sale is over."},
	{code: seckill.SoldOut, status: 409, title: "Sold out", detail: "Fewer units are left than asked for."},
	{code: seckill.LimitReached, status: 409, title: "Limit reached", detail: "The user would have more units than the limit."},
	{code: seckill.NotPayable, status: 409, title: "Not payable", detail: "The order does not wait for money."},
	{code: seckill.TotalTooSmall, status: 409, title: "Total too small", detail: "More units are sold or held than the new total allows."},
	{code: seckill.StillParked, status: 409, title: "Still parked", detail: "It was tried again and could not be done; the list says why."},
	{code: tooLarge, status: 413, title: "Too large", detail: tooLargeDetail(maxBody)},
	{code: unsupportedMediaType, status: 415, title: "Unsupported media type", detail: unsupportedDetail},
	{code: misdirected, status: 421, title: "Misdirected request", detail: "The host of the request is not served here."},
	{code: seckill.RateLimited, status: 429, title: "Rate limited", detail: "The user asked too often.", retryable: true},
	{code: fault, status: 500, title: "Fault", detail: "Something failed inside; it is in the log."},
	{code: seckill.Busy, status: 503, title: "Busy", detail: "Nothing was done. Try again.", retryable: true},
	{code: notReady, status: 503, title: "Not ready", detail: "A part does not do its work.", retryable: true},
	{code: seckill.Disabled, status: 503, title: "Disabled", detail: "Sales are switched off.", retryable: true},
	{code: seckill.OutcomeUnknown, status: 503, title: "Outcome unknown", detail: "It may or may not have happened. The same request again tells.", retryable: true},
})

func byCode(list []problem) map[seckill.Code]*problem {
	m := make(map[seckill.Code]*problem, len(list))
	for _, p := range list {
		p.body = p.render(p.detail)
		m[p.code] = &p
	}
	return m
}

// problemOf returns the problem of a code; one that is missing in the table is a
// fault.
func problemOf(c seckill.Code) *problem {
	if p, ok := problems[c]; ok {
		return p
	}
	return problems[fault]
}

func (p *problem) render(detail string) []byte {
	b, _ := json.Marshal(struct { // cannot fail: strings and numbers
		Type      string       `json:"type"`
		Title     string       `json:"title"`
		Status    int          `json:"status"`
		Detail    string       `json:"detail"`
		Code      seckill.Code `json:"code"`
		Retryable bool         `json:"retryable"`
	}{"urn:seckill:problem:" + string(p.code), p.title, p.status, detail, p.code, p.retryable})
	return append(b, '\n')
}

// write answers with the problem. An empty detail means the usual one.
func (p *problem) write(w http.ResponseWriter, detail string, retryAfter time.Duration) {
	h := w.Header()
	if retryAfter > 0 || p.retryable {
		seconds := max(1, int64((retryAfter+time.Second-1)/time.Second))
		h["Retry-After"] = []string{strconv.FormatInt(seconds, 10)}
	}
	if p.challenge != "" {
		h["Www-Authenticate"] = []string{p.challenge}
	}
	if p.code == tooLarge {
		h["Connection"] = closing // the rest of the body is not read
	}
	body := p.body
	if detail != "" {
		body = p.render(detail)
	}
	send(w, p.status, problemJSON, body)
}

var (
	problemJSON = []string{"application/problem+json"}
	plainJSON   = []string{"application/json"}
	plainText   = []string{"text/plain; charset=utf-8"}
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
)

// send writes a whole answer. The header values are shared and never changed.
func send(w http.ResponseWriter, status int, contentType []string, body []byte) {
	h := w.Header()
	h["Cache-Control"], h["X-Content-Type-Options"] = noStore, noSniff
	if body != nil {
		h["Content-Type"] = contentType
	}
	w.WriteHeader(status)
	w.Write(body)
}
