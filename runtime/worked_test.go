package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

var (
	square = []float32{0, 1, 2, 3}
	line   = []float32{1, 2, 3, 4}
)

// The numbers that every text on these layers works out.

func TestWorkedTransposedConvolution(t *testing.T) {
	for name, want := range map[string][]float32{
		"conv_transpose2d_k2_c1x1":   {0, 0, 1, 0, 4, 6, 4, 12, 9},
		"conv_transpose2d_k2p1_c1x1": {4},
		"conv_transpose2d_k2s2_c1x1": {0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9},
	} {
		got, _ := forward(t, name, runtime.NewShape(1, 2, 2), arrays{src: square, weights: square})
		require.Equal(t, want, got, name)
		got, _ = forward(t, name+"_nhwc", runtime.NewShape(1, 2, 2), arrays{src: square, weights: square})
		require.Equal(t, want, got, name)
	}
}

func TestWorkedConvolutionAsAMatrix(t *testing.T) {
	x := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8}
	y, _ := forward(t, "conv2d_k2_c1x1", runtime.NewShape(1, 3, 3), arrays{src: x, weights: line})
	require.Equal(t, []float32{27, 37, 57, 67}, y)
	back, _ := forward(t, "conv_transpose2d_k2_c1x1", runtime.NewShape(1, 2, 2), arrays{src: y, weights: line})
	require.Equal(t, []float32{27, 91, 74, 138, 400, 282, 171, 429, 268}, back)
}

func TestWorkedPooling(t *testing.T) {
	x := []float32{1, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8}
	y, at := forward(t, "max_pool2d_k2s2_c1x1", runtime.NewShape(1, 4, 4), arrays{src: x})
	require.Equal(t, []float32{5, 6, 7, 8}, y)
	require.Equal(t, []int64{5, 2, 12, 15}, at)
	back, _ := forward(t, "max_unpool2d_k2s2_c1x1", runtime.NewShape(1, 2, 2), arrays{src: line, indices: at})
	require.Equal(t, []float32{0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4}, back)
}

func TestWorkedOverlaps(t *testing.T) {
	ones := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
	for name, want := range map[string][]float32{
		"conv_transpose1d_k3s2_c1x1": {1, 1, 2, 1, 2, 1, 2, 1, 1},
		"conv_transpose1d_k4s2_c1x1": {1, 1, 2, 2, 2, 2, 2, 2, 1, 1},
		"conv_transpose1d_k5s2_c1x1": {1, 1, 2, 2, 3, 2, 3, 2, 2, 1, 1},
		"conv_transpose1d_k2s2_c1x1": {1, 1, 1, 1, 1, 1, 1, 1},
	} {
		l := parse(t, name)
		got, _ := forward(t, name, runtime.NewShape(1, 4), arrays{src: ones[:4], weights: ones[:l.Axes[0].Kernel]})
		require.Equal(t, want, got, name)
	}
}

func TestWorkedBilinear(t *testing.T) {
	third := float32(4) / 3
	for name, want := range map[string][]float32{
		"bilinear2d_s2_c1x1":             {1, 1.25, 1.75, 2},
		"bilinear2d_s2aligncorners_c1x1": {1, third, 5.0 / 3, 2},
		"bilinear2d_s2asymmetric_c1x1":   {1, 1.5, 2, 2},
	} {
		got, _ := forward(t, name, runtime.NewShape(1, 2, 2), arrays{src: line})
		require.InDeltaSlice(t, want, got[:4], 1e-6, name)
	}
}

func TestWorkedResizeConv(t *testing.T) {
	w := []float32{1, 10, 100}
	want := []float32{110, 211, 221, 322, 332, 433, 443, 44}
	got, _ := forward(t, "resize_conv1d_k3s2p1_c1x1", runtime.NewShape(1, 4), arrays{src: line, weights: w})
	require.Equal(t, want, got)
	wide, _ := forward(t, "nearest1d_s2_c1x1", runtime.NewShape(1, 4), arrays{src: line})
	got, _ = forward(t, "conv1d_k3p1_c1x1", runtime.NewShape(1, 8), arrays{src: wide, weights: w})
	require.Equal(t, want, got)
}

// TestWorkedBorder: bilinear weights in a transposed convolution darken the corner,
// where a resize does not.
func TestWorkedBorder(t *testing.T) {
	w := make([]float32, 16)
	for i := range w {
		w[i] = []float32{0.25, 0.75, 0.75, 0.25}[i/4] * []float32{0.25, 0.75, 0.75, 0.25}[i%4]
	}
	ones := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
	got, _ := forward(t, "conv_transpose2d_k4s2p1_c1x1", runtime.NewShape(1, 3, 3), arrays{src: ones, weights: w})
	require.Equal(t, float32(0.5625), got[0])
	got, _ = forward(t, "bilinear2d_s2_c1x1", runtime.NewShape(1, 3, 3), arrays{src: ones})
	require.Equal(t, float32(1), got[0])
}

// TestWorkedShuffles: PyTorch and TensorFlow take different channels for a pixel.
func TestWorkedShuffles(t *testing.T) {
	x := []float32{0, 1, 2, 3, 4, 5, 6, 7} // eight channels of one pixel
	for name, want := range map[string][]float32{
		"pixel_shuffle2d_s2_c8x2":         {0, 1, 2, 3, 4, 5, 6, 7},
		"pixel_shuffle2d_s2dcr_c8x2":      {0, 2, 4, 6, 1, 3, 5, 7},
		"pixel_shuffle2d_s2_c8x2_nhwc":    {0, 4, 1, 5, 2, 6, 3, 7},
		"pixel_shuffle2d_s2dcr_c8x2_nhwc": {0, 1, 2, 3, 4, 5, 6, 7},
	} {
		got, _ := forward(t, name, runtime.NewShape(1, 1, 1), arrays{src: x})
		require.Equal(t, want, got, name)
	}
}

// TestWorkedActivations: the residual comes before the function.
func TestWorkedActivations(t *testing.T) {
	x, w := []float32{-3, -1, 0, 2, 9}, []float32{1}
	for name, want := range map[string][]float32{
		"relu": {0, 0, 0, 2, 9}, "relu6": {0, 0, 0, 2, 6}, "leakyrelu0p5": {-1.5, -0.5, 0, 2, 9}, "prelu": {-30, -10, 0, 2, 9}, "clampm2x3": {-2, -1, 0, 2, 3},
	} {
		a := arrays{src: x, weights: w}
		if name == "prelu" {
			a.slopes = []float32{10}
		}
		got, _ := forward(t, "conv1d_k1_c1x1_"+name, runtime.NewShape(1, 5), a)
		require.Equal(t, want, got, name)
	}
	got, _ := forward(t, "conv1d_k1_c1x1_add_relu", runtime.NewShape(1, 5), arrays{src: x, weights: w, residual: []float32{4, 0, -1, -3, 1}})
	require.Equal(t, []float32{1, 0, 0, 0, 10}, got)
	got, _ = forward(t, "conv1d_k1_c1x1_relu", runtime.NewShape(1, 1), arrays{src: []float32{nan}, weights: w})
	require.True(t, got[0] != got[0], "relu(NaN) is NaN")
}
