package stock

import "fmt"

// MaxUnits bounds how many units one goods may have, and one request ask for.
const MaxUnits = 100_000_000

const maxName = 128

// Validate names what is wrong with the request.
func (r Request) Validate() error {
	if r.Limit < 0 {
		return fmt.Errorf("stock: limit of attempt %q: want 0 or more, got %d", r.Attempt, r.Limit)
	}
	return validate(r.Attempt, r.User, r.Quantity)
}

// Validate names what is wrong with the settlement.
func (s Settlement) Validate() error {
	if s.Verdict < Confirm || s.Verdict > Restore {
		return fmt.Errorf("stock: verdict of attempt %q: want 1 to 3, got %d", s.Attempt, s.Verdict)
	}
	if s.Booked < 0 || s.Released < 0 {
		return fmt.Errorf("stock: fences of attempt %q: want 0 or more, got %d, %d", s.Attempt, s.Booked, s.Released)
	}
	return validate(s.Attempt, s.User, s.Quantity)
}

// Validate names what is wrong with the snapshot.
func (s Snapshot) Validate() error {
	if s.Sold < 0 || s.Sold > MaxUnits {
		return fmt.Errorf("stock: sold: want 0 to %d, got %d", MaxUnits, s.Sold)
	}
	return ValidateTotal(s.Total)
}

// ValidateTotal names what is wrong with a total.
func ValidateTotal(total int) error {
	if total < 0 || total > MaxUnits {
		return fmt.Errorf("stock: total: want 0 to %d, got %d", MaxUnits, total)
	}
	return nil
}

func validate(attempt, user string, quantity int) error {
	switch {
	case len(attempt) < 1 || len(attempt) > maxName:
		return fmt.Errorf("stock: attempt: want 1 to %d bytes, got %d", maxName, len(attempt))
	case len(user) < 1 || len(user) > maxName:
		return fmt.Errorf("stock: user of attempt %q: want 1 to %d bytes, got %d", attempt, maxName, len(user))
	case quantity < 1 || quantity > MaxUnits:
		return fmt.Errorf("stock: quantity of attempt %q: want 1 to %d, got %d", attempt, MaxUnits, quantity)
	}
	return nil
}

// validateAll names the first that is wrong.
func validateAll[T interface{ Validate() error }](all []T) error {
	for _, one := range all {
		if err := one.Validate(); err != nil {
			return err
		}
	}
	return nil
}
