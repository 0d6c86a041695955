package main

import (
	"errors"
	"slices"
	"time"

	"github.com/upconv/upconv/internal/hugemem"
	"github.com/upconv/upconv/internal/peak"
)

// fmaPeak measures the multiply-add rate of r.Threads loops that run at the same
// time, each pinned to a processor of its own, in turns with the loaded layer:
// clocks change from one millisecond to the next. The share is the layer's rate
// in parts of the loops'.
func (c *contestant) fmaPeak(r request) (reply, error) {
	loops, err := peak.StartLoops(r.Threads)
	if err != nil {
		return reply{}, err
	}
	defer loops.Stop()
	isa := r.ISA
	if _, ok := loops.FMA(isa); !ok {
		isa = peak.Best() // the go and generic paths have no peak of their own
	}
	if isa == "" {
		return reply{}, errors.New("this processor has no multiply-add loop")
	}
	var rates, times []float64
	slice := time.Duration(r.MS * float64(time.Millisecond))
	for start := time.Now(); len(rates) == 0 || time.Since(start) < slice; {
		rate, _ := loops.FMA(isa)
		rates = append(rates, rate)
		if c.stages == nil {
			continue
		}
		ns, err := c.timeTurn(r.Threads)
		if err != nil {
			return reply{}, err
		}
		times = append(times, ns)
	}
	a := reply{GFLOPS: median(rates), ISA: isa}
	if c.stages != nil {
		a.Share = c.flops / median(times) / a.GFLOPS
	}
	return a, nil
}

// timeTurn times one call. On several threads calls come before it that wake the
// runtime's helpers, and a pause after it in which they leave the processors again.
func (c *contestant) timeTurn(threads int) (ns float64, err error) {
	const warm, pause = 2 * time.Millisecond, 500 * time.Microsecond
	for start := time.Now(); threads > 1 && time.Since(start) < warm; {
		if err := c.run(); err != nil {
			return 0, err
		}
	}
	t := time.Now()
	err = c.run()
	ns = float64(time.Since(t))
	if threads > 1 {
		time.Sleep(pause)
	}
	return ns, err
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// copyRate copies arrays of n float32 on memory like that of the contestants; the
// time is the median copy's.
func copyRate(r request) (reply, error) {
	dst, src := hugemem.Floats(r.N), hugemem.Floats(r.N)
	for i := range src {
		src[i], dst[i] = 1, 2
	}
	var times []float64
	slice := time.Duration(r.MS * float64(time.Millisecond))
	for start := time.Now(); len(times) < leastRuns || time.Since(start) < slice; {
		t := time.Now()
		copy(dst, src)
		times = append(times, float64(time.Since(t)))
	}
	ns := median(times)
	return reply{US: ns / 1e3, GBs: 8 * float64(r.N) / ns}, nil
}
