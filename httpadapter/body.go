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

// maxBody is the largest body that is read, in bytes; maxGoodsBody that of a goods, whose
// title and subtitle have room for 700 characters, of up to 12 bytes each as escapes.
const maxBody, maxGoodsBody = 4 << 10, 16 << 10

// bodies are buffers for one byte more, which shows that a body is too large.
var bodies = sync.Pool{New: func() any { return new([maxBody + 1]byte) }}

// withBody calls f with the body of the request, which is of the type that is returned by
// mediaType, or empty. f must not keep it.
func withBody(r *http.Request, f func(media string, body []byte) error) error {
	buffer := bodies.Get().(*[maxBody + 1]byte)
	defer bodies.Put(buffer)
	return withBodyIn(buffer[:], r, f)
}

// withBodyIn has room for a body of one byte less than the buffer.
func withBodyIn(buffer []byte, r *http.Request, f func(media string, body []byte) error) error {
	if r.ContentLength == 0 {
		return f("", nil)
	}
	large := &seckill.Refusal{Code: tooLarge, Detail: tooLargeDetail(len(buffer) - 1)}
	if r.ContentLength >= int64(len(buffer)) {
		return large
	}
	n, err := io.ReadFull(r.Body, buffer)
	media := mediaType(r.Header)
	switch {
	case err == nil:
		return large
	case n == 0 && errors.Is(err, io.EOF):
		return f("", nil)
	case !errors.Is(err, io.ErrUnexpectedEOF) || r.ContentLength > int64(n):
		return invalid("body: it did not arrive as a whole")
	case media == "":
		return &seckill.Refusal{Code: unsupportedMediaType}
	}
	return f(media, buffer[:n])
}

const typeJSON, typeForm = "application/json", "application/x-www-form-urlencoded"

// mediaType returns typeJSON or typeForm, or "" for what is neither, is compressed or is
// not in UTF-8.
func mediaType(h http.Header) string {
	types := h["Content-Type"]
	if len(types) != 1 || len(h["Content-Encoding"]) != 0 {
		return ""
	}
	if types[0] == typeJSON {
		return typeJSON
	}
	media, params, err := mime.ParseMediaType(types[0])
	charset, given := params["charset"]
	if err != nil || media != typeJSON && media != typeForm || given && !strings.EqualFold(charset, "utf-8") {
		return ""
	}
	return media
}

func tooLargeDetail(most int) string { return fmt.Sprintf("The body is larger than %d bytes.", most) }

func invalid(format string, args ...any) *seckill.Refusal {
	return &seckill.Refusal{Code: seckill.InvalidRequest, Detail: fmt.Sprintf(format, args...)}
}
