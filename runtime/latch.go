package runtime

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// awake is how long a goroutine that waits keeps its processor. Waking a sleeping
	// one takes 100 microseconds and more on a virtual machine, and its waker 10.
	awake = 200 * time.Microsecond
	// yield is how often one that waits lets others run.
	yield = 20 * time.Microsecond
)

// spin waits for done while it keeps its processor, about limit long, unless other
// threads want it: some schedulers put one that wakes beside its waker. It reports
// what done said last.
func spin(limit time.Duration, done func() bool) bool {
	if done() {
		return true
	}
	start := time.Now()
	for next := yield; ; {
		osYield()
		waited := time.Since(start)
		if done() {
			return true
		}
		if waited >= limit {
			return false
		}
		if waited >= next {
			runtime.Gosched()
			next = waited + yield
		}
	}
}

// latch opens when a number of things are done. It can be armed again.
type latch struct {
	left   atomic.Int64
	asleep atomic.Int64
	mu     sync.Mutex
	bell   sync.Cond
}

// arm closes the latch until n things are done. Nobody may wait yet.
func (l *latch) arm(n int) {
	l.bell.L = &l.mu
	l.left.Store(int64(n))
}

// done counts n things as done.
func (l *latch) done(n int) {
	if l.left.Add(-int64(n)) == 0 && l.asleep.Load() > 0 {
		l.mu.Lock()
		l.bell.Broadcast()
		l.mu.Unlock()
	}
}

func (l *latch) open() bool { return l.left.Load() == 0 }

// wait returns when the latch is open.
func (l *latch) wait() {
	if spin(awake, l.open) {
		return
	}
	l.asleep.Add(1)
	l.mu.Lock()
	for !l.open() {
		l.bell.Wait()
	}
	l.mu.Unlock()
	l.asleep.Add(-1)
}
