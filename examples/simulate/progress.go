package main

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells somebody who waits how far it is.
type progress interface {
	// at says what is done, and how much of all.
	at(what string, done, all int)
	end()
}

// newProgress is a bar on a terminal, and a line each second elsewhere.
func newProgress(w *os.File) progress {
	if !term.IsTerminal(int(w.Fd())) {
		return &lines{w: w}
	}
	return &bar{progressbar.NewOptions(1, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))}
}

type bar struct{ b *progressbar.ProgressBar }

func (b *bar) at(what string, done, all int) {
	b.b.ChangeMax(max(all, 1))
	b.b.Describe(fmt.Sprintf("%-36s", what))
	b.b.Set(min(done, max(all, 1)-1)) // full ends the bar
}

func (b *bar) end() { b.b.Finish() }

type lines struct {
	w    *os.File
	last time.Time
}

func (l *lines) at(what string, done, all int) {
	if time.Since(l.last) < time.Second {
		return
	}
	l.last = time.Now()
	fmt.Fprintf(l.w, "%6d/%d %s\n", done, all, what)
}

func (l *lines) end() {}

// watch tells how far it is a few times a second, until stop is called.
func watch(p progress, how func() (what string, done, all int)) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			p.at(how())
			select {
			case <-quit:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}
