package runtime_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// haloed is the size in bytes of one image of what kernels see with as many zeros along each
// axis as its taps reach beyond the elements they belong to.
func haloed(t *testing.T, l specs.Layer, s runtime.Shape) int {
	t.Helper()
	n := 4 * l.InChannels
	axes, inputs, ok := polyphase.Seen(&l)
	if !ok { // what an output reads depends on sizes or indices, and there is no halo
		require.False(t, l.Op.Weighted())
		for i := range l.Rank {
			n *= s.Input[i]
		}
		return n
	}
	for i, a := range axes {
		least, most := a.Reach()
		n *= inputs[i].Size(s.Input[i]) + max(0, most) + max(0, -least)
	}
	return n
}

// requireBounded: no more than the input with a halo and a mebibyte; of a pooling and of
// what undoes it nothing.
func requireBounded(t *testing.T, l specs.Layer, s runtime.Shape, got int, path string) {
	t.Helper()
	if l.Op == specs.MaxPool || l.Op == specs.MaxUnpool {
		require.Zero(t, got, "%s at %v on %s", l.Canonical(), s, path)
		return
	}
	require.LessOrEqual(t, got, haloed(t, l, s)+1<<20, "%s at %v on %s", l.Canonical(), s, path)
}

// TestScratchIsBounded on every path, for one goroutine and for several.
func TestScratchIsBounded(t *testing.T) {
	for _, s := range samples {
		l := parse(t, s.name)
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			d := draw(t, l, s.shape)
			one := 0
			for _, threads := range []int{1, 2, 8} {
				layer := d.build(t, r, k, runtime.WithThreads(threads))
				got, err := layer.Scratch(s.shape)
				require.NoError(t, err)
				requireBounded(t, l, s.shape, got, k.Name)
				if threads == 1 {
					one = got
				}
				runtime.ShareAnyWork(layer)
				got, err = layer.Scratch(s.shape)
				require.NoError(t, err)
				requireBounded(t, l, s.shape, got, k.Name)
			}
			if k.ISA == "generic" {
				require.Zero(t, one)
				return
			}
			got, err := k.Scratch(l, s.shape)
			require.NoError(t, err)
			require.Equal(t, one, got, "weights do not matter")
		})
	}
}

// TestScratchOfBenchCases and of some layers that make it large: long rows, wide
// maps, many channels.
func TestScratchOfBenchCases(t *testing.T) {
	cases := bench.Cases()
	for _, name := range []string{
		"conv_transpose1d_k2s2_c1x3_i1000000", "conv_transpose1d_k4s2p1_c1x3_i1000000", "conv_transpose1d_k16s8p4_c3x5_i300000",
		"conv_transpose2d_k2s2_c1x1_i3x200000", "conv_transpose2d_k4s2p1_c3x7_i5x100000", "conv_transpose2d_k9s3p4o2_c1x1_i4000x3000",
		"conv_transpose1d_k4s2p1_c140000x2_i100", "conv_transpose2d_k4s2p1_c9000x2_i20x20", "conv_transpose2d_k4s2p1dw_c64x64_i500x500",
		"bilinear1d_s2_c1x1_i1000000", "bilinear2d_s2aligncorners_c1x1_i2x400000", "bilinear2d_n3x9_c3x3_i2x400000_nhwc",
	} {
		c, err := bench.ParseCase(name)
		require.NoError(t, err)
		cases = append(cases, c)
	}
	checked := 0
	for _, c := range cases {
		for _, k := range interpreted(c.Layer) {
			got, err := k.Scratch(c.Layer, c.Shape)
			require.NoError(t, err)
			requireBounded(t, c.Layer, c.Shape, got, k.Name)
			checked++
		}
	}
	require.Greater(t, checked, 2*len(cases))
}

// TestScratchOfRandomLayers of all sizes.
func TestScratchOfRandomLayers(t *testing.T) {
	random, checked := rand.New(rand.NewPCG(7, 0)), 0
	for _, l := range differential.RandomLayers(7, 600) {
		s := runtime.Shape{Batch: 1 + random.IntN(3)}
		for i := range l.Rank {
			if s.Input[i] = l.Axes[i].Input; s.Input[i] == 0 {
				s.Input[i] = 1 << random.IntN(12/l.Rank+2)
			}
		}
		if l.InChannels == 0 {
			l.InChannels, l.OutChannels = 1<<random.IntN(11), 1+random.IntN(300)
			if l.Depthwise {
				l.OutChannels = l.InChannels
			}
		}
		if _, err := l.Resolve(s.Input[:l.Rank]); err != nil || len(l.Validate()) > 0 {
			continue // no output at this size
		}
		for _, k := range interpreted(l) {
			got, err := k.Scratch(l, s)
			require.NoError(t, err)
			requireBounded(t, l, s, got, k.Name)
			checked++
		}
	}
	require.Greater(t, checked, 500)
}

// TestScratchErrors name what is wrong.
func TestScratchErrors(t *testing.T) {
	l := parse(t, "conv_transpose2d_k4s2p1_c5x7")
	d := draw(t, l, runtime.NewShape(1, 4, 4))
	layer, err := registry(t).New(l, d.weights, d.bias)
	require.NoError(t, err)
	_, err = layer.Scratch(runtime.NewShape(0, 4, 4))
	require.ErrorContains(t, err, "batch size is 0")

	k := interpreted(l)[0]
	_, err = k.Scratch(parse(t, "conv_transpose2d_k4s2p1"), runtime.NewShape(1, 4, 4))
	require.EqualError(t, err, "runtime: conv_transpose2d_k4s2p1: the channels are not set")
	_, err = k.Scratch(parse(t, "conv_transpose2d_k3s2p1_c5x7"), runtime.NewShape(1, 4, 4))
	require.EqualError(t, err, "runtime: kernel conv_transpose2d_k4s2p1_c5x7_avx512 does not serve conv_transpose2d_k3s2p1_c5x7")
	_, err = k.Scratch(l, runtime.NewShape(1, 4))
	require.ErrorContains(t, err, "axis 1: input size 0 is not positive")
}
