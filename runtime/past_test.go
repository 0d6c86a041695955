package runtime_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// streamed are layers whose outputs may go past the caches, with a shape whose rows mostly are
// no whole vectors and whose pieces are several.
var streamed = []struct {
	layer string
	shape runtime.Shape
}{
	{"nearest2d_s2_c3x3", runtime.NewShape(2, 37, 29)},
	{"nearest2d_s4_c2x2", runtime.NewShape(1, 33, 17)},
	{"nearest1d_s2_c5x5", runtime.NewShape(2, 613)},
	{"bed_of_nails2d_s2_c3x3", runtime.NewShape(1, 41, 31)},
	{"pixel_shuffle2d_s2_c12x3", runtime.NewShape(2, 35, 27)},
	{"pixel_shuffle2d_s3_c18x2", runtime.NewShape(1, 31, 19)},
	{"bilinear2d_s2_c3x3", runtime.NewShape(1, 39, 33)},
	{"bilinear2d_s8aligncorners_c2x2", runtime.NewShape(2, 11, 15)},
	{"bilinear2d_s2_c21x21_nhwc", runtime.NewShape(1, 9, 13)},
	{"max_unpool2d_k2s2_c3x3", runtime.NewShape(2, 37, 29)},
	{"max_unpool2d_k2s2_c3x3", runtime.NewShape(2, 37, 48)}, // of whole vectors
}

// TestOutputsPastTheCaches: outputs that are written past the caches are the same, wherever
// dst begins, on any number of goroutines, and nothing beside them changes.
func TestOutputsPastTheCaches(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	vectors := 0
	for _, row := range streamed {
		l := parse(t, row.layer)
		for _, k := range r.Candidates(l, cpu.Detect()) {
			if k.ISA == "generic" {
				continue
			}
			t.Run(k.Name, func(t *testing.T) {
				want := outputsOf(t, r, l, row.shape, k.ISA, 0, 0, 1)
				for offset := range 17 {
					require.Equal(t, want, outputsOf(t, r, l, row.shape, k.ISA, 1, offset, 1+offset%3), "dst begins %d elements later", offset)
				}
			})
			if k.ISA != "go" {
				vectors++
			}
		}
	}
	if cpu.Detect().Has(cpu.AVX2) && len(prebuilt.Kernels()) > 0 {
		t.Logf("%d kernels in assembly", vectors)
	}
}

// outputsOf runs a layer on one path, with a cache of so many bytes and dst so many elements
// after the beginning of an array.
func outputsOf(t *testing.T, r *runtime.Registry, l specs.Layer, s runtime.Shape, isa string, cache, offset, threads int) []float32 {
	t.Helper()
	layer, err := r.New(l, nil, nil, runtime.WithISA(isa), runtime.WithCache(cache), runtime.WithThreads(threads))
	require.NoError(t, err)
	runtime.ShareAnyWork(layer)
	past, err := runtime.Past(layer, s)
	require.NoError(t, err)
	require.Equal(t, cache > 0, past)
	n, err := layer.SrcLen(s)
	require.NoError(t, err)
	m, err := layer.DstLen(s)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(5, 0))
	a := runtime.Args{Src: make([]float32, n)}
	for i := range a.Src {
		a.Src[i] = float32(random.IntN(1000) + 1)
	}
	if l.Op == specs.MaxUnpool {
		a.Indices = ownBlocks(s, l.InChannels, random)
	}
	const before, beside = 32, -7
	array := make([]float32, before+m+32)
	for i := range array {
		array[i] = beside
	}
	a.Dst = array[before-16+offset:][:m]
	require.NoError(t, layer.Run(a, s))
	for i, v := range array {
		if i < before-16+offset || i >= before-16+offset+m {
			require.EqualValues(t, beside, v, "element %d beside dst", i)
		}
	}
	return a.Dst
}

// ownBlocks are indices within planes that lead to an element of the input's own block of
// 2 x 2.
func ownBlocks(s runtime.Shape, channels int, random *rand.Rand) []int64 {
	h, w := s.Input[0], s.Input[1]
	var list []int64
	for range s.Batch * channels {
		for y := range h {
			for x := range w {
				list = append(list, int64((2*y+random.IntN(2))*2*w+2*x+random.IntN(2)))
			}
		}
	}
	return list
}

// TestSmallOutputsStayInTheCaches: by default outputs that the last level cache holds are
// stored as usual, and larger ones are not.
func TestSmallOutputsStayInTheCaches(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	l := parse(t, "nearest2d_s2_c1x1")
	for cache, want := range map[int]bool{0: false, 1: true, 4*4*100*100 - 1: true, 4 * 4 * 100 * 100: false} {
		layer, err := r.New(l, nil, nil, runtime.WithISA("go"), runtime.WithCache(cache))
		require.NoError(t, err)
		past, err := runtime.Past(layer, runtime.NewShape(1, 100, 100))
		require.NoError(t, err)
		require.Equal(t, want, past, cache)
	}
	_, err = r.New(l, nil, nil, runtime.WithCache(-1))
	require.EqualError(t, err, "runtime: a cache of -1 bytes; want 0 or more")
}
