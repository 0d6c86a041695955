package runtime_test

import (
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

// patience is how long the tests wait for what must happen.
const patience = 20 * time.Second

// processors sets GOMAXPROCS for a test.
func processors(t *testing.T, n int) {
	t.Helper()
	before := goruntime.GOMAXPROCS(n)
	t.Cleanup(func() { goruntime.GOMAXPROCS(before) })
}

// wrapped is the Go kernel of a layer with f called before each run of it.
func wrapped(t *testing.T, name string, f func()) (*runtime.Registry, runtime.Kernel) {
	t.Helper()
	all := registry(t).Candidates(parse(t, name), 0)
	k := all[slices.IndexFunc(all, func(k runtime.Kernel) bool { return k.ISA == "go" })]
	run := k.Run
	k.Run = func(dst, src, weights, bias []float32, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again int) {
		f()
		run(dst, src, weights, bias, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again)
	}
	r, err := runtime.NewRegistry([]runtime.Kernel{k})
	require.NoError(t, err)
	return r, k
}

// TestHelpersJoin: calls that follow each other are computed by as many goroutines
// at a time as they may have, and no more.
func TestHelpersJoin(t *testing.T) {
	const threads = 3
	processors(t, 8)
	var inside, most atomic.Int64
	r, k := wrapped(t, "conv_transpose2d_k4s2p1_c5x24", func() {
		now := inside.Add(1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		for until := time.Now().Add(100 * time.Microsecond); time.Now().Before(until); {
			goruntime.Gosched()
		}
		inside.Add(-1)
	})
	d := draw(t, parse(t, "conv_transpose2d_k4s2p1_c5x24"), runtime.NewShape(1, 9, 9))
	l := d.build(t, r, k, runtime.WithThreads(threads))
	runtime.ShareAnyWork(l)
	dst := d.run(t, l)
	for start := time.Now(); most.Load() < threads && time.Since(start) < patience; {
		require.NoError(t, l.Forward(dst, d.src, d.shape))
	}
	require.EqualValues(t, threads, most.Load())
	d.requireReference(t, k, dst)
}

// TestHelpersEnd soon after the last call, and keep no layer.
func TestHelpersEnd(t *testing.T) {
	processors(t, 4)
	collected := make(chan bool, 1)
	func() {
		s := sample{"conv_transpose2d_k4s2p1_c40x9", runtime.NewShape(1, 11, 12)}
		d := draw(t, parse(t, s.name), s.shape)
		r, k := wrapped(t, s.name, func() {})
		l := d.build(t, r, k, runtime.WithThreads(4))
		runtime.ShareAnyWork(l)
		goruntime.AddCleanup(l, func(c chan bool) { c <- true }, collected)
		most := 0
		for start := time.Now(); most == 0 && time.Since(start) < patience; {
			d.run(t, l)
			most = max(most, runtime.Helpers())
		}
		require.Positive(t, most)
		require.Less(t, most, goruntime.GOMAXPROCS(0))
	}()
	require.Eventually(t, func() bool { return runtime.Helpers() == 0 }, patience, time.Millisecond)
	require.Eventually(t, func() bool { goruntime.GC(); return len(collected) > 0 }, patience, time.Millisecond)
}

// TestNoHelpersOnOneProcessor: there is nobody to wait for.
func TestNoHelpersOnOneProcessor(t *testing.T) {
	require.Eventually(t, func() bool { return runtime.Helpers() == 0 }, patience, time.Millisecond)
	processors(t, 1)
	for _, s := range samples[:4] {
		d := draw(t, parse(t, s.name), s.shape)
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			l := d.build(t, r, k, runtime.WithThreads(4))
			runtime.ShareAnyWork(l)
			d.requireReference(t, k, d.run(t, l))
			require.Zero(t, runtime.Helpers())
		})
	}
}

