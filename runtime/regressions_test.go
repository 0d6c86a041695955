package runtime_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// Bugs that other implementations have had: T of transposed convolutions, U of
// unpooling, R of resizes. Each row is held on every path there is.

// regressions are layers, in one shape each, whose outputs are held to the
// definition with every kind of data, guards and goroutines.
var regressions = []struct {
	id, what string
	layers   string // canonical names
	shape    runtime.Shape
}{
	{"T3", "dilation with output padding", "conv_transpose2d_k3s2p1d2o1_c2x3", runtime.NewShape(1, 5, 4)},
	{"T4", "dilation in the output's size", "conv_transpose2d_k3x5s2x1p4x2d3x1_c2x3", runtime.NewShape(1, 50, 9)},
	{"T5", "same_upper and same_lower, even and odd", "conv_transpose2d_k3s2psu_c2x3 conv_transpose2d_k3s2psl_c2x3 conv_transpose2d_k4s2psu_c2x3 conv_transpose2d_k4s2psl_c2x3 conv_transpose2d_k3s2pv_c2x3 conv_transpose2d_k3s2_c2x3 conv2d_k4psu_c2x3 conv2d_k4psl_c2x3 conv2d_k3psu_c2x3", runtime.NewShape(1, 5, 6)},
	{"T6", "wanted sizes with an odd rest", "conv_transpose2d_k4s2psun9x11_c2x3_i5x6 conv_transpose2d_k4s2psln9x11_c2x3_i5x6 conv_transpose2d_k4s2p1n11x13_c2x3_i5x6", runtime.NewShape(1, 5, 6)},
	{"T7", "padding with dilation", "conv_transpose2d_k3s2p2d2_c3x2", runtime.NewShape(2, 4, 5)},
	{"T8", "paddings that are no multiple of the stride", "conv_transpose2d_k4s2p1_c3x5 conv_transpose2d_k4s2p3_c3x5 conv_transpose2d_k5s3p1_c3x5 conv_transpose2d_k5s3p2_c3x5 conv_transpose2d_k5s3p4_c3x5", runtime.NewShape(1, 8, 9)},
	{"T9", "strides that differ", "conv_transpose2d_k3s1x2_c3x4 conv_transpose2d_k3s2x1_c3x4 conv_transpose2d_k4s1x3p1_c3x4 conv2d_k3s1x2_c3x4", runtime.NewShape(1, 5, 7)},
	{"T10", "more channels than lanes, rows shorter than a vector", "conv_transpose2d_k3s2p1_c17x18 conv_transpose2d_k3s3_c17x18", runtime.NewShape(1, 3, 16)},
	{"T11", "k5 s3 p1 of 32 x 32", "conv_transpose2d_k5s3p1_c9x4", runtime.NewShape(1, 32, 32)},
	{"T12", "a kernel far larger than the input", "conv_transpose1d_k125p62_c2x3 conv_transpose1d_k25s3p11_c2x3 conv1d_k125p62_c2x3", runtime.NewShape(1, 1)},
	{"T13", "nothing but borders", "conv_transpose2d_k4s2p1_c3x5 conv_transpose2d_k3s2p1o1_c3x5 conv2d_k3p1_c3x5", runtime.NewShape(2, 1, 2)},
	{"T14", "three axes", "conv_transpose3d_k1x4x4s1x4x4_c2x3 conv_transpose3d_k3s2p1_c2x3", runtime.NewShape(1, 1, 2, 2)},
	{"T15", "one axis, dilation, every instruction set", "conv_transpose1d_k4s2p1d2_c5x6 conv_transpose1d_k4s2p1_c5x6", runtime.NewShape(2, 37)},
	{"T16", "same padding at stride 1", "conv_transpose2d_k3psu_c3x2 conv_transpose2d_k3psl_c3x2", runtime.NewShape(1, 4, 5)},
	{"T18", "output padding on every path", "conv_transpose2d_k3s2p1o1_c4x5 conv_transpose2d_k2s2o1_c4x5", runtime.NewShape(1, 4, 19)},
	{"T20", "channels, groups and kernels that differ", "conv_transpose2d_k2x3s2g2_c4x6 conv_transpose2d_k2x3s2g3_c9x6 conv2d_k2x3g2_c4x6 conv_transpose2d_k4s2p1dw_c5x5", runtime.NewShape(2, 3, 4)},
	{"T21", "kernels smaller than the stride", "conv_transpose2d_k1s2_c3x4 conv_transpose2d_k1s2o1_c3x4 conv_transpose2d_k2s3o2_c3x4", runtime.NewShape(1, 4, 5)},
	{"T22", "sizes that differ", "conv_transpose2d_k3x2s2_c2x3 conv_transpose2d_k4s2p1_c2x3", runtime.NewShape(1, 2, 23)},
	{"T26", "a kernel of one, a stride of three", "conv_transpose2d_k1s3_c2x3 conv_transpose1d_k1s3_c2x3", runtime.NewShape(1, 4)},
	{"U8", "planes beyond 65504", "max_pool2d_k2s2_c2x2 max_pool2d_k2s2tensor_c2x2_nhwc max_unpool2d_k2s2_c2x2", runtime.NewShape(1, 262, 260)},
	{"R3", "images and channels are no axes", "nearest2d_n7x9halfpixel_c3x3 bilinear2d_n7x9_c3x3 nearest2d_n7x9_c3x3_nhwc bilinear2d_n7x9_c3x3_nhwc", runtime.NewShape(3, 4, 5)},
	{"R4", "every output is written", "bilinear2d_n31x17aligncorners_c2x2 nearest2d_n31x17_c2x2 bed_of_nails2d_s3x2_c2x2", runtime.NewShape(2, 5, 3)},
	{"R5", "one input", "bilinear2d_n9x1_c2x2 bilinear2d_n1x9aligncorners_c2x2 nearest2d_n9x1halfpixel_c2x2 bilinear2d_n5x5asymmetric_c2x2", runtime.NewShape(1, 1, 1)},
	{"R7", "both layouts", "conv_transpose2d_k4s2p1_c3x5 conv_transpose2d_k4s2p1_c3x5_nhwc conv2d_k3p1_c3x5_nhwc resize_conv2d_k3s2p1_c3x5_nhwc pixel_shuffle2d_s2_c8x2_nhwc max_pool2d_k3s2p1_c3x3_nhwc", runtime.NewShape(2, 5, 6)},
}

