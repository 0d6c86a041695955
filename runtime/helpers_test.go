package runtime_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// sample is a layer and a shape that some prebuilt kernel serves.
type sample struct {
	name  string
	shape runtime.Shape
}

// samples reach every way through the tiled engine: with and without halo, rows
// straight into dst and flattened rows, partial blocks of channels, both orders
// of weights, one axis and two, depthwise, dilation.
var samples = []sample{
	{"conv_transpose2d_k4s2p1_c5x7", runtime.NewShape(2, 9, 6)},
	{"conv_transpose2d_k4s2p1_c3x4", runtime.NewShape(1, 5, 200)},
	{"conv_transpose2d_k4s2p1_c40x9", runtime.NewShape(1, 11, 12)},
	{"conv_transpose2d_k2s2_c16x19", runtime.NewShape(1, 12, 21)},
	{"conv_transpose2d_k2s2_c2x8", runtime.NewShape(2, 3, 128)},
	{"conv_transpose2d_k3s2p1o1_c6x5", runtime.NewShape(3, 10, 13)},
	{"conv_transpose2d_k3s2p2d2o1_c4x6", runtime.NewShape(1, 12, 33)},
	{"conv_transpose2d_k4s2p1dw_c9x9", runtime.NewShape(2, 17, 19)},
	{"conv_transpose2d_k4_c100x512_i1x1", runtime.NewShape(3, 1, 1)},
	{"conv_transpose2d_k16s8_c5x7", runtime.NewShape(1, 8, 5)},
	{"conv_transpose2d_k32s16_c3x2", runtime.NewShape(1, 2, 3)},
	{"conv_transpose2d_k9s3p4o2_c34x1", runtime.NewShape(1, 6, 11)},
	{"conv_transpose1d_k16s8p4_c40x24", runtime.NewShape(1, 19)},
	{"conv_transpose1d_k4s2p1_c35x9", runtime.NewShape(2, 101)},
	{"conv_transpose2d_k3s2p2d2o1_c64x2", runtime.NewShape(1, 61, 33)}, // several calls, phases without taps
	{"conv_transpose1d_k4s2p1_c64x3", runtime.NewShape(1, 5003)},       // rows in parts
	{"conv_transpose1d_k16s8p4_c256x2", runtime.NewShape(1, 1201)},
	{"conv_transpose2d_k9s3p4o2_c64x1", runtime.NewShape(1, 2, 1501)},
	{"conv_transpose2d_k4s2p1_c5x7_i4x4", runtime.NewShape(3, 4, 4)},
	{"conv_transpose2d_k4s2p1_c40x13_i8x8", runtime.NewShape(1, 8, 8)},
	{"conv_transpose2d_k4s2p1_c9x17_i8x6", runtime.NewShape(2, 8, 6)},
	{"conv_transpose2d_k4s2p1_c6x5_i16x16", runtime.NewShape(1, 16, 16)},
	{"resize_conv2d_k3s2p1bilinear_c6x5", runtime.NewShape(2, 9, 33)},
	{"resize_conv2d_k3s2p1bilinearreflect_c64x3", runtime.NewShape(1, 3, 701)}, // rows in parts
	{"conv_transpose3d_k2s2_c33x6", runtime.NewShape(1, 2, 6, 21)},
	{"conv_transpose3d_k3s2p1o1_c5x4", runtime.NewShape(2, 3, 5, 9)},
}

// hasAssembly reports whether the build has kernels in assembly, whatever the processor runs.
func hasAssembly() bool {
	return slices.ContainsFunc(prebuilt.Kernels(), func(k runtime.Kernel) bool { return k.ISA == "avx2" })
}

// needAssembly skips a test of kernels in assembly in a build that has none.
func needAssembly(t *testing.T) {
	t.Helper()
	if !hasAssembly() {
		t.Skip("this build has no assembly")
	}
}

// parse returns the layer of a canonical name; it has a bias.
func parse(t testing.TB, name string) specs.Layer {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err, name)
	require.Empty(t, l.Validate(), name)
	return l
}

// registry holds every prebuilt kernel, and those that fix channels once more with
// open channels, so that small layers run on them too: a kernel's function works
// through any number of channels, but for folded ones, where outputs of several
// channels may share a block, and those that move pixels of one size.
func registry(t testing.TB) *runtime.Registry {
	t.Helper()
	r, err := openRegistry()
	require.NoError(t, err)
	return r
}

