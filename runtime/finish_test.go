package runtime_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/activate"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// TestEverySumIsFinishedOnce: on every kernel the outputs of a layer with a residual
// and an activation are the sums of the layer without them, finished one by one:
// through each way of the tiled engine, in several pieces, strips and parts of rows,
// with borders that are mended, on one goroutine and on several.
func TestEverySumIsFinishedOnce(t *testing.T) {
	for _, text := range []string{"none", "prelu", "tanh"} {
		a, err := specs.ParseActivation(text)
		require.NoError(t, err)
		for _, s := range append(samples[:len(samples):len(samples)],
			sample{"conv_transpose2d_k4s2p1_c3x4", runtime.NewShape(1, 90, 200)},
			sample{"conv_transpose2d_k2s2_c2x35", runtime.NewShape(2, 37, 128)},
			sample{"conv_transpose2d_k4s2p1_c9x70_nhwc", runtime.NewShape(2, 41, 50)}) {
			for _, broken := range []bool{false, true} {
				d := draw(t, parse(t, s.name), s.shape)
				if broken {
					if d.work() > 1<<19 {
						continue // the border alone would take too long
					}
					d.weights[len(d.weights)/2] = inf
				}
				each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
					d.requireFinished(t, r, k, a)
				})
			}
		}
	}
}

// requireFinished compares the finished layer on kernel k with its sums on the same.
func (d *data) requireFinished(t *testing.T, r *runtime.Registry, k runtime.Kernel, a specs.Activation) {
	t.Helper()
	want := d.run(t, d.build(t, r, k))
	residual, slopes := floats(len(want), 5), floats(d.layer.OutChannels, 6)
	l := d.layer
	l.Add, l.Activation = true, a
	d.finish(want, residual, slopes, l)
	opts := []runtime.Option{runtime.WithISA(k.ISA)}
	if a.Function == specs.PReLU {
		opts = append(opts, runtime.WithSlopes(slopes))
	}
	for _, threads := range []int{1, 3} {
		layer, err := r.New(l, d.weights, d.bias, append(opts, runtime.WithThreads(threads))...)
		require.NoError(t, err)
		require.Equal(t, k.ISA, layer.ISA())
		runtime.ShareAnyWork(layer)
		dst := slices.Repeat([]float32{float32(math.NaN())}, len(want))
		require.NoError(t, layer.Run(runtime.Args{Dst: dst, Src: d.src, Residual: residual}, d.shape))
		requireSame(t, want, dst)
	}
}

// finish is the definition, one element after the other.
func (d *data) finish(sums, residual, slopes []float32, l specs.Layer) {
	channels := l.OutChannels
	plane := len(sums) / d.shape.Batch / channels
	for i := range sums {
		c := i / plane % channels
		if l.Layout == specs.NHWC {
			c = i % channels
		}
		sums[i] += residual[i]
		activate.Apply(l.Activation, sums[i:i+1], slopes[c:c+1])
	}
}

// requireSame compares bits; NaN are equal.
func requireSame(t *testing.T, want, got []float32) {
	t.Helper()
	for i, v := range want {
		if math.Float32bits(v) != math.Float32bits(got[i]) && (v == v || got[i] == got[i]) {
			require.Fail(t, "bits differ", "element %d is %v, want %v", i, got[i], v)
		}
	}
}

// TestFinishedKernelsAgainstTheOracle: prelu and the residual in both layouts on
// every path, at sizes of several pieces.
func TestFinishedKernelsAgainstTheOracle(t *testing.T) {
	for _, c := range []struct {
		name  string
		shape runtime.Shape
	}{
		{"conv_transpose2d_k4s2p1_c3x13_add_prelu", runtime.NewShape(1, 23, 70)},
		{"conv_transpose2d_k4s2p1_c3x13_add_relu_nhwc", runtime.NewShape(1, 23, 70)},
	} {
		paths(t, parse(t, c.name), func(target kerneltest.Target) {
			_, err := target.Check(kerneltest.Case{Layer: parse(t, c.name), Shape: c.shape}, 1)
			require.NoError(t, err)
		})
	}
}
