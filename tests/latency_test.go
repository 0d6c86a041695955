package tests

import (
	"fmt"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goruntime "runtime"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// longestPause is how long a collection of garbage may wait for kernels.
const longestPause = time.Millisecond

// Goroutines stop where they enter a function, or where a signal finds them in what the
// compiler made; in assembly they do neither. TestCallsOfHostileShapes bounds what calls do.
// Here Go's own clock says what becomes of that: the pauses are those of
// /sched/pauses/stopping/gc:seconds, until all goroutines have stopped, and of
// /sched/pauses/total/gc:seconds, until they go on.

// latencyLayers have many input channels, long rows, large planes, activations.
var latencyLayers = []struct {
	name       string
	input      []int
	activation specs.Function
}{
	{"conv_transpose2d_k4s2p1_c256x256", []int{32, 24}, specs.None},
	{"conv_transpose2d_k4s2p1_c32x16", []int{60, 70}, specs.Sigmoid},
	{"conv_transpose2d_k4s2p1_c16x16_nhwc", []int{90, 110}, specs.Tanh},
	{"conv_transpose2d_k4s2p1dw_c2x2", []int{3, 150_000}, specs.None},
	{"conv2d_k3p1_c16384x8", []int{4, 50}, specs.None},
	{"conv_transpose2d_k7_c8192x32_i1x1", []int{1, 1}, specs.None},
	{"nearest2d_s2_c64x64", []int{128, 256}, ""},
	{"bed_of_nails2d_s2_c64x64_nhwc", []int{64, 5000}, ""},
	{"bilinear2d_s2_c64x64", []int{128, 256}, ""},
	{"pixel_shuffle2d_s2_c256x64_nhwc", []int{64, 2000}, ""},
	{"max_pool2d_k2s2_c64x64", []int{256, 512}, ""},
	{"max_unpool2d_k2s2_c64x64", []int{128, 256}, ""},
}

// TestCollectionsDoNotWait: goroutines run a layer of every kind of kernel while garbage is
// collected. Others may take the processors away at any time, so that one of several
// rounds has to hold. Loops of Go take turns with the kernel: it fails where they hold and
// it never does.
func TestCollectionsDoNotWait(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	for _, x := range latencyLayers {
		t.Run(x.name, func(t *testing.T) {
			l, err := specs.ParseName(x.name)
			require.NoError(t, err)
			l.Bias = false
			if x.activation != "" {
				l.Activation.Function = x.activation
			}
			layer, err := r.New(l, weightsFor(l), nil, runtime.WithThreads(1))
			require.NoError(t, err)
			v := compare(runs(t, layer, runtime.NewShape(1, x.input...)), portable)
			t.Logf("%s: %s", layer.Kernel(), v)
			switch {
			case v.kernel.within(longestPause):
			case v.noisy():
				t.Skip("others take the processors")
			default:
				t.Errorf("%s: %s", layer.Kernel(), v)
			}
		})
	}
}

// fewCollections keep a round so short that others need not interrupt it.
const fewCollections = 6

// leastRounds are so many that a kernel no slower to stop than loops of Go, which hold every
// second time, holds in none once in 65,536 tests.
const leastRounds = 16

// verdict is what rounds of a kernel and of loops of Go, in turns, came to: the best of the
// kernel, and in how many of the rounds those loops held longestPause.
type verdict struct {
	kernel       pauses
	rounds, held int
}

// compare goes on until the kernel holds longestPause, or there was time enough.
func compare(kernel, loops func(done *atomic.Bool)) (v verdict) {
	for end := time.Now().Add(6 * time.Second); ; {
		v.rounds++
		if p := pausesDuring(kernel, fewCollections); v.rounds == 1 || p.worst() < v.kernel.worst() {
			v.kernel = p
		}
		if v.kernel.within(longestPause) || v.rounds > leastRounds && time.Now().After(end) {
			return v
		}
		if pausesDuring(loops, fewCollections).within(longestPause) {
			v.held++
		}
		if time.Now().After(end.Add(6 * time.Second)) {
			return v
		}
	}
}

// noisy: loops of Go held too seldom, or the rounds are too few, to blame the kernel.
func (v verdict) noisy() bool { return v.rounds < leastRounds || 2*v.held < v.rounds-1 }

func (v verdict) String() string {
	return fmt.Sprintf("stopped after %v, went on after %v in the best of %d rounds; loops of Go held %v in %d", v.kernel.stopping, v.kernel.total, v.rounds, longestPause, v.held)
}

// portable is work that can be interrupted anywhere.
func portable(done *atomic.Bool) {
	for x := make([]float32, 1<<12); !done.Load(); {
		for i := range x {
			x[i] += x[len(x)-1-i] * 0.5
		}
	}
}

// TestLongCallsAreSeen: the same measurement finds the calls of a kernel without its
// bound in every round, of more collections, since some meet no call.
func TestLongCallsAreSeen(t *testing.T) {
	l, err := specs.ParseName("conv2d_k3p1_c262144x4")
	require.NoError(t, err)
	l.Bias = false
	for _, k := range prebuilt.Kernels() {
		if k.Layer.Canonical() != "conv2d_k3p1" || k.Tile.Pass == 0 || !cpu.Detect().Has(k.Needs) {
			continue
		}
		k.Tile.Pass = 0
		r, err := runtime.NewRegistry([]runtime.Kernel{k})
		require.NoError(t, err)
		layer, err := r.New(l, weightsFor(l), nil, runtime.WithThreads(1), runtime.WithISA(k.ISA))
		require.NoError(t, err)
		for range 2 {
			longest := pausesDuring(runs(t, layer, runtime.NewShape(1, 1, 30)), 5*fewCollections)
			t.Logf("%s: %v", k.Name, longest)
			require.False(t, longest.within(longestPause), "%s: %v", k.Name, longest)
		}
	}
}

func weightsFor(l specs.Layer) []float32 {
	if !l.Op.Weighted() {
		return nil
	}
	n, _ := specs.Product(l.WeightsShape()...)
	return normal(n)
}

// runs is the work of running a layer over and over; what it allocates is there before.
func runs(t *testing.T, l *runtime.Layer, s runtime.Shape) func(done *atomic.Bool) {
	t.Helper()
	n, err := l.SrcLen(s)
	require.NoError(t, err)
	m, err := l.DstLen(s)
	require.NoError(t, err)
	a := runtime.Args{Src: normal(n)}
	if l.Spec().Op == specs.MaxUnpool {
		a.Indices, _ = cornersOf(kerneltest.Case{Layer: l.Spec(), Shape: s}, n)
	}
	return func(done *atomic.Bool) {
		a := a
		a.Dst = make([]float32, m)
		for first := true; first || !done.Load(); first = false {
			if err := l.Run(a, s); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// pausesDuring collects garbage some times while goroutines do the work on all processors
// but that of the collection: with one more, it would wait its turn among them.
func pausesDuring(work func(done *atomic.Bool), collections int) pauses {
	var all sync.WaitGroup
	var done atomic.Bool
	for range max(1, goruntime.GOMAXPROCS(0)-1) {
		all.Go(func() { work(&done) })
	}
	goruntime.GC() // while they begin
	before := readPauses()
	for range collections {
		time.Sleep(2 * time.Millisecond)
		goruntime.GC()
	}
	longest := before.since()
	done.Store(true)
	all.Wait()
	return longest
}

// pauses are the longest of each sort.
type pauses struct{ stopping, total time.Duration }

func (p pauses) worst() time.Duration { return max(p.stopping, p.total) }

func (p pauses) within(most time.Duration) bool { return p.worst() < most }

// histograms are those of stopping and of all of a pause.
type histograms [2]*metrics.Float64Histogram

func readPauses() (h histograms) {
	samples := []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}, {Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(samples)
	for i, s := range samples {
		h[i] = s.Value.Float64Histogram()
	}
	return h
}

// since are the longest pauses after h was read, each not longer than the returned one.
func (h histograms) since() pauses {
	var longest [2]time.Duration
	for i, now := range readPauses() {
		for bucket, n := range now.Counts {
			if n > h[i].Counts[bucket] {
				longest[i] = time.Duration(now.Buckets[bucket+1] * float64(time.Second))
			}
		}
	}
	return pauses{longest[0], longest[1]}
}
