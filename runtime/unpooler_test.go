package runtime_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
)

// eachUnpool calls f with every path of max_unpool by 2, of 3 channels.
func eachUnpool(t *testing.T, name string, f func(t *testing.T, l *runtime.Layer)) {
	t.Helper()
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	l := parse(t, name)
	for _, k := range r.Candidates(l, cpu.Detect()) {
		for _, threads := range []int{1, 3} {
			layer, err := r.New(l, nil, nil, runtime.WithISA(k.ISA), runtime.WithThreads(threads))
			require.NoError(t, err)
			runtime.ShareAnyWork(layer)
			t.Run(fmt.Sprintf("%s_%d", layer.Kernel(), threads), func(t *testing.T) { f(t, layer) })
		}
	}
}

// blockCorners are the indices of the first element of the 2 x 2 block of each input.
func blockCorners(channels, rows, cols int, tensor bool) []int64 {
	indices := make([]int64, channels*rows*cols)
	for i := range indices {
		plane, row, col := i/(rows*cols), i/cols%rows, i%cols
		indices[i] = int64(2*row*2*cols + 2*col)
		if tensor {
			indices[i] += int64(plane * 4 * rows * cols)
		}
	}
	return indices
}

// TestUnpoolRefusesBadIndices of either width on every path, wherever they are: the
// error names the first one, and dst is as it was. An index of 2^32+3 is not 3.
func TestUnpoolRefusesBadIndices(t *testing.T) {
	const rows, cols = 11, 37
	for _, tensor := range []bool{false, true} {
		name, size, what := "max_unpool2d_k2s2_c3x3", 4*rows*cols, "plane"
		if tensor {
			name, size, what = "max_unpool2d_k2s2tensor_c3x3", 3*4*rows*cols, "array"
		}
		eachUnpool(t, name, func(t *testing.T, l *runtime.Layer) {
			for _, at := range []int{0, 1, 36, 37, 5*cols + 17, rows*cols - 1, rows * cols, 3*rows*cols - 1} {
				good := blockCorners(3, rows, cols, tensor)
				for _, bad := range []int64{-1, int64(size), good[at] + 1<<32, good[at] - 1<<32, 1<<63 - 1} {
					indices := append([]int64(nil), good...)
					indices[at], indices[len(indices)-1] = bad, bad
					want := fmt.Sprintf("runtime: index %d is %d; the output %s has %d elements", at, bad, what, size)
					refused(t, l, runtime.Args{Indices: indices}, want)
					if int64(int32(bad)) == bad {
						refused(t, l, runtime.Args{Indices32: narrowed(indices)}, want)
					}
				}
			}
		})
	}
}

func narrowed(indices []int64) []int32 {
	narrow := make([]int32, len(indices))
	for i, v := range indices {
		narrow[i] = int32(v)
	}
	return narrow
}

// refused runs the layer on 3 channels of 11 x 37 and wants the error and nothing
// written.
func refused(t *testing.T, l *runtime.Layer, a runtime.Args, want string) {
	t.Helper()
	n := len(a.Indices) + len(a.Indices32)
	a.Src, a.Dst = make([]float32, n), make([]float32, 4*n)
	for i := range a.Dst {
		a.Dst[i] = 7
	}
	require.EqualError(t, l.Run(a, runtime.NewShape(1, 11, 37)), want)
	for i, v := range a.Dst {
		require.Equal(t, float32(7), v, i)
	}
}

// TestUnpoolOfOtherBlocks: one plane has an index in the block of another input, which
// comes twice, the others do not. On every path the last input of a place stays.
func TestUnpoolOfOtherBlocks(t *testing.T) {
	const rows, cols = 11, 37
	eachUnpool(t, "max_unpool2d_k2s2_c3x3", func(t *testing.T, l *runtime.Layer) {
		indices := blockCorners(3, rows, cols, false)
		indices[rows*cols+5] = indices[rows*cols+400]
		indices[rows*cols+406] = indices[rows*cols+20]
		src, want := make([]float32, len(indices)), make([]float32, 4*len(indices))
		for i, at := range indices {
			src[i] = float32(i + 1)
			want[i/(rows*cols)*4*rows*cols+int(at)] = src[i]
		}
		for _, a := range []runtime.Args{{Indices: indices}, {Indices32: narrowed(indices)}} {
			a.Src, a.Dst = src, make([]float32, len(want))
			require.NoError(t, l.Run(a, runtime.NewShape(1, rows, cols)))
			require.Equal(t, want, a.Dst)
		}
	})
}

// TestUnpoolKernelsWriteWholePlanes: what a max_pool found is written by the kernel,
// without scattering; its second step is seen.
func TestUnpoolKernelsWriteWholePlanes(t *testing.T) {
	for _, k := range prebuilt.Kernels() {
		if !strings.HasPrefix(k.Name, "max_unpool2d_k2s2_avx") || !cpu.Detect().Has(k.Needs) {
			continue
		}
		moved, pool := 0, k.Pool
		k.Pool = func(dst, src, aid []float32, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line int) {
			moved += move * rows * cols
			pool(dst, src, aid, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line)
		}
		r, err := runtime.NewRegistry([]runtime.Kernel{k})
		require.NoError(t, err)
		l, err := r.New(parse(t, "max_unpool2d_k2s2_c3x3"), nil, nil, runtime.WithISA(k.ISA), runtime.WithThreads(1))
		require.NoError(t, err)
		indices := blockCorners(3, 11, 37, false)
		require.NoError(t, l.Run(runtime.Args{Dst: make([]float32, 4*len(indices)), Src: make([]float32, len(indices)), Indices: indices}, runtime.NewShape(1, 11, 37)))
		require.Equal(t, len(indices), moved, k.Name)
	}
}
