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
// unpooling, R of resizes. Each row is held on every path there is. Those of faulty
// models (M) and of assembly (A) are in the tests that cross packages.

// TestRegressions: those that whole layers show.
func TestRegressions(t *testing.T) {
	for _, row := range kerneltest.Regressions() {
		t.Run(row.ID+" "+row.What, func(t *testing.T) {
			total := 0
			for _, c := range row.Cases {
				paths(t, c.Layer, func(target kerneltest.Target) {
					r, err := target.Check(c, 7)
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

// T4 and T14: sizes that came out wrong, on some paths alone.
func TestRegressionT4AndT14Shapes(t *testing.T) {
	for name, want := range map[string][2][]int{
		"conv_transpose2d_k3x5s2x1p4x2d3x1_c1x1": {{50, 50}, {97, 50}},
		"conv_transpose3d_k1x4x4s1x4x4_c1x1":     {{1, 2, 2}, {1, 8, 8}},
	} {
		shape := runtime.NewShape(1, want[0]...)
		paths(t, parse(t, name), func(target kerneltest.Target) {
			layer, err := target.New(parse(t, name), kerneltest.Weights{Weights: make([]float32, weightsOf(parse(t, name)))}, kerneltest.Setup{Threads: 1})
			require.NoError(t, err)
			out, err := layer.(*runtime.Layer).OutputShape(shape)
			require.NoError(t, err)
			require.Equal(t, runtime.NewShape(1, want[1]...), out, target.Name)
		})
	}
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

// T24: padding takes outputs away; it never adds inputs.
func TestRegressionT24PaddingCropsOutputs(t *testing.T) {
	a := arrays{src: whole(5*6, 1), weights: whole(16, 2)}
	const height, width = 12, 14
	full, _ := forward(t, "conv_transpose2d_k4s2_c1x1", runtime.NewShape(1, 5, 6), a)
	require.Len(t, full, height*width)
	for pad := 1; pad <= 3; pad++ {
		var want []float32
		for y := pad; y < height-pad; y++ {
			want = append(want, full[y*width+pad:(y+1)*width-pad]...)
		}
		got, _ := forward(t, fmt.Sprintf("conv_transpose2d_k4s2p%d_c1x1", pad), runtime.NewShape(1, 5, 6), a)
		require.Equal(t, want, got, "padding %d", pad)
	}
}

// T25: with a dilation too, a transposed convolution is the adjoint of the convolution
// with the same numbers.
func TestRegressionT25AdjointWithDilation(t *testing.T) {
	for numbers, shape := range map[string]runtime.Shape{
		"k3s2p1d2": runtime.NewShape(2, 6, 7), "k3s2p2d2": runtime.NewShape(2, 6, 7), "k2x3s1x3p0x2d3x2": runtime.NewShape(2, 6, 7), "k4s3d3": runtime.NewShape(2, 4, 5),
	} {
		up, down := parse(t, "conv_transpose2d_"+numbers+"_c3x4"), parse(t, "conv2d_"+numbers+"_c4x3")
		src, dst := sizeOf(t, up, shape)
		e, err := up.Resolve(shape.Input[:2])
		require.NoError(t, err)
		x, y, w := whole(src, 1), whole(dst, 2), whole(weightsOf(up), 3)
		enlarged, _ := forwardLayer(t, up, shape, arrays{src: x, weights: w})
		reduced, _ := forwardLayer(t, down, runtime.NewShape(2, e[0].Out, e[1].Out), arrays{src: y, weights: w})
		require.Equal(t, inner(y, enlarged), inner(reduced, x), numbers)
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
		t.Run(c.id, func(t *testing.T) {
			l := parse(t, c.name)
			paths(t, l, func(target kerneltest.Target) {
				dst, _, err := run(l, target, 1, runtime.NewShape(1, 2, 2), arrays{src: line, indices: c.indices})
				require.EqualError(t, err, c.want)
				for _, v := range dst {
					require.True(t, v != v, "wrote %v", v)
				}
			})
		})
	}
}

// U3, U6 and R7: batches and sizes of 0, of another rank and of overflowing products are
// errors, and so are indices of both widths at once.
func TestRegressionU3U6AndR7Shapes(t *testing.T) {
	l := parse(t, "max_unpool2d_k2s2_c1x1")
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

// R6: positions beyond 256, which 8 bits of a short float's fraction do not hold.
func TestRegressionR6PositionsOfManyDigits(t *testing.T) {
	const in = 1001
	x := make([]float32, in)
	for i := range x {
		x[i] = float32(i + 1)
	}
	got, _ := forward(t, "nearest1d_s2_c1x1", runtime.NewShape(1, in), arrays{src: x})
	for o, v := range got {
		require.Equal(t, float32(o/2+1), v, "output %d", o)
	}
	got, _ = forward(t, "bilinear1d_s2_c1x1", runtime.NewShape(1, in), arrays{src: x})
	for o, v := range got {
		require.Equal(t, min(max(float32(o)/2+0.75, 1), in), v, "output %d", o)
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

// R8 and U6, for every op.
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
