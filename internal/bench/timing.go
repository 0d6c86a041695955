package bench

import (
	"time"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// timing is one path of a case while it is measured.
type timing struct {
	a           arrays
	kernel, isa string
	threads     int
	run         func() error // on all threads
	alone       func() error // on one
	ns          []float64    // one a round, like all that follow
	peak, gbs   []float64
	scaling     []float64
	peakScaling []float64
}

// newTiming prepares one path; ok is false when it does not exist for the layer or
// the processor.
func newTiming(a arrays, isa string, o Options) (t timing, ok bool, err error) {
	if isa == LoopISA && a.c.Layer.Op != specs.ConvTranspose {
		return timing{}, false, nil // the plain loop is of transposed convolutions
	}
	if isa == LoopISA {
		loop, err := newLoop(a)
		return timing{a: a, kernel: LoopName, isa: isa, threads: 1, run: loop}, err == nil, err
	}
	reg, err := runtime.NewRegistry(o.Kernels)
	if err != nil {
		return timing{}, false, err
	}
	t = timing{a: a, isa: isa, threads: o.Threads}
	build := func(threads int) (*runtime.Layer, func() error, error) {
		l, err := reg.New(a.c.Layer, a.weights, nil, runtime.WithISA(isa), runtime.WithThreads(threads))
		args := runtime.Args{Dst: a.dst, Src: a.src, Indices: a.indices}
		return l, func() error { return l.Run(args, a.c.Shape) }, err
	}
	l, run, err := build(o.Threads)
	if err != nil {
		return timing{}, false, nil
	}
	t.kernel, t.run = l.Kernel(), run
	if o.Threads > 1 {
		_, t.alone, err = build(1)
	}
	return t, true, err
}

// round times the path and the machine in turns, for about slice.
func (t *timing) round(m *machine, slice time.Duration) error {
	turn := t.turn
	if t.alone != nil {
		turn = t.turnShared
	}
	loops := m.all
	if t.threads == 1 {
		loops = m.one
	}
	t.gbs = append(t.gbs, loops.Copy(len(t.a.dst), slice/4))
	var r turns
	for start := time.Now(); len(r.ns) == 0 || time.Since(start) < slice; {
		if err := turn(m, &r); err != nil {
			return err
		}
	}
	t.ns = append(t.ns, median(r.ns))
	t.peak = append(t.peak, median(r.peak))
	if t.alone != nil {
		t.scaling = append(t.scaling, median(r.alone)/median(r.ns))
		if one := median(r.peakAlone); one > 0 {
			t.peakScaling = append(t.peakScaling, median(r.peak)/one)
		}
	}
	return nil
}

// turns are the measurements of a round.
type turns struct{ ns, alone, peak, peakAlone []float64 }

// turn measures the machine, then the layer once: clocks change from one
// millisecond to the next.
func (t *timing) turn(m *machine, r *turns) error {
	r.peak = append(r.peak, fma(m.one, t.isa))
	ns, err := once(t.run)
	r.ns = append(r.ns, ns)
	return err
}

// turnShared measures on all threads and on one. Calls come close together, as in a
// network, so that the runtime's helpers are awake; after those on one thread they
// are gone and leave the processors to the machine's loops.
func (t *timing) turnShared(m *machine, r *turns) error {
	ns, err := closely(t.run)
	if err != nil {
		return err
	}
	alone, err := closely(t.alone)
	if err != nil {
		return err
	}
	r.ns, r.alone = append(r.ns, ns...), append(r.alone, alone...)
	for range 2 {
		r.peakAlone = append(r.peakAlone, fma(m.one, t.isa))
		r.peak = append(r.peak, fma(m.all, t.isa))
	}
	return nil
}

// closely times calls that follow each other for a few milliseconds. The first ones
// are left out: they wake the helpers, which Linux moves to processors of their own
// only after milliseconds.
func closely(run func() error) (ns []float64, err error) {
	const warm, timed = 8 * time.Millisecond, 6 * time.Millisecond
	for start, calls := time.Now(), 0; calls < 2 || time.Since(start) < warm; calls++ {
		if err := run(); err != nil {
			return nil, err
		}
	}
	for start := time.Now(); len(ns) < 2 || time.Since(start) < timed; {
		n, err := once(run)
		if err != nil {
			return nil, err
		}
		ns = append(ns, n)
	}
	return ns, nil
}

func once(run func() error) (ns float64, err error) {
	start := time.Now()
	err = run()
	return float64(time.Since(start).Nanoseconds()), err
}
