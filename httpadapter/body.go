package httpadapter

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/seckill-go/seckill"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 4 << 10

// bodies are buffers for one byte more, which shows that a body is too large.
var bodies = sync.Pool{New: func() any { return new([maxBody + 1]byte) }}

// withBody calls f with the body of the request, which is JSON or empty. f must not
// keep it.
func withBody(r *http.Request, f func(body []byte) error) error {
	if r.ContentLength == 0 {
		return f(nil)
	}
	if r.ContentLength > maxBody {
		return &seckill.Refusal{Code: tooLarge}
	}
	buffer := bodies.Get().(*[maxBody + 1]byte)
	defer bodies.Put(buffer)
	n, err := io.ReadFull(r.Body, buffer[:])
	switch {
	case err == nil:
		return &seckill.Refusal{Code: tooLarge}
	case n == 0 && errors.Is(err, io.EOF):
		return f(nil)
	case !errors.Is(err, io.ErrUnexpectedEOF) || r.ContentLength > int64(n):
		return invalid("body: it did not arrive as a whole")
	case !isJSON(r.Header):
		return &seckill.Refusal{Code: unsupportedMediaType}
	}
	return f(buffer[:n])
}

func isJSON(h http.Header) bool {
	types := h["Content-Type"]
	if len(types) != 1 || len(h["Content-Encoding"]) != 0 {
		return false
	}
	if types[0] == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(types[0])
	charset, given := params["charset"]
	return err == nil && media == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

func invalid(format string, args ...any) *seckill.Refusal {
	return &seckill.Refusal{Code: seckill.InvalidRequest, Detail: fmt.Sprintf(format, args...)}
}
