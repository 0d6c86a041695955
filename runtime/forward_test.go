package runtime_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

// TestSamplesEqualTheReference: what the other tests of this package compare is
// right in the first place.
func TestSamplesEqualTheReference(t *testing.T) {
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			d.requireReference(t, k, d.run(t, d.build(t, r, k)))
		})
	}
}

// TestForwardAllocatesNothing after the first call, on any path and with one
// goroutine or several.
func TestForwardAllocatesNothing(t *testing.T) {
	for _, s := range samples {
		for _, broken := range []bool{false, true} {
			d := draw(t, parse(t, s.name), s.shape)
			if broken && d.work() > 1<<19 {
				continue // the border alone would take too long
			}
			if broken { // borders are computed again
				d.weights[len(d.weights)/2] = inf
			}
			each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
				for _, threads := range []int{1, 3} {
					l := d.build(t, r, k, runtime.WithThreads(threads))
					dst := d.run(t, l)
					allocs := testing.AllocsPerRun(2, func() {
						if err := l.Forward(dst, d.src, d.shape); err != nil {
							panic(err)
						}
					})
					require.Zero(t, allocs, "%d goroutines", threads)
				}
			})
		}
	}
}

// TestBitsDoNotDependOnGoroutines: 1 to 5 of them give the same bits.
func TestBitsDoNotDependOnGoroutines(t *testing.T) {
	split := 0
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		if d.work() > 1<<18 { // enough for the runtime to start goroutines
			split++
		}
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			want := d.run(t, d.build(t, r, k))
			for threads := 2; threads <= 5; threads++ {
				requireBits(t, want, d.run(t, d.build(t, r, k, runtime.WithThreads(threads))), threads)
			}
		})
	}
	require.Greater(t, split, 4, "samples too small for goroutines")
}

// TestForwardFromManyGoroutines: eight callers of one layer, with different
// inputs and shapes, do not disturb each other.
func TestForwardFromManyGoroutines(t *testing.T) {
	const callers, calls = 8, 3
	l := parse(t, "conv_transpose2d_k4s2p1_c12x10")
	var all [callers]*data
	for i := range all {
		all[i] = draw(t, l, runtime.NewShape(1+i%2, 6+i, 30-3*i))
		all[i].src = floats(len(all[i].src), uint32(i))
	}
	each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		layer := all[0].build(t, r, k, runtime.WithThreads(2))
		var want, got [callers][]float32
		for i, d := range all {
			want[i] = d.run(t, d.build(t, r, k))
			got[i] = make([]float32, len(want[i]))
		}
		var failures [callers]error
		var wait sync.WaitGroup
		for i, d := range all {
			wait.Go(func() {
				for range calls {
					clear(got[i])
					failures[i] = layer.Forward(got[i], d.src, d.shape)
				}
			})
		}
		wait.Wait()
		for i := range all {
			require.NoError(t, failures[i])
			requireBits(t, want[i], got[i], "caller", i)
		}
	})
}

// TestShapesMayChangeBetweenCalls: scratch memory of a larger call leaves nothing
// behind for a smaller one.
func TestShapesMayChangeBetweenCalls(t *testing.T) {
	l := parse(t, "conv_transpose2d_k4s2p1_c7x5")
	shapes := []runtime.Shape{runtime.NewShape(1, 20, 40), runtime.NewShape(2, 3, 5), runtime.NewShape(1, 1, 1), runtime.NewShape(1, 2, 300)}
	each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		layer := draw(t, l, shapes[0]).build(t, r, k)
		for _, s := range slices.Concat(shapes, shapes) {
			d := draw(t, l, s)
			d.requireReference(t, k, d.run(t, layer))
		}
	})
}

// TestLayersAreImmutable: a layer keeps its own weights and bias.
func TestLayersAreImmutable(t *testing.T) {
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			d := draw(t, d.layer, d.shape)
			l := d.build(t, r, k)
			want := d.run(t, l)
			clear(d.weights)
			clear(d.bias)
			requireBits(t, want, d.run(t, l))
		})
	}
}

// TestForwardReadsItsInputsOnly: src is as it was.
func TestForwardReadsItsInputsOnly(t *testing.T) {
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			src := slices.Clone(d.src)
			d.run(t, d.build(t, r, k, runtime.WithThreads(2)))
			requireBits(t, src, d.src)
		})
	}
}

// TestNilBiasIsZero: a layer with a bias may be built without one.
func TestNilBiasIsZero(t *testing.T) {
	d := draw(t, parse(t, "conv_transpose2d_k4s2p1_c3x5"), runtime.NewShape(1, 4, 9))
	d.bias = nil
	each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		got := d.run(t, d.build(t, r, k))
		d := *d
		d.layer.Bias = false
		d.requireReference(t, k, got)
	})
}

// TestExtremeRows: rows that are cut since their outputs do not fit the cache, and
// so many input channels that not even a tile of inputs does.
func TestExtremeRows(t *testing.T) {
	for _, s := range []sample{
		{"conv_transpose2d_k2s2_c2x3", runtime.NewShape(1, 2, 30011)},
		{"conv_transpose1d_k4s2p1_c140000x1", runtime.NewShape(1, 30)},
	} {
		d := draw(t, parse(t, s.name), s.shape)
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			for _, threads := range []int{1, 3} {
				d.requireReference(t, k, d.run(t, d.build(t, r, k, runtime.WithThreads(threads))))
			}
		})
	}
}
