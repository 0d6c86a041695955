package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// quiet is how long a command may take before it says what it is doing.
const quiet = time.Second

// progress shows, on one line of a terminal, what takes more than a second.
// On anything but a terminal it does nothing.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	text  string
	start time.Time
	timer *time.Timer // nil: stopped, or not a terminal
	shown bool
}

// startProgress begins to count the time; stop must follow.
func startProgress(w io.Writer, text string) *progress {
	p := &progress{w: w, text: text, start: time.Now()}
	if isTerminal(w) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.timer = time.AfterFunc(quiet, p.show)
	}
	return p
}

// step says what is being done now.
func (p *progress) step(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
}

// show rewrites the line, once a second.
func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		return
	}
	p.shown = true
	fmt.Fprintf(p.w, "\r\x1b[Kupconv: %s, %d s", p.text, int(time.Since(p.start).Seconds()))
	p.timer.Reset(quiet)
}

// stop clears the line; it may be called more than once.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		return
	}
	p.timer.Stop()
	p.timer = nil
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// isTerminal reports whether w is a character device.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
