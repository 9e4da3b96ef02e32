package check

import (
	"cmp"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

// drawnFor bounds the search for a drawing.
const drawnFor = 2 * time.Second

// figure is a drawing of the answers around a violation.
type figure struct {
	model   porcupine.Model
	history []porcupine.Operation
}

// drawn is how many operations a browser can show.
const drawn = 400

// draw takes the answers around the first of the given operations.
func (c *claims) draw(around []Op) *figure {
	h := c.history()
	if len(h) <= drawn || len(around) == 0 {
		return &figure{c.model(c.start()), h[:min(len(h), drawn)]}
	}
	lo := 0
	for lo < len(h)-drawn && h[lo+drawn/2].Call < around[0].Call {
		lo++
	}
	start, window := c.window(h, lo, lo+drawn)
	return &figure{c.model(start), window}
}

// write runs a short search on what is drawn, for the orders that it found.
func (f *figure) write(path string) error {
	_, info := porcupine.CheckOperationsVerbose(f.model, f.history, drawnFor)
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = porcupine.Visualize(f.model, info, file)
	return cmp.Or(err, file.Close())
}
