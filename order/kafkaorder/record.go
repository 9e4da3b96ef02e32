package kafkaorder

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/order"
)

// traceHeader is where W3C Trace Context puts the trace of a message, so that
// consumers that know nothing of the engine take it up.
const traceHeader = "traceparent"

// encode makes the message of an event. All its bytes are in one piece of memory,
// but for the trace, which few events have and which goes in a header alone.
func encode(e order.Event, now time.Time) (kafka.Message, error) {
	names := len(e.ID) + len(e.Type) + len(e.Key)
	text := make([]byte, 0, 2*names+len(e.Data)+112)
	text = append(append(append(text, e.ID...), e.Type...), e.Key...)
	text = strconv.AppendInt(text, int64(e.Version), 10)
	cut := func(n int) []byte {
		part := text[:n:n]
		text = text[n:]
		return part
	}
	headers := []kafka.Header{
		{Key: "id", Value: cut(len(e.ID))},
		{Key: "type", Value: cut(len(e.Type))},
		{Key: "version"},
	}
	key := cut(len(e.Key))
	headers[2].Value = cut(len(text))
	if e.Trace != "" {
		headers = append(headers, kafka.Header{Key: traceHeader, Value: []byte(e.Trace)})
	}
	value, err := e.With("").AppendJSON(text)
	return kafka.Message{Time: now, Key: key, Value: value, Headers: headers}, err
}

// decode reads an event from a message.
func decode(m kafka.Message) (order.Event, error) {
	var e order.Event
	if err := json.Unmarshal(m.Value, &e); err != nil {
		return order.Event{}, err
	}
	if e.ID == "" || e.Type == "" {
		return order.Event{}, errors.New("an event has an id and a type")
	}
	for _, h := range m.Headers {
		if h.Key == traceHeader {
			e.Trace = order.Trace(h.Value)
		}
	}
	return e, nil
}
