package kerneltest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// layer2d is a 2-D layer with one channel each way, to be changed by tests.
func layer2d(kernel, stride, pad int) specs.Layer {
	l := specs.Layer{Op: specs.ConvTranspose, Rank: 2, Groups: 1, InChannels: 1, OutChannels: 1}
	for i := range l.Rank {
		l.Axes[i] = specs.Axis{Kernel: kernel, Stride: stride, Dilation: 1, PadBegin: pad, PadEnd: pad}
	}
	return l
}

// layer1d is the same on one axis.
func layer1d(kernel, stride, pad int) specs.Layer {
	l := layer2d(kernel, stride, pad)
	l.Rank, l.Axes[1] = 1, specs.Axis{}
	return l
}

// layer3d is the same on three axes.
func layer3d(kernel, stride, pad int) specs.Layer {
	l := layer2d(kernel, stride, pad)
	l.Rank, l.Axes[2] = 3, l.Axes[0]
	return l
}

// with returns l after a change.
func with(l specs.Layer, change func(*specs.Layer)) specs.Layer {
	change(&l)
	return l
}

func ones(n int) []float32 {
	s := make([]float32, n)
	fill(s, 1)
	return s
}

func TestOracleKnownResults(t *testing.T) {
	square := []float32{0, 1, 2, 3}
	for _, test := range []struct {
		name               string
		layer              specs.Layer
		shape              runtime.Shape
		src, weights, bias []float32
		want               []float64
	}{
		{"stride 1", layer2d(2, 1, 0), runtime.NewShape(1, 2, 2), square, square, nil,
			[]float64{0, 0, 1, 0, 4, 6, 4, 12, 9}},
		{"padding 1", layer2d(2, 1, 1), runtime.NewShape(1, 2, 2), square, square, nil, []float64{4}},
		{"stride 2", layer2d(2, 2, 0), runtime.NewShape(1, 2, 2), square, square, nil,
			[]float64{0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9}},
		{"transpose of a convolution", layer2d(2, 1, 0), runtime.NewShape(1, 2, 2),
			[]float32{27, 37, 57, 67}, []float32{1, 2, 3, 4}, nil,
			[]float64{27, 91, 74, 138, 400, 282, 171, 429, 268}},
		{"overlap k3 s2", layer1d(3, 2, 0), runtime.NewShape(1, 3), ones(3), ones(3), nil, []float64{1, 1, 2, 1, 2, 1, 1}},
		{"overlap k4 s2", layer1d(4, 2, 0), runtime.NewShape(1, 3), ones(3), ones(4), nil, []float64{1, 1, 2, 2, 2, 2, 1, 1}},
		{"overlap k5 s2", layer1d(5, 2, 0), runtime.NewShape(1, 4), ones(4), ones(5), nil,
			[]float64{1, 1, 2, 2, 3, 2, 3, 2, 2, 1, 1}},
		{"overlap k2 s2", layer1d(2, 2, 0), runtime.NewShape(1, 3), ones(3), ones(2), nil, []float64{1, 1, 1, 1, 1, 1}},
		{"kernel shorter than stride, bias", with(layer1d(1, 3, 0), func(l *specs.Layer) { l.Bias = true }),
			runtime.NewShape(1, 2), []float32{2, 3}, []float32{10}, []float32{7}, []float64{27, 7, 7, 37}},
		{"dilation", with(layer1d(2, 1, 0), func(l *specs.Layer) { l.Axes[0].Dilation = 3 }),
			runtime.NewShape(1, 2), []float32{1, 2}, []float32{10, 100}, nil, []float64{10, 20, 0, 100, 200}},
		{"asymmetric padding", with(layer1d(3, 1, 0), func(l *specs.Layer) { l.Axes[0].PadBegin, l.Axes[0].PadEnd = 2, 1 }),
			runtime.NewShape(1, 3), []float32{1, 2, 3}, []float32{1, 10, 100}, nil, []float64{123, 230}},
		{"output padding", with(layer1d(2, 2, 0), func(l *specs.Layer) { l.Axes[0].OutputPadding = 1 }),
			runtime.NewShape(1, 2), []float32{1, 2}, []float32{3, 4}, nil, []float64{3, 4, 6, 8, 0}},
		{"output size", with(layer1d(3, 2, 1), func(l *specs.Layer) { l.Axes[0].OutputSize = 4 }),
			runtime.NewShape(1, 2), []float32{1, 2}, []float32{1, 10, 100}, nil, []float64{10, 102, 20, 200}},
		{"same_upper", with(layer1d(3, 2, 0), func(l *specs.Layer) { l.Padding = specs.SameUpper }),
			runtime.NewShape(1, 2), []float32{1, 2}, []float32{1, 10, 100}, nil, []float64{1, 10, 102, 20}},
		{"same_lower", with(layer1d(3, 2, 0), func(l *specs.Layer) { l.Padding = specs.SameLower }),
			runtime.NewShape(1, 2), []float32{1, 2}, []float32{1, 10, 100}, nil, []float64{10, 102, 20, 200}},
		{"channels and batch", with(layer1d(1, 1, 0), func(l *specs.Layer) { l.InChannels, l.OutChannels, l.Bias = 2, 3, true }),
			runtime.NewShape(2, 1), []float32{1, 2, 3, 4}, []float32{1, 2, 3, 10, 20, 30}, []float32{100, 200, 300},
			[]float64{121, 242, 363, 143, 286, 429}},
		{"groups", with(layer1d(1, 1, 0), func(l *specs.Layer) { l.InChannels, l.OutChannels, l.Groups = 4, 2, 2 }),
			runtime.NewShape(1, 1), []float32{1, 2, 3, 4}, []float32{1, 10, 100, 1000}, nil, []float64{21, 4300}},
		{"depthwise", with(layer1d(2, 2, 0), func(l *specs.Layer) {
			l.InChannels, l.OutChannels, l.Groups, l.Depthwise = 2, 2, 0, true
		}), runtime.NewShape(1, 1), []float32{1, 2}, []float32{3, 4, 5, 6}, nil, []float64{3, 4, 10, 12}},
		{"3-D", layer3d(2, 2, 0), runtime.NewShape(1, 1, 1, 2), []float32{1, 10}, []float32{1, 2, 3, 4, 5, 6, 7, 8}, nil,
			[]float64{1, 2, 10, 20, 3, 4, 30, 40, 5, 6, 50, 60, 7, 8, 70, 80}},
		{"channels last", with(layer1d(2, 2, 0), func(l *specs.Layer) { l.InChannels, l.OutChannels, l.Layout = 2, 2, specs.NHWC }),
			runtime.NewShape(1, 2), []float32{1, 2, 3, 4}, []float32{1, 2, 10, 20, 100, 200, 1000, 2000}, nil,
			// planes 0: 1*1+2*100, 1*2+2*200, 3*1+4*100, 3*2+4*200; plane 1 is ten times that
			[]float64{201, 402, 403, 806, 2010, 4020, 4030, 8060}},
		{"axes differ", with(layer2d(1, 1, 0), func(l *specs.Layer) {
			l.Axes[0] = specs.Axis{Kernel: 2, Stride: 1, Dilation: 2}
			l.Axes[1] = specs.Axis{Kernel: 1, Stride: 2, Dilation: 1}
		}), runtime.NewShape(1, 1, 2), []float32{1, 2}, []float32{10, 100}, nil, []float64{10, 0, 20, 0, 0, 0, 100, 0, 200}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Oracle(test.layer, test.shape, test.src, test.weights, test.bias)
			require.NoError(t, err)
			require.Equal(t, test.want, got.Exact)
			for _, fused := range []bool{false, true} {
				bits, err := Reference(test.layer, test.shape, test.src, test.weights, test.bias, fused)
				require.NoError(t, err)
				if test.layer.Layout == specs.NCHW {
					require.NoError(t, got.Equal(bits.Values))
				}
			}
		})
	}
}