func TestRegressions(t *testing.T) {
	for _, row := range regressions {
		t.Run(row.id+" "+row.what, func(t *testing.T) {
			total := 0
			for name := range strings.FieldsSeq(row.layers) {
				l, s := parse(t, name), row.shape
				for i := range l.Rank { // one size for rows of several ranks
					s.Input[i] = max(s.Input[i], 1)
				}
				for i := l.Rank; i < specs.MaxRank; i++ {
					s.Input[i] = 0
				}
				paths(t, l, func(target kerneltest.Target) {
					r, err := target.Check(kerneltest.Case{Layer: l, Shape: s}, 7)
					require.NoError(t, err, target.Name)
					total += r.Outputs
				})
			}
			require.NotZero(t, total)
		})
	}
}

// T1: with a dilation of 2, a stride of 2 and padding of 1, only every other output
// has terms.
func TestRegressionT1DilationLeavesGaps(t *testing.T) {
	ones := slices.Repeat([]float32{1}, 16)
	got, _ := forward(t, "conv_transpose2d_k3s2p1d2o1_c1x1", runtime.NewShape(1, 4, 4), arrays{src: ones, weights: ones[:9]})
	for i, v := range got {
		y, x := i/10, i%10
		require.Equal(t, (y+1)%2 == 0 && (x+1)%2 == 0, v != 0, "output %d %d", y, x)
	}
}

// T2: every wanted size within reach is met, with dilation too.
func TestRegressionT2OutputSizes(t *testing.T) {
	met := 0
	for name := range strings.FieldsSeq("conv_transpose1d_k3s2p1d2_c1x1 conv_transpose1d_k3s3p2d4_c1x1 conv_transpose1d_k5s4p1_c1x1 conv_transpose1d_k2d3_c1x1") {
		l := parse(t, name)
		e, err := l.Extent(0, 5)
		require.NoError(t, err)
		for more := range max(e.Stride, e.Dilation) {
			l.Axes[0].OutputSize = e.Out + more
			got, _ := forwardLayer(t, l, runtime.NewShape(1, 5), arrays{src: whole(5, 1), weights: whole(e.Kernel, 2)})
			require.Len(t, got, e.Out+more)
			met++
		}
		l.Axes[0].OutputSize = e.Out + max(e.Stride, e.Dilation)
		_, err = l.Extent(0, 5)
		require.ErrorContains(t, err, "is out of reach: an input of 5 gives")
	}
	require.Equal(t, 2+4+4+3, met)
}

