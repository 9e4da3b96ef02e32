package gormorder

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seckill-go/seckill/order"
)

// The events of a group that is booked are nearly all there is in an outbox, so
// its row has no more of them than the orders' own columns, as CSV. As JSON, with
// its quotes escaped, the statement is three times as long, and the database and
// the relay are long at reading it.
// Other events are a JSON array, which begins with a bracket.

// createdPayload is the outbox row of new orders of one goods. An order that
// somebody traces has its trace behind the columns.
func createdPayload(goodsID string, orders []order.Order, traces map[string]order.Trace) (string, error) {
	var text strings.Builder
	text.Grow(128 * (len(orders) + 1))
	w := csv.NewWriter(&text)
	record := append(make([]string, 0, 8), "orders", goodsID)
	err := w.Write(record)
	for i := 0; i < len(orders) && err == nil; i++ {
		o := &orders[i]
		record = append(record[:0], o.ID, o.UserID, strconv.Itoa(o.Quantity), strconv.FormatInt(o.Amount, 10), o.Currency,
			micros(o.CreatedAt), micros(o.PayBy))
		if t := traces[o.ID]; t != "" {
			record = append(record, string(t))
		}
		err = w.Write(record)
	}
	w.Flush()
	return text.String(), err
}

// tracesOf returns the traces by id, nil if there are none, as nearly always.
// Of two drafts of one id the first is booked.
func tracesOf(drafts []order.Draft) (traces map[string]order.Trace) {
	for i := range drafts {
		d := &drafts[i]
		if d.Trace == "" {
			continue
		}
		if traces == nil {
			traces = make(map[string]order.Trace)
		}
		if _, ok := traces[d.ID]; !ok {
			traces[d.ID] = d.Trace
		}
	}
	return traces
}

// withAttempts begins a row of before orders were named by their attempts: a column
// behind the id had them.
const withAttempts = "created"

func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// eventsOf reads an outbox row.
func eventsOf(payload []byte) (events []order.Event, err error) {
	if len(payload) > 0 && payload[0] == '[' {
		err = json.Unmarshal(payload, &events)
		return events, err
	}
	r := csv.NewReader(bytes.NewReader(payload))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	fields, err := r.Read()
	if err == io.EOF || err == nil && (len(fields) != 2 || fields[0] != "orders" && fields[0] != withAttempts) {
		return nil, fmt.Errorf("a row of the outbox begins with %.80q", payload)
	}
	if err != nil {
		return nil, err
	}
	older, goodsID := fields[0] == withAttempts, fields[1]
	events = make([]order.Event, 0, bytes.Count(payload, []byte("\n")))
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		attempt := ""
		if older && len(fields) > 1 {
			attempt = fields[1]
			fields = slices.Delete(fields, 1, 2)
		}
		o, err := newOrder(goodsID, fields)
		if err != nil {
			return nil, err
		}
		e := order.Created(o)
		if older { // it may have been sent before, under the id it had then
			e.ID = attempt
		}
		if len(fields) == 8 {
			e.Trace = order.Trace(fields[7])
		}
		events = append(events, e)
	}
}

// newOrder reads an order as it was when it was new.
func newOrder(goodsID string, fields []string) (order.Order, error) {
	if len(fields) != 7 && len(fields) != 8 {
		return order.Order{}, fmt.Errorf("an order of the outbox has %d fields, want 7, or 8 with a trace", len(fields))
	}
	var err error
	number := func(field string) int64 {
		n, fault := strconv.ParseInt(field, 10, 64)
		if fault != nil {
			err = fault
		}
		return n
	}
	d := order.Draft{
		ID: fields[0], UserID: fields[1],
		Quantity: int(number(fields[2])), Amount: number(fields[3]), Currency: fields[4],
		CreatedAt: time.UnixMicro(number(fields[5])), PayBy: time.UnixMicro(number(fields[6])),
	}
	return d.Order(goodsID), err
}
