package peak

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// Loops measures the limits of several processors at the same time: a loop on
// each, on a thread of its own that is pinned to it where the system can do that.
// One loop runs on the caller's thread as it is.
type Loops struct {
	n    int
	jobs []chan job
	done chan float64
}

// job is what all loops run at the same time.
type job struct {
	run    func() float64
	n      int64
	inside *atomic.Int64 // loops that wait for the others
}

// StartLoops starts n loops, which wait. It fails when there are fewer processors
// that the process may use. Stop must follow.
func StartLoops(n int) (*Loops, error) {
	l := &Loops{n: n, done: make(chan float64)}
	if n == 1 {
		return l, nil
	}
	processors, err := allowed()
	if err != nil {
		return nil, err
	}
	if len(processors) < n {
		return nil, fmt.Errorf("%d threads on %d processors", n, len(processors))
	}
	started := make(chan error)
	for _, p := range processors[:n] {
		jobs := make(chan job)
		l.jobs = append(l.jobs, jobs)
		go l.loop(p, jobs, started)
	}
	for range n {
		if e := <-started; e != nil {
			err = e
		}
	}
	if err != nil {
		l.Stop()
		return nil, err
	}
	return l, nil
}

// loop never unlocks its thread, which therefore ends with it and takes the
// pinning along.
func (l *Loops) loop(processor int, jobs <-chan job, started chan<- error) {
	runtime.LockOSThread()
	started <- pin(processor)
	for j := range jobs {
		j.inside.Add(1)
		for j.inside.Load() < j.n {
			runtime.Gosched()
		}
		l.done <- j.run()
	}
}

// sum runs f once in every loop and adds up the results.
func (l *Loops) sum(f func() float64) (total float64) {
	if l.n == 1 {
		return f()
	}
	j := job{run: f, n: int64(l.n), inside: new(atomic.Int64)}
	for _, jobs := range l.jobs {
		jobs <- j
	}
	for range l.n {
		total += <-l.done
	}
	return total
}

// FMA is the sum of what FMA measures in all loops.
func (l *Loops) FMA(isa string) (gflops float64, ok bool) {
	for _, u := range units() {
		if u.isa == isa {
			return l.sum(u.measure), true
		}
	}
	return 0, false
}

// Copy is the sum of what Copy measures in all loops, which share the n floats.
func (l *Loops) Copy(n int, d time.Duration) (gbs float64) {
	return l.sum(func() float64 { return Copy(max(1, n/l.n), d) })
}

// Stop ends the loops.
func (l *Loops) Stop() {
	for _, jobs := range l.jobs {
		close(jobs)
	}
}