var openRegistry = sync.OnceValues(func() (*runtime.Registry, error) {
	var open []runtime.Kernel
	for _, k := range prebuilt.Kernels() {
		if k.Layer.InChannels == 0 || k.Tile.Fold > 0 || k.Run == nil && k.Layer.Layout == specs.NHWC {
			continue
		}
		k.Layer.InChannels, k.Layer.OutChannels = 0, 0
		k.Name = k.Layer.Canonical() + "_" + k.ISA
		open = append(open, k)
	}
	return runtime.NewRegistry(prebuilt.Kernels(), open)
})

// each calls f once for every instruction set that this build and processor have
// kernels for, with a registry of the kernels of that set: the best that serves
// l. That there is one for each set is part of the test.
func each(t *testing.T, l specs.Layer, f func(t *testing.T, r *runtime.Registry, k runtime.Kernel)) {
	t.Helper()
	all := registry(t)
	seen := []string{}
	for _, k := range all.Candidates(l, cpu.Detect()) {
		if slices.Contains(seen, k.ISA) {
			continue
		}
		seen = append(seen, k.ISA)
		t.Run(k.Name, func(t *testing.T) { f(t, all, k) })
	}
	require.Subset(t, seen, sets(), l.Canonical())
}

// sets are the instruction sets of prebuilt kernels that run here, and generic.
func sets() []string {
	names := []string{"generic"}
	for _, k := range prebuilt.Kernels() {
		if cpu.Detect().Has(k.Needs) && !slices.Contains(names, k.ISA) {
			names = append(names, k.ISA)
		}
	}
	return names
}

// data is what one run of a layer takes.
type data struct {
	layer              specs.Layer
	shape              runtime.Shape
	src, weights, bias []float32
}

// draw fills all arrays of a layer with values that are not zero.
func draw(t testing.TB, l specs.Layer, s runtime.Shape) *data {
	t.Helper()
	n, ok := specs.Product(l.WeightsShape()...)
	require.True(t, ok)
	d := &data{layer: l, shape: s, weights: floats(n, 2)}
	if l.Bias {
		d.bias = floats(l.OutChannels, 3)
	}
	extents, err := l.Resolve(s.Input[:l.Rank])
	require.NoError(t, err)
	n = s.Batch * l.InChannels
	for _, e := range extents {
		n *= e.In
	}
	d.src = floats(n, 1)
	return d
}

// floats are reproducible values in (-0.5, 0.5), none of them 0.
func floats(n int, seed uint32) []float32 {
	s := make([]float32, n)
	for i := range s {
		seed = seed*1664525 + 1013904223
		s[i] = float32(seed>>9)/(1<<23) - 0.5
		if s[i] == 0 {
			s[i] = 0.25
		}
	}
	return s
}

// build returns the layer of d on kernel k.
func (d *data) build(t testing.TB, r *runtime.Registry, k runtime.Kernel, opts ...runtime.Option) *runtime.Layer {
	t.Helper()
	l, err := r.New(d.layer, d.weights, d.bias, append([]runtime.Option{runtime.WithISA(k.ISA), runtime.WithThreads(1)}, opts...)...)
	require.NoError(t, err)
	require.Equal(t, k.Name, l.Kernel())
	require.Equal(t, k.ISA, l.ISA())
	return l
}

// run returns the outputs of l, on a dst full of NaN.
func (d *data) run(t testing.TB, l *runtime.Layer) []float32 {
	t.Helper()
	n, err := l.DstLen(d.shape)
	require.NoError(t, err)
	dst := slices.Repeat([]float32{float32(math.NaN())}, n)
	require.NoError(t, l.Forward(dst, d.src, d.shape))
	return dst
}

// requireReference holds dst against the documented order, bit for bit.
func (d *data) requireReference(t testing.TB, k runtime.Kernel, dst []float32) {
	t.Helper()
	want, err := kerneltest.Reference(d.layer, d.shape, d.src, d.weights, d.bias, k.Tile.Fused)
	require.NoError(t, err)
	require.NoError(t, want.Equal(dst))
}

// requireBits compares bits, so that it tells -0 from 0 and NaN equal themselves.
func requireBits(t testing.TB, want, got []float32, message ...any) {
	t.Helper()
	require.Len(t, got, len(want), message...)
	for i := range want {
		if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
			require.Fail(t, "bits differ", "element %d is %v (%#08x), want %v (%#08x) %v",
				i, got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]), message)
		}
	}
}

// work is the multiply-adds of one call.
func (d *data) work() int { return len(d.weights) * len(d.src) / d.layer.InChannels }
