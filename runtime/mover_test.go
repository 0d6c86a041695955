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

// TestMovesKeepBits: kernels that move values give the very bits of the generic path,
// whatever they are: NaN with any payload, -0, denormals.
func TestMovesKeepBits(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	for _, name := range []string{
		"nearest2d_s2_c3x3", "nearest2d_s4_c3x3", "nearest2d_s8_c2x2", "nearest2d_s2halfpixel_c3x3", "bed_of_nails2d_s2_c3x3",
		"pixel_shuffle2d_s2_c12x3", "pixel_shuffle2d_s3dcr_c27x3", "pixel_shuffle2d_s4_c32x2",
		"pixel_unshuffle2d_s2_c3x12", "pixel_unshuffle2d_s3dcr_c3x27", "pixel_unshuffle2d_s4_c2x32", "nearest1d_s2_c5x5", "nearest2d_s2aligncorners_c3x3", "nearest2d_s2aligncornersceil_c2x2", "nearest2d_n50x84_c3x3",
		"pixel_shuffle2d_s2_c68x17_nhwc", "pixel_unshuffle2d_s2_c21x84_nhwc", "pixel_shuffle2d_s2dcr_c12x3_nhwc", "pixel_shuffle2d_s2dcr_c68x17_nhwc", "pixel_shuffle2d_s2dcr_c192x48_nhwc", "pixel_unshuffle2d_s2dcr_c21x84_nhwc", "pixel_unshuffle2d_s2dcr_c3x12_nhwc",
		"nearest2d_s2_c3x3_nhwc", "nearest2d_s2halfpixel_c3x3_nhwc",
		"nearest2d_s2_c8x8_nhwc", "nearest2d_s2_c16x16_nhwc", "nearest2d_s2_c21x21_nhwc", "nearest2d_s2_c75x75_nhwc", "bed_of_nails2d_s2_c5x5_nhwc", "bed_of_nails2d_s2_c21x21_nhwc",
	} {
		l := parse(t, name)
		for _, size := range []int{12, 48, 396} {
			s := runtime.Shape{Batch: 2}
			for i := range l.Rank {
				s.Input[i] = size
			}
			isas, want := map[string]bool{}, []uint32(nil)
			ks := r.Candidates(l, cpu.Detect())
			for i := len(ks) - 1; i >= 0; i-- { // the generic path first
				for _, threads := range []int{1, 3} {
					layer, err := r.New(l, nil, nil, runtime.WithISA(ks[i].ISA), runtime.WithThreads(threads))
					require.NoError(t, err)
					got := bitsOf(t, layer, s)
					if want == nil {
						want = got
					}
					require.Equal(t, want, got, "%s at %v", layer.Kernel(), s)
				}
				isas[ks[i].ISA] = true
			}
			require.True(t, isas["go"] || onlyVectors[name], name)
		}
	}
}

// onlyVectors are layers that without vectors run on the generic path.
var onlyVectors = map[string]bool{
	"nearest2d_s2_c8x8_nhwc": true, "nearest2d_s2_c16x16_nhwc": true, "nearest2d_s2_c21x21_nhwc": true, "nearest2d_s2_c75x75_nhwc": true,
	"pixel_shuffle2d_s2dcr_c68x17_nhwc": true, "pixel_shuffle2d_s2dcr_c192x48_nhwc": true, "pixel_unshuffle2d_s2dcr_c21x84_nhwc": true, "pixel_unshuffle2d_s2dcr_c3x12_nhwc": true,
	"bed_of_nails2d_s2_c5x5_nhwc": true, "bed_of_nails2d_s2_c21x21_nhwc": true,
}

// bitsOf are the outputs of a layer for any bits at all.
func bitsOf(t *testing.T, l *runtime.Layer, s runtime.Shape) []uint32 {
	t.Helper()
	n, err := l.SrcLen(s)
	require.NoError(t, err)
	m, err := l.DstLen(s)
	require.NoError(t, err)
	src, dst, bits := make([]float32, n), make([]float32, m), make([]uint32, m)
	random := rand.New(rand.NewPCG(9, 0))
	for i := range src {
		src[i] = math.Float32frombits(random.Uint32() | uint32(i%2)*0x7f800000)
	}
	require.NoError(t, l.Forward(dst, src, s))
	for i, v := range dst {
		bits[i] = math.Float32bits(v)
	}
	return bits
}
