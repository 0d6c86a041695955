package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/upconv/upconv/internal/peak"
)

// fmaPeak measures the multiply-add rate of r.Threads loops that run at the same
// time, each pinned to a processor of its own, in turns with the loaded layer:
// clocks change from one millisecond to the next. The share is the layer's rate
// in parts of the loops'.
func (c *contestant) fmaPeak(r request) (reply, error) {
	loops, err := newLoops(r)
	if err != nil {
		return reply{}, err
	}
	defer loops.stop()
	var rates, times []float64
	slice := time.Duration(r.MS * float64(time.Millisecond))
	for start := time.Now(); len(rates) == 0 || time.Since(start) < slice; {
		rates = append(rates, loops.rate())
		if c.layer == nil {
			continue
		}
		t := time.Now()
		if err := c.run(); err != nil {
			return reply{}, err
		}
		times = append(times, float64(time.Since(t)))
	}
	a := reply{GFLOPS: median(rates), ISA: loops.isa}
	if c.layer != nil {
		a.Share = c.flops / median(times) / a.GFLOPS
	}
	return a, nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// loops are multiply-add loops waiting on threads of their own.
type loops struct {
	isa   string
	start []chan struct{}
	rates chan float64
}

func newLoops(r request) (*loops, error) {
	l := &loops{isa: r.ISA, rates: make(chan float64)}
	if _, ok := peak.FMA(l.isa); !ok {
		l.isa = peak.Best() // the go and generic paths have no peak of their own
	}
	if l.isa == "" {
		return nil, errors.New("this processor has no multiply-add loop")
	}
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return nil, err
	}
	if all.Count() < r.Threads {
		return nil, fmt.Errorf("%d threads on %d processors", r.Threads, all.Count())
	}
	for cpu := 0; len(l.start) < r.Threads; cpu++ {
		if all.IsSet(cpu) {
			start := make(chan struct{})
			l.start = append(l.start, start)
			go l.loop(cpu, start)
		}
	}
	return l, nil
}

// loop never unlocks its thread, which therefore ends with it and takes the
// pinning along.
func (l *loops) loop(cpu int, start <-chan struct{}) {
	runtime.LockOSThread()
	var one unix.CPUSet
	one.Set(cpu)
	err := unix.SchedSetaffinity(0, &one)
	for range start {
		rate, _ := peak.FMA(l.isa)
		if err != nil {
			rate = 0
		}
		l.rates <- rate
	}
}

// rate runs all loops once and adds up their rates.
func (l *loops) rate() (sum float64) {
	for _, s := range l.start {
		s <- struct{}{}
	}
	for range l.start {
		sum += <-l.rates
	}
	return sum
}

func (l *loops) stop() {
	for _, s := range l.start {
		close(s)
	}
}

// copyRate copies arrays of n float32; the time is that of one copy.
func copyRate(r request) (reply, error) {
	gbs := peak.Copy(r.N, time.Duration(r.MS*float64(time.Millisecond)))
	return reply{GBs: gbs, US: 8 * float64(r.N) / gbs / 1e3}, nil
}