// TestPanicLeavesNobodyAtWork: when the caller's own part of the work panics while
// others help, nobody writes to its arrays any more, and the layer still works.
func TestPanicLeavesNobodyAtWork(t *testing.T) {
	processors(t, 4)
	const name = "conv_transpose2d_k4s2p1_c5x24"
	var helping, seen atomic.Int64
	var faulty atomic.Bool
	r, k := wrapped(t, name, func() {
		if isHelper() {
			helping.Add(1)
			time.Sleep(50 * time.Microsecond)
			helping.Add(-1)
		} else if n := helping.Load(); faulty.Load() && n > 0 {
			seen.Add(n)
			panic("a fault of the caller's arrays")
		}
	})
	d := draw(t, parse(t, name), runtime.NewShape(1, 9, 9))
	l := d.build(t, r, k, runtime.WithThreads(3))
	runtime.ShareAnyWork(l)
	dst := d.run(t, l)
	faulty.Store(true)
	for start := time.Now(); seen.Load() == 0 && time.Since(start) < patience; {
		func() {
			defer func() { _ = recover() }()
			_ = l.Forward(dst, d.src, d.shape)
		}()
		require.Zero(t, helping.Load())
	}
	require.Positive(t, seen.Load())
	faulty.Store(false)
	d.requireReference(t, k, d.run(t, l))
}

// isHelper reports whether a helper calls.
func isHelper() bool {
	var at [32]uintptr
	frames := goruntime.CallersFrames(at[:goruntime.Callers(1, at[:])])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "(*crew).help") {
			return true
		}
		if !more {
			return false
		}
	}
}

// TestSharedBits: with several goroutines however little work there is, the bits are
// those of one, for one caller and for many at once.
func TestSharedBits(t *testing.T) {
	processors(t, 4)
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			want := d.run(t, d.build(t, r, k))
			for _, threads := range []int{2, 3, 7} {
				l := d.build(t, r, k, runtime.WithThreads(threads))
				runtime.ShareAnyWork(l)
				for range 3 {
					requireBits(t, want, d.run(t, l), threads)
				}
				var wait sync.WaitGroup
				var got [3][]float32
				for i := range got {
					wait.Go(func() { got[i] = d.run(t, l) })
				}
				wait.Wait()
				for i := range got {
					requireBits(t, want, got[i], threads, "caller", i)
				}
			}
		})
	}
}

// TestSharedCallsAllocateNothing while helpers stay awake. Starting one is up to
// Go's scheduler, which may allocate, so the best of many runs counts.
func TestSharedCallsAllocateNothing(t *testing.T) {
	processors(t, 4)
	s := sample{"conv_transpose2d_k4s2p1_c40x9", runtime.NewShape(1, 11, 12)}
	d := draw(t, parse(t, s.name), s.shape)
	each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		l := d.build(t, r, k, runtime.WithThreads(4))
		runtime.ShareAnyWork(l)
		dst := d.run(t, l)
		least := ^uint64(0)
		for start := time.Now(); least > 0 && time.Since(start) < patience; {
			least = min(least, mallocs(func() {
				for range 20 {
					if err := l.Forward(dst, d.src, d.shape); err != nil {
						panic(err)
					}
				}
			}))
		}
		require.Zero(t, least)
	})
}

// mallocs counts the allocations of f and of all that runs beside it.
func mallocs(f func()) uint64 {
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	f()
	goruntime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// TestLatch opens for all who wait, awake or asleep by then, and can be used again.
func TestLatch(t *testing.T) {
	const waiters, things = 3, 4
	arm, done, wait := runtime.NewLatch()
	for round := range 60 {
		arm(things)
		var finished atomic.Int64
		var all sync.WaitGroup
		for range waiters {
			all.Go(func() {
				wait()
				require.EqualValues(t, things, finished.Load())
			})
		}
		time.Sleep(time.Duration(round*10) * time.Microsecond) // 200 and more: they sleep
		finished.Add(things - 1)
		done(things - 1)
		time.Sleep(time.Duration(round%3*150) * time.Microsecond)
		finished.Add(1)
		done(1)
		all.Wait()
	}
}