// T4 and T14: sizes that came out wrong.
func TestRegressionT4AndT14Shapes(t *testing.T) {
	l := parse(t, "conv_transpose2d_k3x5s2x1p4x2d3x1_c1x1")
	e, err := l.Resolve([]int{50, 50})
	require.NoError(t, err)
	require.Equal(t, []int{97, 50}, []int{e[0].Out, e[1].Out})
	l = parse(t, "conv_transpose3d_k1x4x4s1x4x4_c1x1")
	e, err = l.Resolve([]int{1, 2, 2})
	require.NoError(t, err)
	require.Equal(t, []int{1, 8, 8}, []int{e[0].Out, e[1].Out, e[2].Out})
}

// T17: output padding adds outputs, and they have values.
func TestRegressionT17OutputPaddingCounts(t *testing.T) {
	a := arrays{src: whole(4, 1), weights: whole(3, 2)}
	without, _ := forward(t, "conv_transpose1d_k3s2p1_c1x1", runtime.NewShape(1, 4), a)
	with, _ := forward(t, "conv_transpose1d_k3s2p1o1_c1x1", runtime.NewShape(1, 4), a)
	require.Len(t, with, len(without)+1)
	require.Equal(t, without, with[:len(without)])
	require.Equal(t, a.src[3]*a.weights[2], with[len(without)])
}

// T19: arrays may start anywhere.
func TestRegressionT19Alignment(t *testing.T) {
	for name := range strings.FieldsSeq("conv_transpose2d_k4s2p1_c5x7 conv2d_k3p1_c5x7 bilinear2d_s2_c5x5 nearest2d_s2_c5x5_nhwc max_pool2d_k2s2_c5x5") {
		l, s := parse(t, name), runtime.NewShape(1, 5, 9)
		src, dst := sizeOf(t, l, s)
		a := arrays{src: whole(src, 1), weights: whole(weightsOf(l), 2)}
		if l.Bias {
			a.bias = whole(l.OutChannels, 3)
		}
		want, _ := forward(t, name, s, a)
		for off := 1; off <= 15; off++ {
			shift := func(v []float32) []float32 {
				if v == nil {
					return nil
				}
				return append(make([]float32, off, off+len(v)), v...)[off:]
			}
			paths(t, l, func(target kerneltest.Target) {
				layer, err := target.New(l, kerneltest.Weights{Weights: shift(a.weights), Bias: shift(a.bias)}, kerneltest.Setup{Threads: 1})
				require.NoError(t, err)
				got := make([]float32, off+dst)[off:]
				require.NoError(t, layer.Run(runtime.Args{Dst: got, Src: shift(a.src)}, s))
				requireBits(t, want, got, target.Name, off)
			})
		}
	}
}

// T23: any number of goroutines gives the same bits, for every op.
func TestRegressionT23Goroutines(t *testing.T) {
	for _, name := range []string{"conv_transpose2d_k4s2p1_c12x16", "conv_transpose2d_k4s2p1_c12x16_nhwc", "conv2d_k3p1_c12x16", "bilinear2d_s3_c16x16", "nearest2d_s3_c16x16_nhwc",
		"bed_of_nails2d_s3_c16x16", "max_pool2d_k3s2p1_c16x16", "pixel_shuffle2d_s2_c64x16", "resize_conv2d_k3s2p1reflect_c8x12"} {
		l, s := parse(t, name), runtime.NewShape(2, 24, 40)
		src, _ := sizeOf(t, l, s)
		a := arrays{src: floats(src, 1), weights: floats(weightsOf(l), 2)}
		l.Bias = false
		paths(t, l, func(target kerneltest.Target) {
			want, at, err := run(l, target, 1, s, a)
			require.NoError(t, err)
			for threads := 2; threads <= 5; threads++ {
				got, found, err := run(l, target, threads, s, a)
				require.NoError(t, err)
				requireBits(t, want, got, target.Name, threads)
				require.Equal(t, at, found)
			}
		})
	}
}

