package runtime_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// TestNewErrors: a layer that cannot be built is refused with the reason.
func TestNewErrors(t *testing.T) {
	const name = "conv_transpose2d_k4s2p1_c8x6"
	change := func(f func(*specs.Layer)) specs.Layer {
		l := parse(t, name)
		f(&l)
		return l
	}
	same := func(*specs.Layer) {}
	w := make([]float32, 8*6*4*4)
	beyond, err := specs.ParseName("bed_of_nails2d_s65_c1x1")
	require.NoError(t, err)
	for _, c := range []struct {
		layer         specs.Layer
		weights, bias []float32
		opts          []runtime.Option
		want          string
	}{
		{change(same), w[1:], nil, nil, "runtime: " + name + ": weights have 767 values, want 768 = [8 6 4 4]"},
		{change(same), nil, nil, nil, "runtime: " + name + ": weights have 0 values, want 768 = [8 6 4 4]"},
		{change(same), w, make([]float32, 8), nil, "runtime: " + name + ": bias has 8 values, want 6, or nil for none"},
		{change(same), w, []float32{}, nil, "runtime: " + name + ": bias has 0 values, want 6, or nil for none"},
		{change(func(l *specs.Layer) { l.Bias = false }), w, make([]float32, 6), nil, "runtime: " + name + " has no bias, but got one of 6 values"},
		{change(func(l *specs.Layer) { l.InChannels = 0 }), w, nil, nil, "runtime: conv_transpose2d_k4s2p1_c0x6: the channels are not set"},
		{change(func(l *specs.Layer) { l.OutChannels = 0 }), w, nil, nil, "runtime: conv_transpose2d_k4s2p1_c8x0: the channels are not set"},
		{change(func(l *specs.Layer) { l.Axes[1].Kernel = 0 }), w, nil, nil, "runtime: conv_transpose2d_k4x0s2p1_c8x6: kernel: kernel is 0; it must be at least 1"},
		{change(func(l *specs.Layer) { l.Groups = 4 }), w, nil, nil, "runtime: conv_transpose2d_k4s2p1g4_c8x6: groups: groups is 4, which does not divide out_channels 6; the nearest that fits is 2"},
		{change(func(l *specs.Layer) { l.Op = "deconv" }), w, nil, nil, "runtime: deconv2d__c8x6: op: op \"deconv\" is not supported; supported: conv_transpose, conv, nearest, bilinear, bed_of_nails, max_pool, max_unpool, pixel_shuffle, pixel_unshuffle, resize_conv"},
		{parse(t, "conv2d_k3_c8x6"), w[:8*6*9], nil, []runtime.Option{runtime.WithSlopes(w[:6])}, "runtime: conv2d_k3_c8x6 has no prelu, but got 6 slopes"},
		{parse(t, "conv2d_k3_c8x6_prelu"), w[:8*6*9], nil, nil, "runtime: conv2d_k3_c8x6_prelu: prelu has 0 slopes, want 6"},
		{parse(t, "conv2d_k3_c8x6_prelu"), w[:8*6*9], nil, []runtime.Option{runtime.WithSlopes(w[:5])}, "runtime: conv2d_k3_c8x6_prelu: prelu has 5 slopes, want 6"},
		{parse(t, "conv2d_k3_c8x6"), w, nil, nil, "runtime: conv2d_k3_c8x6: weights have 768 values, want 432 = [6 8 3 3]"},
		{parse(t, "nearest2d_s2_c8x8"), w, nil, nil, "runtime: nearest2d_s2_c8x8 has no weights, but got 768 values"},
		{parse(t, "nearest2d_s2_c8x8"), nil, w[:8], nil, "runtime: nearest2d_s2_c8x8 has no bias, but got one of 8 values"},
		{beyond, nil, nil, nil, "runtime: bed_of_nails2d_s65_c1x1: scale: the scale has 65*65 = 4225 phases; the cap is 4096"},
		{change(same), w, nil, []runtime.Option{runtime.WithLimits(specs.Limits{KernelElements: 15})}, "runtime: " + name + ": kernel: the kernel has 4*4 = 16 elements; the cap is 15"},
		{change(same), w, nil, []runtime.Option{runtime.WithThreads(0)}, "runtime: 0 threads; want at least 1"},
		{change(same), w, nil, []runtime.Option{runtime.WithThreads(-2)}, "runtime: -2 threads; want at least 1"},
	} {
		l, err := registry(t).New(c.layer, c.weights, c.bias, c.opts...)
		require.EqualError(t, err, c.want)
		require.Nil(t, l)
	}
}

// TestLimitsCanBeRaised: a layer beyond a cap is built without it, and computes.
func TestLimitsCanBeRaised(t *testing.T) {
	spec, err := specs.ParseName("bed_of_nails2d_s65_c1x1")
	require.NoError(t, err)
	l, err := registry(t).New(spec, nil, nil, runtime.WithLimits(specs.Limits{}))
	require.NoError(t, err)
	dst, want := make([]float32, 130*130), make([]float32, 130*130)
	want[0], want[65], want[65*130], want[65*130+65] = 1, 2, 3, 4
	require.NoError(t, l.Forward(dst, []float32{1, 2, 3, 4}, runtime.NewShape(1, 2, 2)))
	require.Equal(t, want, dst)
}

