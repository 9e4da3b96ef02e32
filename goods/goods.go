// Package goods is the contract for what is on sale: the goods with their price,
// window and limit, and the catalog that keeps them.
//
// [Memory] serves one process; package gormgoods keeps the catalog in a
// database. Backends prove themselves with package goodstest.
package goods

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

var (
	// ErrNotFound says that no goods has that id.
	ErrNotFound = errors.New("goods: not found")
	// ErrInvalid is matched by every error of [Goods.Validate].
	ErrInvalid = errors.New("goods: invalid")
)

// MaxTotal bounds how many units one goods may have.
const MaxTotal = 100_000_000

// Goods is one thing on sale. Money is in minor units of Currency.
type Goods struct {
	// ID matches ^[A-Za-z0-9_-]{1,64}$.
	ID string
	// Title is 1 to 200 characters and not blank, Subtitle at most 500; neither has
	// control characters.
	Title, Subtitle string
	// Price is what a unit costs in the sale, OriginalPrice what it costs
	// otherwise (0 if not said): 0 to 10^12 minor units.
	Price, OriginalPrice int64
	// Currency is an ISO 4217 code of three capital letters.
	Currency string
	// Total is how many units are on sale, 1 to [MaxTotal].
	Total int
	// LimitPerUser is how many units one user may have, 0 to 1000. 0 means no
	// limit.
	LimitPerUser int
	// StartsAt and EndsAt are the sale's window: from StartsAt on, before EndsAt.
	StartsAt, EndsAt time.Time
	// RetiredAt is when the goods was retired: from then on it costs nothing but its
	// place in the catalog. Zero means that it was not.
	RetiredAt time.Time
}

// Retired reports whether the goods was retired.
func (g Goods) Retired() bool { return !g.RetiredAt.IsZero() }

var (
	idPattern       = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

const maxPrice = 1_000_000_000_000

// Validate names every field that is wrong, with what was expected, all at once.
func (g Goods) Validate() error {
	var faults []error
	check := func(ok bool, field, want string, got any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: want %s, got %v", field, want, got))
		}
	}
	text := func(s string, low, high int) bool {
		n := utf8.RuneCountInString(s)
		printable := utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
		return printable && low <= n && n <= high && (low == 0 || strings.TrimSpace(s) != "")
	}
	check(idPattern.MatchString(g.ID), "goods_id", "1 to 64 letters, digits, _ or -", fmt.Sprintf("%.80q", g.ID))
	check(text(g.Title, 1, 200), "title", "1 to 200 characters, not blank, none of control", fmt.Sprintf("%d", utf8.RuneCountInString(g.Title)))
	check(text(g.Subtitle, 0, 500), "subtitle", "at most 500 characters, none of control", fmt.Sprintf("%d", utf8.RuneCountInString(g.Subtitle)))
	check(0 <= g.Price && g.Price <= maxPrice, "price", "0 to 10^12 minor units", g.Price)
	check(0 <= g.OriginalPrice && g.OriginalPrice <= maxPrice, "original_price", "0 to 10^12 minor units", g.OriginalPrice)
	check(currencyPattern.MatchString(g.Currency), "currency", "three capital letters", fmt.Sprintf("%.20q", g.Currency))
	check(1 <= g.Total && g.Total <= MaxTotal, "total", "1 to 100000000", g.Total)
	check(0 <= g.LimitPerUser && g.LimitPerUser <= 1000, "limit_per_user", "0 to 1000", g.LimitPerUser)
	check(!g.StartsAt.IsZero(), "starts_at", "a time", "none")
	check(!g.EndsAt.IsZero(), "ends_at", "a time", "none")
	check(g.EndsAt.After(g.StartsAt), "ends_at", "a time after starts_at", g.EndsAt.Format(time.RFC3339))
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrInvalid, errors.Join(faults...))
}

// Catalog keeps goods. Implementations are safe for concurrent use.
type Catalog interface {
	// Get returns the goods. Error: [ErrNotFound] or a fault.
	Get(ctx context.Context, id string) (Goods, error)
	// Put adds the goods or replaces the one with the same id, and reports whether
	// it was added. Times are kept to the microsecond, in UTC. Error: one that
	// matches [ErrInvalid], with nothing changed, or a fault.
	Put(ctx context.Context, g Goods) (created bool, err error)
	// List returns all goods that are not retired, sorted by id. Its cost does not rise
	// with those that are.
	List(ctx context.Context) ([]Goods, error)
}
