package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// TestLayoutsHaveTheSameBits: a layer of either layout returns the same bits at
// the same places, since both have one order of terms.
func TestLayoutsHaveTheSameBits(t *testing.T) {
	compared := 0
	for _, l := range differential.RandomLayers(11, 250) {
		cases, err := kerneltest.Cases(l, 1<<14)
		require.NoError(t, err)
		c := cases[0]
		c.Layer.Activation, c.Layer.Add = specs.Activation{}, false // of sums alone
		c.Layer.Layout = specs.NCHW
		planar := draw(t, c.Layer, c.Shape)
		c.Layer.Layout = specs.NHWC
		last := draw(t, c.Layer, c.Shape)
		last.src = channelsLast(planar.src, c.Shape.Batch, c.Layer.InChannels)
		want := generic(t, planar)
		requireBits(t, channelsLast(want, c.Shape.Batch, c.Layer.OutChannels), generic(t, last), c)
		compared += len(want)
	}
	require.Greater(t, compared, 50000)
}

// generic runs d on the generic path.
func generic(t *testing.T, d *data) []float32 {
	t.Helper()
	r, err := runtime.NewRegistry()
	require.NoError(t, err)
	l, err := r.New(d.layer, d.weights, d.bias, runtime.WithThreads(2))
	require.NoError(t, err)
	require.Equal(t, "generic", l.ISA())
	return d.run(t, l)
}

// channelsLast turns [N, C, spatial...] into [N, spatial..., C].
func channelsLast(x []float32, batch, channels int) []float32 {
	y := make([]float32, len(x))
	plane := len(x) / batch / channels
	for i, v := range x {
		n, c, at := i/plane/channels, i/plane%channels, i%plane
		y[(n*plane+at)*channels+c] = v
	}
	return y
}

// TestKernelsKeepToTheirLayout: a kernel of one layout is no candidate for the
// other.
func TestKernelsKeepToTheirLayout(t *testing.T) {
	l := parse(t, "conv_transpose2d_k4s2p1_c3x5_nhwc")
	for _, k := range registry(t).Candidates(l, ^runtime.Kernel{}.Needs) {
		require.Equal(t, specs.NHWC, k.Layer.Layout, k.Name)
	}
}

// TestSizesOfTheOtherLayout: an error spells sizes in the order of the layout.
func TestSizesOfTheOtherLayout(t *testing.T) {
	d := draw(t, parse(t, "conv_transpose2d_k4s2p1_c3x5_nhwc"), runtime.NewShape(2, 4, 6))
	l, err := registry(t).New(d.layer, d.weights, nil)
	require.NoError(t, err)
	require.EqualError(t, l.Forward(make([]float32, 960), d.src[1:], d.shape), "runtime: src has 143 elements, want 144 = batch 2 * sizes 1*4*6 * channels 3")
	require.EqualError(t, l.Forward(nil, d.src, d.shape), "runtime: dst has 0 elements, want 960 = batch 2 * sizes 1*8*12 * channels 5")
}
