package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells somebody who waits what is done at the moment.
type progress interface {
	// step says what begins now.
	step(what string)
	// note says what is worth keeping.
	note(what string)
	end()
}

// newProgress is a bar on a terminal and lines elsewhere.
func newProgress(w *os.File, steps int) progress {
	if !term.IsTerminal(int(w.Fd())) {
		return &lines{w: w, steps: steps}
	}
	return &bar{w, progressbar.NewOptions(steps, progressbar.OptionSetWriter(w),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))}
}

type bar struct {
	w io.Writer
	b *progressbar.ProgressBar
}

func (b *bar) step(what string) {
	b.b.Describe(fmt.Sprintf("%-44s", what))
	b.b.Add(1)
}

func (b *bar) note(what string) {
	b.b.Clear()
	fmt.Fprintln(b.w, what)
}

func (b *bar) end() { b.b.Finish() }

type lines struct {
	w           io.Writer
	done, steps int
}

func (l *lines) step(what string) {
	l.done++
	fmt.Fprintf(l.w, "%3d/%d %s\n", l.done, l.steps, what)
}

func (l *lines) note(what string) { fmt.Fprintln(l.w, what) }
func (l *lines) end()             {}
