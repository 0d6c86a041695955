package runtime_test

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
)

// Sentences of the README's contract that no other test takes literally, on every path.

// TestWeightsAreNotFlipped: one input of 1 puts its kernels onto the output as they are;
// the window of a convolution meets its weights in the same order.
func TestWeightsAreNotFlipped(t *testing.T) {
	const in, out, size = 2, 3, 4 // channels, and the kernel's elements
	for _, layout := range []string{"", "_nhwc"} {
		w := whole(in*out*size, 1)
		got, _ := forward(t, "conv_transpose2d_k2_c2x3"+layout, runtime.NewShape(1, 1, 1), arrays{src: []float32{0, 1}, weights: w})
		for i, v := range got {
			oc, k := i/size, i%size
			if layout != "" {
				oc, k = i%out, i/out
			}
			require.Equal(t, w[(1*out+oc)*size+k], v, "[C_in, C_out, kernel...]")
		}
		for i := range in * size {
			window := make([]float32, in*size)
			window[i] = 1
			ic, k := i/size, i%size
			if layout != "" {
				ic, k = i%in, i/in
			}
			got, _ := forward(t, "conv2d_k2_c2x3"+layout, runtime.NewShape(1, 2, 2), arrays{src: window, weights: w})
			for oc, v := range got {
				require.Equal(t, w[(oc*in+ic)*size+k], v, "[C_out, C_in, kernel...]")
			}
		}
	}
}

// TestPoolChoosesTheFirst of equal maxima; NaN is larger than any number, and padding
// smaller than the smallest. A window of nothing but padding is an error.
func TestPoolChoosesTheFirst(t *testing.T) {
	for _, c := range []struct {
		name    string
		src     []float32
		values  []float32
		indices []int64
	}{
		{"max_pool1d_k3s3_c1x1", []float32{5, 5, 5, 1, 7, 7, negative, 0, negative}, []float32{5, 7, negative}, []int64{0, 4, 6}},
		{"max_pool1d_k3s3_c1x1", []float32{1, nan, inf, nan, nan, 3, -inf, -inf, -inf}, []float32{nan, nan, -inf}, []int64{1, 3, 6}},
		{"max_pool1d_k3s3p1_c1x1", []float32{-3, -2, -inf, -inf, -inf}, []float32{-2, -inf}, []int64{1, 2}},
		{"max_pool2d_k2s2_c1x1", []float32{9, 9, 1, 2, 9, 9, 2, 2}, []float32{9, 2}, []int64{0, 3}},
	} {
		l := parse(t, c.name)
		s := runtime.NewShape(1, len(c.src))
		if l.Rank == 2 {
			s = runtime.NewShape(1, 2, len(c.src)/2)
		}
		got, at := forward(t, c.name, s, arrays{src: c.src})
		require.Equal(t, c.indices, at, c.name)
		for i, v := range c.values {
			require.True(t, got[i] == v || v != v && got[i] != got[i], "%s: output %d is %v, want %v", c.name, i, got[i], v)
		}
	}
	const empty = "max_pool2d_k2p1d2_c1x1"
	paths(t, parse(t, empty), func(target kerneltest.Target) {
		layer, err := target.New(parse(t, empty), kerneltest.Weights{}, kerneltest.Setup{Threads: 1})
		require.NoError(t, err)
		err = layer.Run(runtime.Args{Dst: make([]float32, 9), Src: make([]float32, 9)}, runtime.NewShape(1, 1, 9))
		require.ErrorContains(t, err, "window 0 holds no input")
	})
}

