package runtime_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// TestUnpoolClearsAhead: the generic path, which clears outputs ahead of the inputs that
// lead into their own windows, leaves what clearing all of them first does: of windows side
// by side, overlapping, apart and cropped, of one to three axes, of what a max_pool finds and
// of inputs that lead beyond, at the beginning, in the middle and at the end.
func TestUnpoolClearsAhead(t *testing.T) {
	r, err := runtime.NewRegistry(nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name  string
		shape runtime.Shape
	}{
		{"max_unpool2d_k2s2_c2x2", runtime.NewShape(2, 90, 61)},
		{"max_unpool2d_k2s2tensor_c2x2", runtime.NewShape(2, 90, 61)},
		{"max_unpool2d_k3s2p1_c3x3", runtime.NewShape(1, 70, 50)},
		{"max_unpool2d_k2s3_c2x2", runtime.NewShape(1, 60, 40)},
		{"max_unpool2d_k2s2n185x130_c2x2", runtime.NewShape(1, 90, 61)},
		{"max_unpool2d_k2s2n100x110_c2x2", runtime.NewShape(1, 90, 61)},
		{"max_unpool2d_k2s2_c5x5_nhwc", runtime.NewShape(2, 70, 43)},
		{"max_unpool2d_k2s2tensor_c5x5_nhwc", runtime.NewShape(2, 70, 43)},
		{"max_unpool3d_k2s2_c2x2", runtime.NewShape(1, 7, 19, 23)},
		{"max_unpool3d_k3x2x2s2n9x40x46_c2x2", runtime.NewShape(1, 7, 19, 23)},
		{"max_unpool1d_k2s2_c3x3", runtime.NewShape(1, 4000)},
	} {
		l := parse(t, c.name)
		layer, err := r.New(l, nil, nil, runtime.WithThreads(1))
		require.NoError(t, err)
		src, err := layer.SrcLen(c.shape)
		require.NoError(t, err)
		dst, err := layer.DstLen(c.shape)
		require.NoError(t, err)
		values := floats(src, 7)
		for _, beyond := range []int{-1, 0, src / 2, src - 1} {
			indices := windowIndices(t, &l, c.shape)
			if last := slices.Max(indices); beyond >= 0 { // to the end, and another one to the beginning
				indices[beyond], indices[src/3] = last, indices[0]
			}
			want := placed(&l, c.shape.Batch, values, indices, dst)
			for _, a := range []runtime.Args{{Indices: indices}, {Indices32: narrowed(indices)}} {
				a.Src, a.Dst = values, floats(dst, 8)
				require.NoError(t, layer.Run(a, c.shape))
				require.Equal(t, want, a.Dst, "%s, beyond at %d", c.name, beyond)
			}
		}
	}
}

// windowIndices draws indices that lead into their own windows, as far as those lie in the
// output, in the order of memory.
func windowIndices(t *testing.T, l *specs.Layer, s runtime.Shape) (indices []int64) {
	t.Helper()
	e, err := l.Resolve(s.Input[:l.Rank])
	require.NoError(t, err)
	in, out := 1, 1
	for _, x := range e {
		in, out = in*x.In, out*x.Out
	}
	r := rand.New(rand.NewPCG(9, uint64(out)))
	for i := range s.Batch * l.InChannels * in {
		plane, pixel, ch := i/in, i%in, 0
		if l.Layout == specs.NHWC {
			plane, pixel, ch = i/in/l.InChannels, i/l.InChannels%in, i%l.InChannels
		}
		at, size := 0, 1
		for a := len(e) - 1; a >= 0; a-- {
			x := e[a]
			o := min(max(pixel%x.In*x.Stride-x.PadBegin+r.IntN(x.Kernel), 0), x.Out-1)
			at, size, pixel = at+o*size, size*x.Out, pixel/x.In
		}
		switch {
		case l.Indices == specs.TensorIndices && l.Layout == specs.NHWC:
			at = (plane*out+at)*l.InChannels + ch
		case l.Indices == specs.TensorIndices:
			at += plane * out
		}
		indices = append(indices, int64(at))
	}
	return indices
}

// placed is the definition: every input where its index says, one after the other.
func placed(l *specs.Layer, batch int, values []float32, indices []int64, n int) []float32 {
	dst := make([]float32, n)
	inner := 1
	if l.Layout == specs.NHWC {
		inner = l.InChannels
	}
	planes := batch * l.InChannels / inner
	for i, at := range indices {
		to := int(at)
		if l.Indices == specs.PlaneIndices {
			to = i/(len(values)/planes)*(n/planes) + to*inner + i%inner
		}
		dst[to] = values[i]
	}
	return dst
}
