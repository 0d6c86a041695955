package runtime_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

var (
	inf      = float32(math.Inf(1))
	nan      = float32(math.NaN())
	negative = float32(math.Copysign(0, -1))
)

// bordered are layers with outputs near the border that lack some taps.
var bordered = []sample{
	{"conv_transpose2d_k4s2p1_c3x5", runtime.NewShape(2, 4, 5)},
	{"conv_transpose2d_k4s2p1_c3x2", runtime.NewShape(1, 2, 70)},
	{"conv_transpose2d_k3s2p1o1_c2x3", runtime.NewShape(1, 3, 4)},
	{"conv_transpose2d_k3s2p2d2o1_c2x3", runtime.NewShape(1, 4, 5)},
	{"conv_transpose2d_k2s2o1_c3x4", runtime.NewShape(1, 3, 6)},
	{"conv_transpose2d_k4s2p1dw_c4x4", runtime.NewShape(1, 3, 9)},
	{"conv_transpose2d_k16s8_c3x5", runtime.NewShape(1, 1, 2)},
	{"conv_transpose2d_k9s2p4o1_c6x1", runtime.NewShape(1, 3, 4)},
	{"conv_transpose1d_k4s2p1_c3x9", runtime.NewShape(1, 19)},
	{"conv_transpose2d_k4s2p1_c3x5_i4x4", runtime.NewShape(2, 4, 4)},
	{"conv_transpose2d_k4s2p1_c2x3_i8x6", runtime.NewShape(1, 8, 6)},
	{"conv_transpose2d_k4_c100x512_i1x1", runtime.NewShape(1, 1, 1)},
}

// TestPaddingContributesNoTerm: an infinity or a NaN among the weights reaches
// exactly the outputs that it is a term of, and the bits are those of the terms
// alone.
func TestPaddingContributesNoTerm(t *testing.T) {
	for _, s := range bordered {
		l := parse(t, s.name)
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			bads, at := []float32{nan, inf, -inf}, corners(&l)
			if at[len(at)-1] > 1<<16 {
				bads, at = bads[:1], at[1:3]
			}
			for _, bad := range bads {
				for _, corner := range at {
					d := draw(t, l, s.shape)
					d.weights[corner] = bad
					got := d.run(t, d.build(t, r, k, runtime.WithThreads(2)))
					d.requireReference(t, k, got)
					d.requireReached(t, got, corner)
				}
			}
		})
	}
}

// corners are indices of weights: the kernel's first, last and a middle element,
// for the first and last pair of channels.
func corners(l *specs.Layer) []int {
	n, _ := specs.Product(l.WeightsShape()...)
	kernel := 1
	for _, a := range l.Spatial() {
		kernel *= a.Kernel
	}
	return []int{0, kernel - 1, kernel / 2, n - kernel, n - 1}
}

// requireReached: exactly the outputs that weight number at stamps are not finite.
func (d *data) requireReached(t *testing.T, dst []float32, at int) {
	t.Helper()
	l := &d.layer
	extents, err := l.Resolve(d.shape.Input[:l.Rank])
	require.NoError(t, err)
	kernel, plane := 1, 1
	for _, e := range extents {
		kernel *= e.Kernel
		plane *= e.Out
	}
	perGroup := l.OutChannels / l.GroupCount()
	ic, oc, k := at/kernel/perGroup, at/kernel%perGroup, at%kernel
	channel := ic/(l.InChannels/l.GroupCount())*perGroup + oc
	reached := 0
	for i, v := range dst {
		want := i/plane%l.OutChannels == channel && stamped(extents, i%plane, k)
		finite := !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
		if want == finite {
			require.Fail(t, "wrong reach", "output %d is %v, weight %d", i, v, at)
		}
		if want {
			reached++
		}
	}
	require.Less(t, reached, len(dst))
}

// stamped reports whether some input puts kernel element k on output o of a plane.
func stamped(extents []specs.Extent, o, k int) bool {
	for i := len(extents) - 1; i >= 0; i-- {
		e := extents[i]
		x := o%e.Out + e.PadBegin - e.Dilation*(k%e.Kernel)
		if x < 0 || x%e.Stride != 0 || x/e.Stride >= e.In {
			return false
		}
		o, k = o/e.Out, k/e.Kernel
	}
	return true
}

// TestSpecialInputsReachTheirOutputs: inputs that are not finite follow the same
// order as others.
func TestSpecialInputsReachTheirOutputs(t *testing.T) {
	for _, s := range bordered {
		l := parse(t, s.name)
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			for i, bad := range []float32{inf, nan, math.MaxFloat32, negative, 1e-45} {
				d := draw(t, l, s.shape)
				d.src[i*(len(d.src)-1)/4] = bad
				d.requireReference(t, k, d.run(t, d.build(t, r, k)))
			}
		})
	}
}

