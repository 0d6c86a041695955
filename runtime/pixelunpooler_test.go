package runtime_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// pixelSample is a max_unpool by 2 of pixels, whose output may be larger than its blocks.
type pixelSample struct {
	images, rows, cols, channels int
	height, width                int
	tensor                       bool
}

func (s pixelSample) name() string {
	name := fmt.Sprintf("max_unpool2d_k2s2n%dx%d", s.height, s.width)
	if s.tensor {
		name += "tensor"
	}
	return fmt.Sprintf("%s_c%dx%d_nhwc", name, s.channels, s.channels)
}

// own draws indices that lead into their own blocks, as those of a max_pool do.
func (s pixelSample) own() (indices []int64) {
	r := rand.New(rand.NewPCG(5, uint64(s.channels)))
	for image := range s.images {
		for row := range s.rows {
			for col := range s.cols {
				for ch := range s.channels {
					indices = append(indices, s.index(image, min(2*row+r.IntN(2), s.height-1), min(2*col+r.IntN(2), s.width-1), ch))
				}
			}
		}
	}
	return indices
}

func (s pixelSample) index(image, y, x, ch int) int64 {
	if s.tensor {
		return int64(((image*s.height+y)*s.width+x)*s.channels + ch)
	}
	return int64(y*s.width + x)
}

// TestUnpoolOfPixels on every path: of pixels that fill a vector and of others, into
// whole blocks and parts of some; of indices in their own blocks, and of one image that
// has others.
func TestUnpoolOfPixels(t *testing.T) {
	moved := map[string]int{} // elements that kernels wrote, by their name
	var kernels []runtime.Kernel
	for _, k := range prebuilt.Kernels() {
		if strings.HasPrefix(k.Name, "max_unpool2d_k2s2_nhwc_") {
			pool := k.Pool
			k.Pool = func(dst, src, aid []float32, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line int) {
				moved[k.ISA] += move * rows * cols * taps
				pool(dst, src, aid, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line)
			}
			kernels = append(kernels, k)
		}
	}
	r, err := runtime.NewRegistry(kernels)
	require.NoError(t, err)
	ran := 0
	for _, s := range []pixelSample{
		{2, 5, 7, 3, 10, 14, false}, {2, 5, 7, 8, 10, 14, true}, {2, 5, 7, 16, 11, 15, false}, {2, 4, 9, 21, 8, 18, true}, {1, 3, 5, 40, 7, 9, true},
		{3, 6, 4, 33, 11, 7, false}, {1, 1, 3, 700, 2, 6, true}, {1, 1, 1, 32, 1, 1, false}, {2, 40, 50, 17, 80, 100, false},
	} {
		for _, foreign := range []bool{false, true} {
			indices := s.own()
			if image := len(indices) / s.images; foreign {
				indices[len(indices)-1], indices[len(indices)-image] = s.index(s.images-1, 0, 0, s.channels-1), s.index(s.images-1, s.height-1, s.width-1, 0)
			}
			src := floats(len(indices), 6)
			spec := parse(t, s.name())
			want := placed(&spec, s.images, src, indices, s.images*s.height*s.width*s.channels)
			for _, k := range r.Candidates(spec, cpu.Detect()) {
				l, err := r.New(spec, nil, nil, runtime.WithISA(k.ISA), runtime.WithThreads(1))
				require.NoError(t, err)
				for _, a := range []runtime.Args{{Indices: indices}, {Indices32: narrowed(indices)}} {
					before := moved[k.ISA]
					a.Src, a.Dst = src, make([]float32, len(want))
					require.NoError(t, l.Run(a, runtime.NewShape(s.images, s.rows, s.cols)))
					require.Equal(t, want, a.Dst, "%s by %s", s.name(), l.Kernel())
					if lanes := k.Tile.Lanes; k.ISA != "generic" && s.channels >= lanes && !foreign && s.rows > 1 {
						require.Equal(t, min(s.rows, s.height/2)*min(s.cols, s.width/2)*s.channels*s.images, moved[k.ISA]-before, k.Name)
					}
					ran++
				}
			}
		}
	}
	require.GreaterOrEqual(t, ran, 36)
}

// TestUnpoolOfPixelsRefusesBadIndices on every path: the error names the first one, and
// dst is as it was.
func TestUnpoolOfPixelsRefusesBadIndices(t *testing.T) {
	for _, tensor := range []bool{false, true} {
		s, what := pixelSample{1, 4, 6, 21, 8, 12, tensor}, "plane"
		size := s.height * s.width
		if tensor {
			size, what = size*s.channels, "array"
		}
		eachUnpool(t, strings.Replace(s.name(), "n8x12", "", 1), func(t *testing.T, l *runtime.Layer) {
			for _, at := range []int{0, 7, 20, 21, 200, 503} {
				for _, bad := range []int64{-1, int64(size), s.own()[at] + 1<<32, -1 << 63} {
					a := runtime.Args{Indices: s.own(), Src: make([]float32, 504), Dst: []float32{}}
					a.Indices[at], a.Indices[503] = bad, bad
					a.Dst = make([]float32, 4*504)
					for i := range a.Dst {
						a.Dst[i] = 7
					}
					require.EqualError(t, l.Run(a, runtime.NewShape(1, 4, 6)), fmt.Sprintf("runtime: index %d is %d; the output %s has %d elements", at, bad, what, size))
					for _, v := range a.Dst {
						require.Equal(t, float32(7), v)
					}
				}
			}
		})
	}
}

// TestKernelsThatAreNotFilledAreNoCandidates: what runs is what Kernel names.
func TestKernelsThatAreNotFilledAreNoCandidates(t *testing.T) {
	kernel := func(name, isa string, lanes int) runtime.Kernel {
		k := stub(t, name, isa)
		k.Run, k.Tile.Lanes = nil, lanes
		if k.Layer.Op == specs.MaxUnpool {
			k.Move = nil
			k.Pool = func(_, _, _ []float32, _, _, _, _, _, _, _, _, _, _, _, _, _, _ int) {}
		} else {
			k.Move = func(_, _ []float32, _, _, _, _, _, _ int) {}
		}
		return k
	}
	list := []runtime.Kernel{
		kernel("max_unpool2d_k2s2_nhwc", "avx512", 16), kernel("max_unpool2d_k2s2_nhwc", "avx2", 8),
		kernel("pixel_shuffle2d_s2dcr_nhwc", "avx2", 8), kernel("pixel_shuffle2d_s2dcr_c12x3_nhwc", "go", 1),
	}
	for name, want := range map[string]string{
		"max_unpool2d_k2s2_c16x16_nhwc": "avx512", "max_unpool2d_k2s2_c8x8_nhwc": "avx2", "max_unpool2d_k2s2_c7x7_nhwc": "generic", "pixel_shuffle2d_s2dcr_c8x2_nhwc": "generic",
		"pixel_shuffle2d_s2dcr_c16x4_nhwc": "avx2", "pixel_shuffle2d_s2dcr_c12x3_nhwc": "go",
	} {
		l := parse(t, name)
		r, err := runtime.NewRegistry(list)
		require.NoError(t, err)
		require.Equal(t, want, r.Candidates(l, ^cpu.Features(0))[0].ISA, name)
	}
}
