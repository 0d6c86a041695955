package polyphase

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// windows is the definition of the convolution on one axis of a padded input.
func windows(g Geometry, in, w []int) []int {
	padded := append(append(make([]int, g.PadBegin), in...), make([]int, g.PadEnd)...)
	var out []int
	for start := 0; start+g.Dilation*(g.Kernel-1) < len(padded); start += g.Stride {
		sum := 0
		for k, v := range w {
			sum += v * padded[start+g.Dilation*k]
		}
		out = append(out, sum)
	}
	return out
}

// forEachWindow calls f with every geometry of in <= 6, k <= 7, s <= 5, d <= 3 and
// pads 0..4 that gives an output.
func forEachWindow(f func(in int, g Geometry)) {
	forEachGeometry(func(in int, g Geometry) {
		if g.OutputPadding == 0 && in+g.PadBegin+g.PadEnd > g.Dilation*(g.Kernel-1) {
			f(in, g)
		}
	})
}

// TestConvolvedExhaustive compares the axis with the windows.
func TestConvolvedExhaustive(t *testing.T) {
	sets := 0
	forEachWindow(func(in int, g Geometry) {
		a, x, w := Convolved(g), distinct(in, 31), distinct(g.Kernel, 97)
		want := windows(g, x, w)
		require.Equal(t, len(want), a.Out(in), "%+v in=%d", g, in)
		require.Equal(t, want, Eval(a, x, w), "%+v in=%d", g, in)
		requireInterior(t, a, g, in)
		sets++
	})
	require.Greater(t, sets, 5000)
}

// requireInterior: every tap is inside exactly for q in [Lo, (in+Hi)/InStride).
func requireInterior(t *testing.T, a Axis, g Geometry, in int) {
	t.Helper()
	for _, p := range a.Phases {
		for q := range a.Out(in) {
			lo, hi := p.Valid(q, in, a.InStride)
			inside := q >= p.Lo && q < floorDiv(in+p.Hi, a.InStride)
			require.Equal(t, inside, hi-lo == len(p.Taps), "%+v in=%d q=%d", g, in, q)
			for i, tap := range p.Taps {
				from, to := tap.Range(a.Out(in), in, a.InStride)
				require.Equal(t, i >= lo && i < hi, q >= from && q < to)
			}
		}
	}
}

// TestResizedExhaustive compares merged taps with the two steps.
func TestResizedExhaustive(t *testing.T) {
	sets := 0
	forEachWindow(func(in int, g Geometry) {
		scale := g.Stride
		g.Stride = 1
		var wide []int
		for _, v := range distinct(in, 31) {
			for range scale {
				wide = append(wide, v)
			}
		}
		want := windows(g, wide, distinct(g.Kernel, 97))
		if len(want) == 0 {
			return
		}
		a := Resized(g, scale)
		require.Equal(t, len(want), a.Out(in), "%+v x%d in=%d", g, scale, in)
		require.Equal(t, want, Eval(a, distinct(in, 31), distinct(g.Kernel, 97)), "%+v x%d in=%d", g, scale, in)
		sets++
	})
	require.Greater(t, sets, 5000)
}

// TestPlace: an output q reads column q+column of the inputs with the tap's remainder,
// within the columns that the axis reaches.
func TestPlace(t *testing.T) {
	taps := 0
	for stride := 1; stride <= 4; stride++ {
		for pad := range 6 {
			a := Convolved(Geometry{Kernel: 7, Stride: stride, Dilation: 2, PadBegin: pad})
			least, most := a.ReachColumns()
			columns := map[int]bool{}
			for _, tap := range a.Phases[0].Taps {
				column, remainder := a.Place(tap.Delta)
				require.True(t, remainder >= 0 && remainder < stride, "%+v", tap)
				require.Equal(t, tap.Delta, stride*column+remainder)
				columns[column] = true
				taps++
			}
			for c := range columns {
				require.True(t, least <= c && c <= most)
			}
			require.True(t, columns[least] && columns[most], "the reach is no wider than the taps")
		}
	}
	require.Equal(t, 4*6*7, taps)
}