// TestBilinearOnAnInputIsThatInput, whatever lies beside it, and beyond the outermost
// ones those are repeated.
func TestBilinearOnAnInputIsThatInput(t *testing.T) {
	x := []float32{nan, 0.1, inf, 1e-45, nan, math.MaxFloat32, -inf}
	for name, place := range map[string]func(i int) int{
		"bilinear1d_s3_c1x1":              func(i int) int { return 3*i + 1 },
		"bilinear1d_s2asymmetric_c1x1":    func(i int) int { return 2 * i },
		"bilinear1d_n19aligncorners_c1x1": func(i int) int { return 3 * i },
		"bilinear1d_s3_c1x1_nhwc":         func(i int) int { return 3*i + 1 },
		"bilinear1d_n7aligncorners_c1x1":  func(i int) int { return i },
	} {
		paths(t, parse(t, name), func(target kerneltest.Target) {
			got, _, err := run(parse(t, name), target, 1, runtime.NewShape(1, len(x)), arrays{src: x})
			require.NoError(t, err)
			for i, v := range x {
				at := got[place(i)]
				require.True(t, at == v || v != v && at != at, "%s: input %d is %v, its output %v", target.Name, i, v, at)
			}
		})
	}
	got, _ := forward(t, "bilinear1d_s4_c1x1", runtime.NewShape(1, 2), arrays{src: []float32{3, 7}})
	require.Equal(t, []float32{3, 3, 3.5, 4.5, 5.5, 6.5, 7, 7}, got)
}

// TestAddedWeightsOverflow: a kernel that adds up weights has an infinite one where their
// sum overflows; two steps do not.
func TestAddedWeightsOverflow(t *testing.T) {
	const name = "resize_conv2d_k3s2p1_c1x1"
	w := make([]float32, 9)
	for i := range w {
		w[i] = 0x1p127
	}
	added := 0
	paths(t, parse(t, name), func(target kerneltest.Target) {
		l := parse(t, name)
		l.Bias = false
		got, _, err := run(l, target, 1, runtime.NewShape(1, 1, 1), arrays{src: []float32{0x1p-20}, weights: w})
		require.NoError(t, err)
		for _, v := range got {
			if target.Merge {
				require.Equal(t, inf, v, target.Name)
				added++
				continue
			}
			require.Equal(t, float32(0x1p109), v, target.Name)
		}
	})
	require.NotZero(t, added)
}

// everywhere are layers whose outputs of Go kernels and of the generic path are hashed.
var everywhere = []sample{
	{"conv_transpose2d_k4s2p1_c3x5", runtime.NewShape(2, 5, 9)},
	{"conv_transpose2d_k4s2p1_c3x5_nhwc", runtime.NewShape(2, 5, 9)},
	{"conv_transpose1d_k16s8p4_c7x5", runtime.NewShape(1, 11)},
	{"conv2d_k3p1_c3x5", runtime.NewShape(2, 5, 9)},
	{"resize_conv2d_k3s2p1_c3x5", runtime.NewShape(2, 5, 9)},
	{"resize_conv2d_k3s2p1bilinear_c3x5", runtime.NewShape(2, 5, 9)},
	{"bilinear2d_s2_c3x3", runtime.NewShape(2, 5, 9)},
	{"bilinear2d_n13x17aligncorners_c3x3", runtime.NewShape(2, 5, 9)},
}

// TestGoBitsAreTheSameEverywhere: Go kernels and the generic path have the same bits, which
// were hashed on amd64 once; every GOARCH and GOAMD64 must give them. Those that add up
// weights first have their own.
func TestGoBitsAreTheSameEverywhere(t *testing.T) {
	hash, outputs := fnv.New64a(), 0
	for _, s := range everywhere {
		l := parse(t, s.name)
		l.Bias = false
		src, _ := sizeOf(t, l, s.shape)
		a := arrays{src: floats(src, 1), weights: floats(weightsOf(l), 2)}
		first := map[bool][]float32{}
		paths(t, l, func(target kerneltest.Target) {
			if target.Fused {
				return
			}
			got, _, err := run(l, target, 1, s.shape, a)
			require.NoError(t, err)
			if want := first[target.Merge]; want != nil {
				require.Equal(t, want, got, target.Name)
				return
			}
			first[target.Merge] = got
			for _, v := range got {
				if v == 0 {
					v = 0 // zeros may differ in sign
				}
				require.NoError(t, binary.Write(hash, binary.LittleEndian, math.Float32bits(v)))
				outputs++
			}
		})
	}
	require.Greater(t, outputs, 5000)
	require.Equal(t, uint64(0x9926bcfebe09b0ac), hash.Sum64())
}