// sparse are layers with outputs that no input reaches: strides above the
// kernel, and output padding beyond it.
var sparse = []sample{
	{"conv_transpose1d_k1s3_c2x3", runtime.NewShape(1, 4)},
	{"conv_transpose2d_k1s2_c2x3", runtime.NewShape(1, 3, 4)},
	{"conv_transpose2d_k1x2s3x4o2x3_c2x3", runtime.NewShape(2, 2, 3)},
	{"conv_transpose2d_k2s5p1_c3x2", runtime.NewShape(1, 2, 2)},
	{"conv_transpose2d_k2s3d2_c2x2", runtime.NewShape(1, 3, 3)},
}

// TestNoTermsLeaveTheBias: an output without a term is the bias, denormals and
// infinities too, also beside weights that are not finite. Kernels may add +0 to a
// bias of -0, which compares equal.
func TestNoTermsLeaveTheBias(t *testing.T) {
	for _, s := range sparse {
		l := parse(t, s.name)
		kernels := interpreted(l)
		require.NotEmpty(t, kernels)
		for _, k := range kernels {
			t.Run(k.Name, func(t *testing.T) {
				r, err := runtime.NewRegistry([]runtime.Kernel{k})
				require.NoError(t, err)
				for _, w := range []float32{0.5, inf} {
					d := draw(t, l, s.shape)
					d.weights[0] = w
					copy(d.bias, []float32{negative, 1e-45, -inf})
					got := d.run(t, d.build(t, r, k))
					d.requireReference(t, k, got)
					d.requireUntouched(t, got)
				}
			})
		}
		t.Run("generic", func(t *testing.T) {
			d := draw(t, l, s.shape)
			copy(d.bias, []float32{negative, 1e-45, -inf})
			layer, err := registry(t).New(l, d.weights, d.bias, runtime.WithISA("generic"))
			require.NoError(t, err)
			d.requireUntouched(t, d.run(t, layer))
		})
	}
}

// interpreted are kernels that interpret the nests of a layer that no prebuilt
// package has, one for each target.
func interpreted(l specs.Layer) (kernels []runtime.Kernel) {
	for _, target := range gen.Targets {
		if k, ok := differential.Interpreted(l, target); ok {
			kernels = append(kernels, k)
		}
	}
	return kernels
}

// requireUntouched: outputs without a term hold the bias.
func (d *data) requireUntouched(t *testing.T, dst []float32) {
	t.Helper()
	l := &d.layer
	extents, err := l.Resolve(d.shape.Input[:l.Rank])
	require.NoError(t, err)
	kernel, plane := 1, 1
	for _, e := range extents {
		kernel *= e.Kernel
		plane *= e.Out
	}
	elements := make([]int, kernel)
	for i := range elements {
		elements[i] = i
	}
	empty := 0
	for i, v := range dst {
		if slices.ContainsFunc(elements, func(k int) bool { return stamped(extents, i%plane, k) }) {
			continue
		}
		empty++
		b := d.bias[i/plane%l.OutChannels]
		require.True(t, b == v, "output %d is %v, bias %v", i, v, b)
	}
	require.Greater(t, empty, 0, "every output has a term")
}

// TestBiasBeyondTheInput: rows that output padding adds hold the bias, on
// compiled kernels.
func TestBiasBeyondTheInput(t *testing.T) {
	l := parse(t, "conv_transpose2d_k2s2o1_c3x4")
	each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		d := draw(t, l, runtime.NewShape(2, 3, 20))
		copy(d.bias, []float32{negative, 1e-45, -1e-40, inf})
		got := d.run(t, d.build(t, r, k))
		const width = 41
		for plane := range 2 * 4 {
			last := got[(plane*7+6)*width:][:width]
			requireBits(t, slices.Repeat(d.bias[plane%4:plane%4+1], width), last)
		}
	})
}

// TestDenormalBiasIsKept: nothing is flushed to zero.
func TestDenormalBiasIsKept(t *testing.T) {
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		clear(d.src)
		for i := range d.bias {
			d.bias[i] = float32(i+1) * 1e-45
		}
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			got := d.run(t, d.build(t, r, k))
			plane := len(got) / d.shape.Batch / d.layer.OutChannels
			for i, v := range got {
				require.Equal(t, d.bias[i/plane%d.layer.OutChannels], v)
			}
		})
	}
}
