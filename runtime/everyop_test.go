package runtime_test

import (
	"errors"
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

// opSamples are a layer or two of every op, in both layouts, with work enough for
// several goroutines.
var opSamples = []struct {
	name  string
	shape runtime.Shape
}{
	{"conv2d_k3s2p1_c24x32_relu", runtime.NewShape(2, 28, 30)},
	{"conv2d_k3s2p1_c24x32_relu_nhwc", runtime.NewShape(2, 28, 30)},
	{"conv2d_k3p1_c24x32_add_prelu_nhwc", runtime.NewShape(2, 18, 20)},
	{"conv_transpose2d_k4s2p1_c24x16_add_tanh_nhwc", runtime.NewShape(2, 18, 20)},
	{"conv2d_k3p1dw_c32x32_sigmoid_nhwc", runtime.NewShape(2, 30, 31)},
	{"resize_conv2d_k3s2p1_c12x16", runtime.NewShape(2, 18, 20)},
	{"resize_conv2d_k3s2p1bilinearreflect_c12x16_nhwc", runtime.NewShape(2, 18, 20)},
	{"nearest2d_s2_c64x64", runtime.NewShape(2, 30, 41)},
	{"nearest2d_n77x50halfpixel_c64x64_nhwc", runtime.NewShape(2, 30, 41)},
	{"bilinear2d_s2_c64x64", runtime.NewShape(2, 30, 41)},
	{"bilinear3d_n9x30x41_c16x16_nhwc", runtime.NewShape(2, 5, 31, 20)},
	{"bed_of_nails2d_s2_c64x64", runtime.NewShape(2, 30, 41)},
	{"max_pool2d_k3s2p1_c64x64", runtime.NewShape(2, 60, 81)},
	{"max_pool2d_k3s2p1tensor_c64x64_nhwc", runtime.NewShape(2, 60, 81)},
	{"max_unpool2d_k2s2_c64x64", runtime.NewShape(2, 30, 41)},
	{"max_unpool2d_k2s2tensor_c64x64_nhwc", runtime.NewShape(2, 30, 41)},
	{"pixel_shuffle2d_s2_c64x16", runtime.NewShape(2, 60, 81)},
	{"pixel_unshuffle2d_s2dcr_c16x64_nhwc", runtime.NewShape(2, 60, 82)},
}

// drawArgs are the arrays of one run of an op.
func drawArgs(t testing.TB, l specs.Layer, s runtime.Shape) (w kerneltest.Weights, a runtime.Args) {
	e, err := l.Resolve(s.Input[:l.Rank])
	require.NoError(t, err)
	src, dst := s.Batch*l.InChannels, s.Batch*l.OutChannels
	for _, x := range e {
		src, dst = src*x.In, dst*x.Out
	}
	a = runtime.Args{Dst: make([]float32, dst), Src: floats(src, 1)}
	if l.Op.Weighted() {
		w.Weights = floats(weightsOf(l), 2)
	}
	if l.Activation.Function == specs.PReLU {
		w.Slopes = floats(l.OutChannels, 3)
	}
	if l.Add {
		a.Residual = floats(dst, 4)
	}
	switch l.Op {
	case specs.MaxPool:
		a.Indices = make([]int64, dst)
	case specs.MaxUnpool:
		a.Indices = places(src, dst/s.Batch/l.OutChannels)
	}
	return w, a
}

// TestNoOpAllocates after the first run, on any path, with one goroutine or several,
// and none writes its inputs.
func TestNoOpAllocates(t *testing.T) {
	for _, sample := range opSamples {
		l := parse(t, sample.name)
		l.Bias = false
		w, a := drawArgs(t, l, sample.shape)
		src, residual := slices.Clone(a.Src), slices.Clone(a.Residual)
		for _, k := range registry(t).Candidates(l, cpu.Detect()) { // without guards, which allocate
			for _, threads := range []int{1, 3} {
				options := []runtime.Option{runtime.WithISA(k.ISA), runtime.WithThreads(threads)}
				if w.Slopes != nil {
					options = append(options, runtime.WithSlopes(w.Slopes))
				}
				layer, err := registry(t).New(l, w.Weights, w.Bias, options...)
				require.NoError(t, err)
				require.NoError(t, layer.Run(a, sample.shape))
				allocs := testing.AllocsPerRun(3, func() {
					if err := layer.Run(a, sample.shape); err != nil {
						panic(err)
					}
				})
				require.Zero(t, allocs, "%s, %d goroutines", k.Name, threads)
			}
		}
		requireBits(t, src, a.Src)
		requireBits(t, residual, a.Residual)
	}
}

// TestShapesOfEveryOpMayChange: what a call keeps for the next one leaves nothing
// behind in a call of other sizes.
func TestShapesOfEveryOpMayChange(t *testing.T) {
	for _, sample := range opSamples {
		l := parse(t, sample.name)
		l.Bias = false
		shapes := []runtime.Shape{sample.shape, sample.shape, sample.shape}
		shapes[1].Batch = 1
		for i := range l.Rank {
			shapes[2].Input[i] = sample.shape.Input[i] + 2
		}
		w, _ := drawArgs(t, l, sample.shape)
		paths(t, l, func(target kerneltest.Target) {
			kept, err := target.New(l, w, kerneltest.Setup{Threads: 2})
			require.NoError(t, err)
			for _, s := range slices.Concat(shapes, shapes) {
				_, a := drawArgs(t, l, s)
				require.NoError(t, kept.Run(a, s))
				got, at := slices.Clone(a.Dst), slices.Clone(a.Indices)
				fresh, err := target.New(l, w, kerneltest.Setup{Threads: 1})
				require.NoError(t, err)
				require.NoError(t, fresh.Run(a, s))
				requireBits(t, a.Dst, got, target.Name)
				require.Equal(t, a.Indices, at)
			}
		})
	}
}

// TestSharedBitsOfEveryOp: with helpers however little work there is, the generic
// path of every op makes the bits of one goroutine, for one caller and for many at
// once.
func TestSharedBitsOfEveryOp(t *testing.T) {
	processors(t, 4)
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	paths := 0
	for _, sample := range opSamples {
		l := parse(t, sample.name)
		l.Bias = false
		for _, k := range r.Candidates(l, cpu.Detect()) {
			sharedBits(t, r, l, sample.shape, k)
			paths++
		}
	}
	perOp := 1
	if hasAssembly() {
		perOp = 2
	}
	require.Greater(t, paths, perOp*len(opSamples))
}

// sharedBits runs a layer on one path in several goroutines, each of which has helpers.
func sharedBits(t *testing.T, r *runtime.Registry, l specs.Layer, s runtime.Shape, k runtime.Kernel) {
	t.Helper()
	w, want := drawArgs(t, l, s)
	opts := []runtime.Option{runtime.WithThreads(1), runtime.WithISA(k.ISA)}
	if w.Slopes != nil {
		opts = append(opts, runtime.WithSlopes(w.Slopes))
	}
	alone, err := r.New(l, w.Weights, nil, opts...)
	require.NoError(t, err)
	require.Equal(t, k.ISA, alone.ISA())
	require.NoError(t, alone.Run(want, s))
	shared, err := r.New(l, w.Weights, nil, append(opts, runtime.WithThreads(3))...)
	require.NoError(t, err)
	runtime.ShareAnyWork(shared)
	var wait sync.WaitGroup
	var got [3]runtime.Args
	var errs [3]error
	for i := range got {
		got[i] = want
		got[i].Dst = make([]float32, len(want.Dst))
		if l.Op == specs.MaxPool {
			got[i].Indices = make([]int64, len(want.Indices))
		}
		wait.Go(func() {
			for range 3 {
				errs[i] = errors.Join(errs[i], shared.Run(got[i], s))
			}
		})
	}
	wait.Wait()
	for i := range got {
		require.NoError(t, errs[i])
		requireBits(t, want.Dst, got[i].Dst, k.Name)
		require.Equal(t, want.Indices, got[i].Indices, k.Name)
	}
}

func BenchmarkGenericOps(b *testing.B) {
	r, err := runtime.NewRegistry()
	require.NoError(b, err)
	for _, sample := range opSamples {
		l := parse(b, sample.name)
		l.Bias = false
		w, a := drawArgs(b, l, sample.shape)
		opts := []runtime.Option{runtime.WithThreads(1)}
		if w.Slopes != nil {
			opts = append(opts, runtime.WithSlopes(w.Slopes))
		}
		layer, err := r.New(l, w.Weights, nil, opts...)
		require.NoError(b, err)
		b.Run(sample.name, func(b *testing.B) {
			b.SetBytes(int64(4 * (len(a.Src) + len(a.Dst))))
			for range b.N {
				if err := layer.Run(a, sample.shape); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
