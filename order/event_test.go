package order_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/order"
)

// odd is every byte, alone and in company, and what JSON writes in its own way.
func odd() []string {
	all := []string{"", "plain", "秒杀", "a\u2028b\u2029", "<&>", "\xff\xfe", "\xe7\xa7", "\U0001f600", "\"\\/", "\ufffd"}
	for c := range 256 {
		all = append(all, string([]byte{byte(c)}), "x"+string([]byte{byte(c)})+"y")
	}
	return all
}

func times() []time.Time {
	return []time.Time{
		{}, time.Unix(0, 0).UTC(), time.UnixMicro(1795430286123450).UTC(), time.Unix(1795430286, 7),
		time.Date(2026, 11, 23, 10, 0, 0, 1, time.FixedZone("", -(9*3600+30*60))), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	}
}

func TestAnEventsDataIsItsOrderAsJSON(t *testing.T) {
	for _, s := range odd() {
		for _, at := range times() {
			same(t, order.Order{
				ID: s, GoodsID: s, UserID: s, Quantity: math.MaxInt, Amount: math.MinInt64, Currency: s, State: order.State(s),
				Version: -1, Reason: s, PaymentID: s, CreatedAt: at, UpdatedAt: at.Add(time.Millisecond), PayBy: at,
			})
		}
	}
}

// A field that is new in Order is missing in its events until it is written.
func TestAnEventsDataHasEachFieldOfItsOrder(t *testing.T) {
	var o order.Order
	fields := reflect.ValueOf(&o).Elem()
	for i := range fields.NumField() {
		switch f := fields.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(fields.Type().Field(i).Name)
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(100 + i))
		default:
			f.Set(reflect.ValueOf(time.Unix(int64(i), 0).UTC()))
		}
	}
	same(t, o)
	same(t, order.Order{})
}

func same(t *testing.T, o order.Order) {
	t.Helper()
	want, _ := json.Marshal(o)
	for _, e := range []order.Event{order.Created(o), order.Moved(o)} {
		if string(e.Data) != string(want) {
			t.Fatalf("want %s, got %s", want, e.Data)
		}
	}
}

func TestAppendJSONWritesWhatEncodingJSONDoes(t *testing.T) {
	datas := []json.RawMessage{nil, json.RawMessage(`{"a":[1,"b"]}`), json.RawMessage("null")}
	for i, s := range odd() {
		for _, at := range times() {
			e := order.Event{ID: s, Type: s, Version: i - 1, Key: s, Time: at, Data: datas[i%len(datas)], Trace: order.Trace(s)}
			want, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.AppendJSON([]byte("before"))
			if err != nil || string(got) != "before"+string(want) {
				t.Fatalf("want before%s, got %s, %v", want, got, err)
			}
		}
	}
}

func TestAppendJSONLeavesTheDataAsItIs(t *testing.T) {
	data := "{ \"a\" : \"<\" }\n"
	got, err := order.Event{Data: json.RawMessage(data)}.AppendJSON(nil)
	if err != nil || !strings.HasSuffix(string(got), `,"data":`+data+"}") {
		t.Fatalf("got %s, %v", got, err)
	}
}

func TestAppendJSONRefusesWhatIsNoJSON(t *testing.T) {
	for want, e := range map[string]order.Event{
		"event bad: data is not JSON": {ID: "bad", Data: json.RawMessage(`{}}`)},
		"event late":                  {ID: "late", Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if got, err := e.AppendJSON(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %s, %v", want, got, err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	at := time.UnixMicro(1795430286123450)
	o := order.Draft{ID: "0193", UserID: "user-1", Quantity: 1, Amount: 1999, Currency: "CNY", CreatedAt: at, PayBy: at}.Order("1001")
	text := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := order.Created(o).AppendJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}
