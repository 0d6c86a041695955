package runtime_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// paths calls f with each path that this build and processor have for the layer:
// the kernels that serve it, then the generic path. Tests that use it hold kernels
// that are added later too.
func paths(t *testing.T, l specs.Layer, f func(target kerneltest.Target)) {
	t.Helper()
	for _, k := range registry(t).Candidates(l, cpu.Detect()) {
		if k.ISA == "generic" {
			f(kerneltest.GenericTarget(l))
			continue
		}
		f(kerneltest.TargetOf(k))
	}
}

// arrays are what one run of a layer takes.
type arrays struct {
	src, weights, bias, slopes, residual []float32
	indices                              []int64
}

// forward runs a layer, given by its canonical name, on every path and returns what
// all of them agree on: dst, and the indices of a max_pool. Paths round in different
// places, so sums of products must be exact.
func forward(t *testing.T, name string, s runtime.Shape, a arrays) (dst []float32, indices []int64) {
	t.Helper()
	return forwardLayer(t, parse(t, name), s, a)
}

func forwardLayer(t *testing.T, l specs.Layer, s runtime.Shape, a arrays) (dst []float32, indices []int64) {
	t.Helper()
	l.Bias = a.bias != nil
	ran := 0
	paths(t, l, func(target kerneltest.Target) {
		for threads := 1; threads <= 3; threads += 2 {
			got, found, err := run(l, target, threads, s, a)
			require.NoError(t, err, target.Name)
			if ran++; dst == nil {
				dst, indices = got, found
			}
			require.Equal(t, indices, found, target.Name)
			requireBits(t, dst, got, target.Name)
		}
	})
	require.NotZero(t, ran)
	return dst, indices
}

// run is one run of one path, on a dst full of NaN.
func run(l specs.Layer, target kerneltest.Target, threads int, s runtime.Shape, a arrays) (dst []float32, indices []int64, err error) {
	layer, err := target.New(l, kerneltest.Weights{Weights: a.weights, Bias: a.bias, Slopes: a.slopes}, kerneltest.Setup{Threads: threads})
	if err != nil {
		return nil, nil, err
	}
	n, err := layer.(*runtime.Layer).DstLen(s)
	if err != nil {
		return nil, nil, err
	}
	indices = a.indices
	if l.Op == specs.MaxPool {
		indices = make([]int64, n)
	}
	dst = slices.Repeat([]float32{nan}, n)
	return dst, indices, layer.Run(runtime.Args{Dst: dst, Src: a.src, Residual: a.residual, Indices: indices}, s)
}

// whole are n whole numbers that are small, not 0 and differ from their neighbours,
// so that sums of their products are exact.
func whole(n, seed int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32((i*7+i*i*3+seed*5)%11 - 5)
		if s[i] == 0 {
			s[i] = 6
		}
	}
	return s
}

// sizeOf is the number of elements of a layer's input or output.
func sizeOf(t *testing.T, l specs.Layer, s runtime.Shape) (src, dst int) {
	t.Helper()
	e, err := l.Resolve(s.Input[:l.Rank])
	require.NoError(t, err, l.Canonical())
	src, dst = s.Batch*l.InChannels, s.Batch*l.OutChannels
	for _, x := range e {
		src, dst = src*x.In, dst*x.Out
	}
	return src, dst
}

// weightsOf is the number of weights of a layer.
func weightsOf(l specs.Layer) int {
	if !l.Op.Weighted() {
		return 0
	}
	n, _ := specs.Product(l.WeightsShape()...)
	return n
}
