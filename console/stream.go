package console

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// state is for a page whose stream does not get through.
func (c *console) state(r *http.Request, _ session) (any, error) {
	return json.RawMessage(c.watch.get(r.Context()).whole), nil
}

// writePatience is how long a page may take to read one event.
const writePatience = 10 * time.Second

// stream sends each look as an event, the first with the history, until the page
// leaves, its session ends, or the server goes down.
func (c *console) stream(w http.ResponseWriter, r *http.Request) {
	_, ok := c.who(r)
	if !ok {
		refuse(w, unauthenticated, "log in first")
		return
	}
	select {
	case c.seats <- struct{}{}:
		defer func() { <-c.seats }()
	default:
		refuse(w, full, "as many pages watch as may; this one asks now and then instead")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy would keep the events
	control := http.NewResponseController(w)
	seen := c.watch.get(r.Context())
	for text := seen.whole; ; text = seen.tick {
		_ = control.SetWriteDeadline(time.Now().Add(writePatience))
		if !sendEvent(w, control, text) {
			return
		}
		select {
		case <-time.After(time.Until(seen.due) + time.Millisecond):
		case <-r.Context().Done():
			return
		case <-c.done:
			return
		}
		if _, ok := c.who(r); !ok {
			return
		}
		seen = c.watch.get(r.Context())
	}
}

func sendEvent(w io.Writer, control *http.ResponseController, text []byte) bool {
	for _, part := range [][]byte{[]byte("data: "), text, []byte("\n\n")} {
		if _, err := w.Write(part); err != nil {
			return false
		}
	}
	return control.Flush() == nil
}