// TestForwardErrors: every error says what was wrong with which argument, and
// leaves dst as it was.
func TestForwardErrors(t *testing.T) {
	const src, dst = 2 * 3 * 4 * 5, 2 * 4 * 8 * 10
	shape := runtime.NewShape(2, 4, 5)
	for _, c := range []struct {
		layer    string
		dst, src int
		shape    runtime.Shape
		want     string
	}{
		{"conv_transpose2d_k4s2p1_c3x4", dst, src - 1, shape, "runtime: src has 119 elements, want 120 = batch 2 * channels 3 * sizes 1*4*5"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, 0, shape, "runtime: src has 0 elements, want 120 = batch 2 * channels 3 * sizes 1*4*5"},
		{"conv_transpose2d_k4s2p1_c3x4", dst + 1, src, shape, "runtime: dst has 641 elements, want 640 = batch 2 * channels 4 * sizes 1*8*10"},
		{"conv_transpose2d_k4s2p1_c3x4", 0, src, shape, "runtime: dst has 0 elements, want 640 = batch 2 * channels 4 * sizes 1*8*10"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(0, 4, 5), "runtime: batch size is 0; want at least 1"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(-2, 4, 5), "runtime: batch size is -2; want at least 1"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(2, 4), "runtime: axis 1: input size 0 is not positive"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(2), "runtime: axis 0: input size 0 is not positive"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(2, -4, 5), "runtime: axis 0: input size -4 is not positive"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(2, 4, 5, 1), "runtime: the shape has more than the layer's 2 spatial axes"},
		{"conv_transpose1d_k4s2p1_c3x4", dst, src, runtime.NewShape(2, 4, 5), "runtime: the shape has more than the layer's 1 spatial axes"},
		{"conv_transpose2d_k4s2p3_c3x4", dst, src, runtime.NewShape(1, 1, 9), "runtime: axis 0: output size is -2 = 2*(1-1) + 0 + 1*(4-1) + 1 - 3 - 3; it must be positive"},
		{"conv_transpose2d_k4s2p1n8x10_c3x4", dst, src, runtime.NewShape(2, 4, 7), "runtime: axis 1: output size 10 is out of reach: an input of 7 gives 14 to 15"},
		{"conv_transpose2d_k4s2p1_c3x4_i4x5", dst, src, runtime.NewShape(2, 4, 6), "runtime: axis 1: input size is 6, the layer fixes 5"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(math.MaxInt/2, 4, 5), "runtime: the size of the arrays overflows"},
		{"conv_transpose2d_k4s2p1_c3x4", dst, src, runtime.NewShape(1, math.MaxInt, 5), fmt.Sprintf("runtime: axis 0: output size overflows: 2*(%d-1) + 0 + 1*(4-1) + 1", math.MaxInt)},
	} {
		l := parse(t, c.layer)
		n, _ := specs.Product(l.WeightsShape()...)
		layer, err := registry(t).New(l, make([]float32, n), nil)
		require.NoError(t, err)
		out := floats(c.dst, 7)
		require.EqualError(t, layer.Forward(out, floats(c.src, 1), c.shape), c.want)
		requireBits(t, floats(c.dst, 7), out, c.want)
	}
}

// TestOverlapIsAnError whichever slice comes first, by as little as one element;
// neighbours do not overlap.
func TestOverlapIsAnError(t *testing.T) {
	l := parse(t, "conv_transpose1d_k1_c2x2")
	layer, err := registry(t).New(l, make([]float32, 4), nil)
	require.NoError(t, err)
	const n = 2 * 8
	s := runtime.NewShape(1, 8)
	for _, at := range []int{0, 1, n - 1, n} {
		for _, swap := range []bool{false, true} {
			both := floats(2*n, 5)
			dst, src := both[:n], both[at:][:n]
			if swap {
				dst, src = src, dst
			}
			err := layer.Forward(dst, src, s)
			if at == n {
				require.NoError(t, err)
				continue
			}
			require.EqualError(t, err, "runtime: dst and src overlap")
			requireBits(t, floats(2*n, 5), both)
		}
	}
}

// TestShapesOfLayers: lengths and output shapes follow the layer's geometry, and
// have the errors of Forward.
func TestShapesOfLayers(t *testing.T) {
	l := parse(t, "conv_transpose3d_k2x3x4s1x2x3p0x1x1_c6x4")
	layer, err := registry(t).New(l, make([]float32, 6*4*24), nil)
	require.NoError(t, err)
	require.Equal(t, l, layer.Spec())
	s := runtime.NewShape(5, 3, 4, 5)
	out, err := layer.OutputShape(s)
	require.NoError(t, err)
	require.Equal(t, runtime.NewShape(5, 4, 7, 14), out)
	n, err := layer.SrcLen(s)
	require.NoError(t, err)
	require.Equal(t, 5*6*3*4*5, n)
	n, err = layer.DstLen(s)
	require.NoError(t, err)
	require.Equal(t, 5*4*4*7*14, n)

	const want = "runtime: axis 2: input size 0 is not positive"
	bad := runtime.NewShape(1, 3, 4)
	_, err = layer.OutputShape(bad)
	require.EqualError(t, err, want)
	_, err = layer.SrcLen(bad)
	require.EqualError(t, err, want)
	_, err = layer.DstLen(bad)
	require.EqualError(t, err, want)
	_, err = layer.DstLen(runtime.NewShape(math.MaxInt/2, 3, 4, 5))
	require.EqualError(t, err, "runtime: the size of the arrays overflows")
}
