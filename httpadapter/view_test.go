package httpadapter_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/order"
)

// What is written without encoding/json is what that would write. A field that is new
// in a view is missing in the answer until it is written.
func FuzzBuyersAnswersAreAsEncodingJSONWritesThem(f *testing.F) {
	for _, text := range []string{"", "1001", "秒杀\u2028", "<\"\\&\x00\xff>"} {
		f.Add(text, int64(1), int64(1795430286123), int64(450_000))
		f.Add(text, int64(-1<<63), int64(0), int64(0))
		f.Add(text, int64(1<<62), int64(253402300800000), int64(1)) // the year 10000
	}
	f.Fuzz(func(t *testing.T, text string, number, milliseconds, nanoseconds int64) {
		at := time.UnixMilli(milliseconds).Add(time.Duration(nanoseconds)).UTC()
		year := at.Year()
		fine := 0 <= year && year <= 9999
		var o order.Order
		fill(reflect.ValueOf(&o).Elem(), text, number, at)
		got, want, err := httpadapter.Receipt(o)
		if fine != (err == nil) || fine && string(got) != string(want) {
			t.Errorf("want %s, got %s, %v", want, got, err)
		}
		got, want, err = httpadapter.Token(text, at)
		if fine != (err == nil) || fine && string(got) != string(want) {
			t.Errorf("want %s, got %s, %v", want, got, err)
		}
	})
}

// fill sets every field, each text to another one.
func fill(fields reflect.Value, text string, number int64, at time.Time) {
	for i := range fields.NumField() {
		switch f := fields.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(text + fields.Type().Field(i).Name)
		case reflect.Int, reflect.Int64:
			f.SetInt(number + int64(i))
		default:
			f.Set(reflect.ValueOf(at))
		}
	}
}
