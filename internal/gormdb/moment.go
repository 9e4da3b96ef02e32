package gormdb

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

const layout = "2006-01-02 15:04:05.000000"

// Moment is a time in a column, in UTC, to the microsecond. It travels as text,
// so neither the parseTime nor the loc of a data source name can shift it, and it
// sorts in a column of text as it does in one of time.
type Moment time.Time

// Value implements [driver.Valuer].
func (m Moment) Value() (driver.Value, error) {
	return time.Time(m).UTC().Format(layout), nil
}

// Scan implements sql.Scanner. NULL is the zero time.
func (m *Moment) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*m = Moment{}
		return nil
	case time.Time:
		// The driver read UTC digits as digits of its loc.
		*m = Moment(time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), time.UTC))
		return nil
	case []byte:
		return m.parse(string(v))
	case string:
		return m.parse(v)
	}
	return fmt.Errorf("a time came as %T", v)
}

func (m *Moment) parse(s string) error {
	t, err := time.Parse("2006-01-02 15:04:05", strings.TrimSpace(s))
	*m = Moment(t)
	return err
}
