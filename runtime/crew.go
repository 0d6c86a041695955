package runtime

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// crew is the goroutines that help Forward. There is one for all layers, since
// processors belong to the process: who helped one layer is awake for the next. A
// crew never outnumbers the processors, knows calls only while they run, and is gone
// a fraction of a millisecond after the last of them.
type crew struct {
	start  time.Time
	last   atomic.Int64 // when a call that could use help ended, in nanoseconds from start
	places atomic.Int64 // free places in open; changes under mu
	free   atomic.Int64 // helpers without a call
	mu     sync.Mutex
	open   []*call // calls with free places
	live   int     // helpers that there are
	body   func()  // what a helper runs, made once
}

// helpers is the one variable of the package that changes: what it holds decides
// how soon a result is there, never what it is.
var helpers = newCrew()

func newCrew() *crew {
	w := &crew{start: time.Now()}
	w.last.Store(-int64(leastAwake))
	w.body = w.help
	return w
}

const (
	// startWork is the work of a call in nanoseconds from which helpers are started
	// for it alone, which takes the caller some 15 microseconds and a helper 100.
	startWork = 300_000
	// leastAwake is how long a helper waits for a call at least. One that has worked
	// longer waits as long as it has worked, up to awake: waiting never costs more
	// than work.
	leastAwake = 50 * time.Microsecond
)

// worth reports whether to start helpers for a call: it is long, or calls follow
// each other so closely that helpers would be awake for the next one.
func (w *crew) worth(work int64) bool {
	return work >= startWork || time.Since(w.start)-time.Duration(w.last.Load()) < leastAwake
}

// ready reports whether a call would get help.
func (w *crew) ready(work int64) bool { return w.free.Load() > 0 || w.worth(work) }

// ended takes note of the time.
func (w *crew) ended() { w.last.Store(int64(time.Since(w.start))) }

// offer lets up to n helpers join c, until it is withdrawn.
func (w *crew) offer(c *call, n int) {
	w.mu.Lock()
	c.places = n
	w.open = append(w.open, c)
	w.places.Add(int64(n))
	start := w.missing(c, n)
	w.live += start
	w.free.Add(int64(start))
	w.mu.Unlock()
	for range start {
		go w.body()
	}
}

// missing is the number of helpers to start for n places of c.
func (w *crew) missing(c *call, n int) int {
	n -= int(w.free.Load())
	if n <= 0 || !w.worth(c.work) {
		return 0
	}
	return max(0, min(n, runtime.GOMAXPROCS(0)-1-w.live))
}

// withdraw returns how many places of c nobody took.
func (w *crew) withdraw(c *call) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := c.places
	if n > 0 {
		w.take(c, n)
	}
	return n
}

// take takes n of c's places. Calls with places left go to the end of the line.
func (w *crew) take(c *call, n int) {
	w.places.Add(-int64(n))
	c.places -= n
	i := slices.Index(w.open, c)
	w.open = slices.Delete(w.open, i, i+1)
	if c.places > 0 {
		w.open = append(w.open, c)
	}
}

// help helps one call after the other.
func (w *crew) help() {
	osYield() // to the caller, in case the scheduler put the helper onto its processor
	var worked time.Duration
	for {
		c, place := w.join(min(awake, max(worked, leastAwake)))
		if c == nil {
			return
		}
		start := time.Now()
		c.workers[place].run()
		worked += time.Since(start)
		w.free.Add(1)
		c.helping.done(1)
	}
}

// join waits for a call with a free place and takes it. Without one in time it
// signs the helper off and returns nil.
func (w *crew) join(patience time.Duration) (c *call, place int) {
	for {
		found := spin(patience, w.wanted)
		w.mu.Lock()
		if len(w.open) > 0 {
			c, place = w.open[0], w.open[0].places
			w.take(c, 1)
		} else if !found {
			w.live--
		}
		if c != nil || !found {
			w.free.Add(-1)
			w.mu.Unlock()
			return c, place
		}
		w.mu.Unlock()
	}
}

func (w *crew) wanted() bool { return w.places.Load() > 0 }
