package runtime_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
)

// TestLinearKernelsHaveOneOrder: every path gives the bits of the generic one, for rows
// of less than a vector and of many tiles, and on any number of goroutines. NaN and
// infinities are among the inputs: they reach the same outputs.
func TestLinearKernelsHaveOneOrder(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	for _, name := range []string{
		"bilinear2d_s2_c3x3", "bilinear2d_s4_c2x2", "bilinear2d_s8_c2x2", "bilinear2d_s2aligncorners_c3x3", "bilinear2d_s8aligncorners_c2x2", "bilinear1d_s2_c5x5",
		"bilinear2d_s2_c21x21_nhwc", "bilinear2d_s2_c100x100_nhwc",
	} {
		l := parse(t, name)
		for _, size := range [][2]int{{1, 1}, {1, 9}, {5, 1}, {2, 3}, {3, 16}, {7, 33}, {4, 70}, {130, 6}, {2, 2100}} {
			s := runtime.Shape{Batch: 2, Input: [3]int{size[0], size[1]}}
			if l.Rank == 1 {
				s.Input = [3]int{size[0] * size[1]}
			}
			isas, want := map[string]bool{}, []uint32(nil)
			ks := r.Candidates(l, cpu.Detect())
			for i := len(ks) - 1; i >= 0; i-- { // the generic path first
				for _, threads := range []int{1, 3} {
					layer, err := r.New(l, nil, nil, runtime.WithISA(ks[i].ISA), runtime.WithThreads(threads))
					require.NoError(t, err)
					got := weighedBits(t, layer, s)
					if want == nil {
						want = got
					}
					require.Equal(t, want, got, "%s at %v", layer.Kernel(), s)
				}
				isas[ks[i].ISA] = true
			}
			require.True(t, isas["go"], name)
		}
	}
}

// weighedBits are the outputs for inputs of which some are not finite; all NaN are one.
func weighedBits(t *testing.T, l *runtime.Layer, s runtime.Shape) []uint32 {
	t.Helper()
	n, err := l.SrcLen(s)
	require.NoError(t, err)
	m, err := l.DstLen(s)
	require.NoError(t, err)
	src, dst, bits := make([]float32, n), make([]float32, m), make([]uint32, m)
	random := rand.New(rand.NewPCG(11, 0))
	bad := []float32{nan, inf, -inf, negative, math.MaxFloat32, 1e-45}
	for i := range src {
		if src[i] = float32(random.NormFloat64()); random.IntN(19) == 0 {
			src[i] = bad[random.IntN(len(bad))]
		}
	}
	require.NoError(t, l.Forward(dst, src, s))
	for i, v := range dst {
		if bits[i] = math.Float32bits(v); v != v {
			bits[i] = math.Float32bits(nan)
		}
	}
	return bits
}

// TestLinearKernelsServeTheirPositions and no others: a scale and a coordinate.
func TestLinearKernelsServeTheirPositions(t *testing.T) {
	k := stub(t, "bilinear2d_s2", "go")
	k.Run, k.Move = nil, nil
	k.Linear = func(_, _, _, _, _ []float32, _, _, _, _, _, _, _, _, _, _ int) {}
	for name, want := range map[string][]string{
		"bilinear2d_s2_c3x3": {k.Name}, "bilinear2d_s2_c3x3_i4x5": {k.Name}, "bilinear2d_s2x3_c3x3": nil, "bilinear2d_s2aligncorners_c3x3": nil,
		"bilinear2d_n8x8_c3x3": nil, "bilinear2d_s2_c3x3_nhwc": nil, "bilinear1d_s2_c3x3": nil, "nearest2d_s2_c3x3": nil,
	} {
		require.Equal(t, want, names(t, parse(t, name), 0, []runtime.Kernel{k}), name)
	}
}

// TestPixelKernelsServeTheirBlocks and no others: rounding may make another input of an
// output, whatever the scale.
func TestPixelKernelsServeTheirBlocks(t *testing.T) {
	k := stub(t, "nearest2d_s2_nhwc", "avx2")
	k.Run, k.Move = nil, nil
	k.Linear = func(_, _, _, _, _ []float32, _, _, _, _, _, _, _, _, _, _ int) {}
	for name, want := range map[string][]string{
		"nearest2d_s2_c3x3_nhwc": {k.Name}, "nearest2d_s2halfpixel_c40x40_nhwc": {k.Name}, "nearest2d_s2_c3x3_i4x5_nhwc": {k.Name}, "nearest2d_s2ceil_c3x3_nhwc": nil,
		"nearest2d_s2aligncorners_c3x3_nhwc": nil, "nearest2d_s3_c3x3_nhwc": nil, "nearest2d_n8x8_c3x3_nhwc": nil, "nearest2d_s2_c3x3": nil, "bed_of_nails2d_s2_c3x3_nhwc": nil,
	} {
		require.Equal(t, want, names(t, parse(t, name), 0, []runtime.Kernel{k}), name)
	}
}
