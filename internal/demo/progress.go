package demo

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// quiet is how long a run may take before it says what it is doing.
const quiet = time.Second

// progress shows the current step on one line of a terminal, for runs longer
// than quiet. On anything but a terminal it does nothing.
type progress struct {
	mu     sync.Mutex
	w      io.Writer
	timer  *time.Timer
	text   string
	shown  bool
	active bool
}

// startProgress begins to count the time; stop must follow.
func startProgress(w io.Writer) *progress {
	p := &progress{w: w, active: isTerminal(w)}
	if p.active {
		p.timer = time.AfterFunc(quiet, p.show)
	}
	return p
}

// step names what is being done now.
func (p *progress) step(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
	if p.active && p.shown {
		p.line()
	}
}

// show is the moment when the run has become a long one.
func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active {
		p.shown = true
		p.line()
	}
}

// line rewrites the line; the caller holds mu.
func (p *progress) line() { fmt.Fprintf(p.w, "\r\x1b[K%s ...", p.text) }

// stop clears the line; it may be called more than once.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return
	}
	p.timer.Stop()
	p.active = false
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