// U1 to U7: an index outside the output, an array of indices of another length, and
// sizes that do not fit are errors, and dst is as it was.
func TestRegressionUnpoolRefusesIndices(t *testing.T) {
	const name = "max_unpool2d_k2s2_c1x1"
	for _, c := range []struct {
		id, name string
		indices  []int64
		want     string
	}{
		{"U1", name, []int64{0, 1, 2, 16}, "runtime: index 3 is 16; the output plane has 16 elements"},
		{"U1", name, []int64{0, 1 << 31, 2, 3}, "runtime: index 1 is 2147483648; the output plane has 16 elements"},
		{"U1", name, []int64{1<<32 - 1, 1, 2, 3}, "runtime: index 0 is 4294967295; the output plane has 16 elements"},
		{"U2", name, []int64{0, 1, 2}, "runtime: indices has 3 elements, want 4"},
		{"U2", name, []int64{0, 1, 2, 3, 4}, "runtime: indices has 5 elements, want 4"},
		{"U3", name, nil, "runtime: max_unpool2d_k2s2_c1x1 reads indices: give them to Run"},
		{"U4", name, []int64{0, -1, 2, 3}, "runtime: index 1 is -1; the output plane has 16 elements"},
		{"U4", name, []int64{0, 1, 2, math.MaxInt64}, "runtime: index 3 is 9223372036854775807; the output plane has 16 elements"},
		{"U4", name, []int64{0, 1, 2, math.MinInt64}, "runtime: index 3 is -9223372036854775808; the output plane has 16 elements"},
		{"U5", name, []int64{0, 1, 1<<32 + 3, 3}, "runtime: index 2 is 4294967299; the output plane has 16 elements"},
		{"U7", "max_unpool2d_k2s2n5x5tensor_c1x1", []int64{0, 1, 2, 25}, "runtime: index 3 is 25; the output array has 25 elements"},
		{"U7", "max_unpool2d_k2s2n3x3_c1x1", []int64{0, 1, 2, 9}, "runtime: index 3 is 9; the output plane has 9 elements"},
	} {
		l := parse(t, c.name)
		paths(t, l, func(target kerneltest.Target) {
			dst, _, err := run(l, target, 1, runtime.NewShape(1, 2, 2), arrays{src: line, indices: c.indices})
			require.EqualError(t, err, c.want, c.id)
			for _, v := range dst {
				require.True(t, v != v, "%s wrote %v", c.id, v)
			}
		})
	}
	l := parse(t, name)
	r, err := runtime.NewRegistry()
	require.NoError(t, err)
	layer, err := r.New(l, nil, nil)
	require.NoError(t, err)
	dst := []float32{9: 7}
	err = layer.Run(runtime.Args{Dst: make([]float32, 16), Src: line, Indices32: []int32{0, 1, 2, -3}}, runtime.NewShape(1, 2, 2))
	require.EqualError(t, err, "runtime: index 3 is -3; the output plane has 16 elements")
	require.EqualError(t, layer.Forward(dst, line, runtime.NewShape(1, 2, 2)), "runtime: dst has 10 elements, want 16 = batch 1 * channels 1 * sizes 1*4*4")
	require.EqualError(t, layer.Forward(dst, nil, runtime.NewShape(0, 2, 2)), "runtime: batch size is 0; want at least 1")                      // U6
	require.EqualError(t, layer.Forward(dst, nil, runtime.NewShape(1, 0, 2)), "runtime: axis 0: input size 0 is not positive")                  // U6, R8
	require.EqualError(t, layer.Forward(dst, nil, runtime.NewShape(1, 2)), "runtime: axis 1: input size 0 is not positive")                     // U3
	require.EqualError(t, layer.Forward(dst, nil, runtime.NewShape(1, 2, 2, 2)), "runtime: the shape has more than the layer's 2 spatial axes") // U3
	require.EqualError(t, layer.Forward(nil, nil, runtime.NewShape(math.MaxInt/2, 2, 2)), "runtime: the size of the arrays overflows")          // R7
	require.EqualError(t, layer.Run(runtime.Args{Dst: make([]float32, 16), Src: line, Indices: []int64{0, 1, 2, 3}, Indices32: []int32{0, 1, 2, 3}}, runtime.NewShape(1, 2, 2)),
		"runtime: indices and indices32 are both given; leave out one of them")
}

