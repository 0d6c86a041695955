package polyphase

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

// mirrored is the definition of a border: the element of n that stands at place i.
func mirrored(b specs.Border, i, n int) (at int, ok bool) {
	switch {
	case i >= 0 && i < n:
		return i, true
	case b == specs.ZeroBorder:
		return 0, false
	case b == specs.Replicate:
		return min(max(i, 0), n-1), true
	case i < 0:
		return -i, true
	default:
		return 2*n - 2 - i, true
	}
}

// blend is element o of in enlarged, times 2*scale, which is what its weights are parts of.
func blend(l specs.Layer, in []int, o int) int {
	s := l.Axes[0].Scale
	if l.Interpolation == specs.InterpolateNearest {
		return 2 * s * in[o/s]
	}
	num := 2*o + 1 - s // the place (o+1/2)/s - 1/2, times 2*s
	first := floorDiv(num, 2*s)
	rest := num - 2*s*first
	at := func(i int) int { return in[min(max(i, 0), len(in)-1)] }
	return (2*s-rest)*at(first) + rest*at(first+1)
}

// enlargedThenConvolved is the definition of a resize_conv on one axis, times 2*scale.
func enlargedThenConvolved(l specs.Layer, in, w []int) []int {
	a := l.Axes[0]
	wide := len(in) * a.Scale
	out := make([]int, wide+a.PadBegin+a.PadEnd-a.Dilation*(a.Kernel-1))
	for o := range out {
		for k, v := range w {
			if at, ok := mirrored(l.Border, o+a.Dilation*k-a.PadBegin, wide); ok {
				out[o] += v * blend(l, in, at)
			}
		}
	}
	return out
}

// forEachResize calls f with every valid layer of one axis with these keys.
func forEachResize(f func(l specs.Layer)) {
	for _, how := range []specs.Interpolation{specs.InterpolateNearest, specs.InterpolateBilinear} {
		for _, border := range []specs.Border{specs.ZeroBorder, specs.Reflect, specs.Replicate} {
			for i := range 4 * 5 * 5 * 6 * 6 {
				l := specs.NewLayer(specs.ResizeConv, 1)
				l.Interpolation, l.Border = how, border
				l.Axes[0] = specs.Axis{Scale: 1 + i%4, Kernel: 1 + i/4%5, Dilation: 1 + i/20%5, PadBegin: i / 100 % 6, PadEnd: i / 600}
				if len(l.Validate()) == 0 {
					f(l)
				}
			}
		}
	}
}

// TestSeenExhaustive: the axes of kernels, applied to what kernels see, are the
// definition: enlarge, surround, convolve.
func TestSeenExhaustive(t *testing.T) {
	sets, merged := 0, 0
	forEachResize(func(l specs.Layer) {
		axes, inputs, ok := Seen(&l)
		require.True(t, ok, l.Canonical())
		require.True(t, inputs[0].Own() || l.Border != specs.ZeroBorder || !Merges(&l))
		for _, p := range axes[0].Phases {
			for i := 1; i < len(p.Taps); i++ {
				require.Equal(t, axes[0].Step(), p.Taps[i].Delta-p.Taps[i-1].Delta, l.Canonical())
			}
		}
		if Merges(&l) {
			merged++
		}
		for in := 1; in <= 6; in++ {
			if _, err := l.Extent(0, in); err != nil {
				continue
			}
			x, w := distinct(in, 31), distinct(l.Axes[0].Kernel, 97)
			pairs := make([]Pair, inputs[0].Size(in))
			inputs[0].Map(pairs, in)
			seen := make([]int, len(pairs))
			for i, p := range pairs {
				parts := 2 * l.Axes[0].Scale
				second := int(p.Weight.Num) * parts / int(p.Weight.Den)
				require.Equal(t, int(p.Weight.Num)*parts, second*int(p.Weight.Den))
				seen[i] = (parts-second)*x[p.First] + second*x[p.Second]
			}
			require.Equal(t, enlargedThenConvolved(l, x, w), Eval(axes[0], seen, w), "%s in=%d", l.Canonical(), in)
			sets++
		}
	})
	require.Greater(t, sets, 10000)
	require.Greater(t, merged, 1000)
}