// Weights of distinct magnitude make the running sums show the order of the terms.
func TestOracleOrder(t *testing.T) {
	l := with(layer1d(2, 1, 0), func(l *specs.Layer) { l.InChannels, l.Bias = 2, true })
	e, err := Oracle(l, runtime.NewShape(1, 2), []float32{1, -2, 4, -8}, []float32{1, 10, 100, 1000}, []float32{5})
	require.NoError(t, err)
	require.Equal(t, []float64{406, 3213, -8015}, e.Exact)
	// Output 1: 5, then channel 0: position 0 * w1, position 1 * w0; then channel 1.
	require.Equal(t, 15.0+13+4013+3213, e.Partial[1])
	require.Equal(t, 10.0+2+4000+800, e.Product[1])
	require.Equal(t, []int{2, 4, 2}, []int{e.Terms(0), e.Terms(1), e.Terms(2)})
}

func TestOracleRejectsWrongSizes(t *testing.T) {
	l := layer1d(2, 1, 0)
	for _, test := range []struct {
		name         string
		layer        specs.Layer
		shape        runtime.Shape
		src, weights int
		bias         []float32
		want         string
	}{
		{"src", l, runtime.NewShape(1, 3), 2, 2, nil, "src has 2 elements, want 3"},
		{"weights", l, runtime.NewShape(1, 3), 3, 3, nil, "weights has 3 elements, want 2"},
		{"bias", l, runtime.NewShape(1, 3), 3, 2, ones(1), "bias has 1 elements, want 0"},
		{"batch", l, runtime.NewShape(0, 3), 0, 2, nil, "must be positive"},
		{"input", l, runtime.NewShape(1, 0), 0, 2, nil, "input size 0 is not positive"},
		{"op", with(l, func(l *specs.Layer) { l.Op = "nearest" }), runtime.NewShape(1, 3), 3, 2, nil, `nearest has no weights`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Oracle(test.layer, test.shape, make([]float32, test.src), make([]float32, test.weights), test.bias)
			require.ErrorContains(t, err, test.want)
			_, err = Reference(test.layer, test.shape, make([]float32, test.src), make([]float32, test.weights), test.bias, true)
			require.ErrorContains(t, err, test.want)
		})
	}
}
