package kafkaorder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/order"
)

// encode makes the message of an event. The JSON around the data is joined by
// hand, as encoding/json would write the data anew and change its bytes.
func encode(e order.Event) (kafka.Message, error) {
	data := e.Data
	if len(data) == 0 {
		data = json.RawMessage("null")
	} else if !json.Valid(data) {
		return kafka.Message{}, fmt.Errorf("event %s: data is not JSON", e.ID)
	}
	e.Data = nil
	value, err := json.Marshal(e)
	if err != nil {
		return kafka.Message{}, fmt.Errorf("event %s: %w", e.ID, err)
	}
	value = append(append(bytes.TrimSuffix(value, []byte("null}")), data...), '}')
	return kafka.Message{
		Time:  time.Now(),
		Key:   []byte(e.Key),
		Value: value,
		Headers: []kafka.Header{
			{Key: "id", Value: []byte(e.ID)},
			{Key: "type", Value: []byte(e.Type)},
			{Key: "version", Value: strconv.AppendInt(nil, int64(e.Version), 10)},
		},
	}, nil
}

// decode reads an event from a message's value.
func decode(value []byte) (order.Event, error) {
	var e order.Event
	if err := json.Unmarshal(value, &e); err != nil {
		return order.Event{}, err
	}
	if e.ID == "" || e.Type == "" {
		return order.Event{}, errors.New("an event has an id and a type")
	}
	return e, nil
}