// TestUnpoolKinds: both numberings and both types of indices, and of duplicates the
// last.
func TestUnpoolKinds(t *testing.T) {
	r, err := runtime.NewRegistry()
	require.NoError(t, err)
	src, wide, narrow := []float32{1, 2, 3, 4}, []int64{1, 3, 0, 0}, []int32{1, 3, 0, 0}
	for name, want := range map[string][]float32{
		"max_unpool1d_k2s2_c2x2":            {0, 1, 0, 2, 4, 0, 0, 0}, // planes of four
		"max_unpool1d_k2s2n5_c2x2":          {0, 1, 0, 2, 0, 4, 0, 0, 0, 0},
		"max_unpool1d_k2s2tensor_c2x2":      {4, 1, 0, 2, 0, 0, 0, 0},
		"max_unpool1d_k2s2_c2x2_nhwc":       {3, 4, 1, 0, 0, 0, 0, 2}, // channel 0 has 1 and 3, channel 1 has 2 and 4
		"max_unpool1d_k2s2tensor_c2x2_nhwc": {4, 1, 0, 2, 0, 0, 0, 0},
	} {
		layer, err := r.New(parse(t, name), nil, nil)
		require.NoError(t, err)
		for _, a := range []runtime.Args{{Indices: wide}, {Indices32: narrow}} {
			a.Dst, a.Src = slices.Repeat([]float32{nan}, len(want)), src
			require.NoError(t, layer.Run(a, runtime.NewShape(1, 2)), name)
			require.Equal(t, want, a.Dst, name)
		}
	}
}

// R1: a coordinate in float32 reaches one input too far; a whole number does not.
func TestRegressionR1LargeMaps(t *testing.T) {
	const in, out = 2092, 8529849
	at := make([]int, out)
	for _, c := range []specs.Coordinate{specs.Asymmetric, specs.HalfPixel, specs.AlignCorners} {
		for _, how := range []specs.Rounding{specs.Floor, specs.Ceil, specs.RoundPreferFloor, specs.RoundPreferCeil} {
			polyphase.NearestMap(at, in, c, how)
			require.Equal(t, in-1, at[out-1])
			require.Equal(t, 0, at[0])
			require.True(t, slices.IsSorted(at), "%s %s", c, how)
		}
	}
	polyphase.NearestMap(at, in, specs.Asymmetric, specs.Floor)
	for o := 0; o < out; o += 101 {
		require.Equal(t, o*in/out, at[o])
	}
}

// R2: from 20 to 6 with half pixels, where float32 picks the wrong side of ties.
func TestRegressionR2Ties(t *testing.T) {
	x := make([]float32, 20)
	for i := range x {
		x[i] = float32(i)
	}
	for name, want := range map[string][]float32{
		"nearest1d_n6halfpixel_c1x1":            {1, 5, 8, 11, 15, 18},
		"nearest1d_n6halfpixelpreferfloor_c1x1": {1, 4, 8, 11, 14, 18},
	} {
		got, _ := forward(t, name, runtime.NewShape(1, 20), arrays{src: x})
		require.Equal(t, want, got, name)
	}
}

// TestRegressionZeroDimensions: R8 and U6, for every op.
func TestRegressionR8ZeroDimensions(t *testing.T) {
	r, err := runtime.NewRegistry()
	require.NoError(t, err)
	for _, name := range []string{"conv_transpose2d_k4s2p1_c1x1", "conv2d_k3_c1x1", "nearest2d_s2_c1x1", "bilinear2d_n4x4_c1x1", "bed_of_nails2d_s2_c1x1",
		"max_pool2d_k2s2_c1x1", "max_unpool2d_k2s2_c1x1", "pixel_shuffle2d_s2_c4x1", "pixel_unshuffle2d_s2_c1x4", "resize_conv2d_k3s2p1_c1x1"} {
		l := parse(t, name)
		layer, err := r.New(l, make([]float32, weightsOf(l)), nil)
		if !l.Op.Weighted() {
			layer, err = r.New(l, nil, nil)
		}
		require.NoError(t, err)
		for _, s := range []runtime.Shape{runtime.NewShape(1, 0, 4), runtime.NewShape(1, 4, 0), runtime.NewShape(1, -1, 4)} {
			require.ErrorContains(t, layer.Forward(nil, nil, s), "is not positive", fmt.Sprint(name, s))
		}
	}
}
