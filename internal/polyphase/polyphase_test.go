package polyphase

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// scatter is the definition of the transposed convolution on one axis: each
// input stamps the kernel on the full output, which is then cropped.
func scatter(g Geometry, in, w []int) []int {
	full := make([]int, g.Stride*(len(in)-1)+g.Dilation*(g.Kernel-1)+1+g.OutputPadding)
	for i, x := range in {
		for k, v := range w {
			full[g.Stride*i+g.Dilation*k] += x * v
		}
	}
	return full[g.PadBegin : len(full)-g.PadEnd]
}

// distinct returns n integers whose pairwise products and sums do not collide
// easily, so that a wrong index changes a result.
func distinct(n, seed int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = 1 + (seed*(i+1)*(i+7))%10007
	}
	return v
}

// TestExhaustive compares the gathering axis with the scattering definition on
// every set of in <= 6, k <= 7, s <= 5, d <= 3, output padding < max(s, d) and
// pads 0..4 that gives an output. Axes separate, so this covers N-D.
func TestExhaustive(t *testing.T) {
	sets := 0
	forEachGeometry(func(in int, g Geometry) {
		a := Transposed(g)
		x, w := distinct(in, 31), distinct(g.Kernel, 97)
		want := scatter(g, x, w)
		require.Equal(t, len(want), a.Out(in), "%+v in=%d", g, in)
		require.Equal(t, want, Eval(a, x, w), "%+v in=%d", g, in)
		checkRanges(t, a, g, in)
		sets++
	})
	require.Equal(t, 48063, sets)
}

func forEachGeometry(f func(in int, g Geometry)) {
	for in := 1; in <= 6; in++ {
		for k := 1; k <= 7; k++ {
			for s := 1; s <= 5; s++ {
				for d := 1; d <= 3; d++ {
					forEachPadding(in, Geometry{Kernel: k, Stride: s, Dilation: d}, f)
				}
			}
		}
	}
}

func forEachPadding(in int, g Geometry, f func(in int, g Geometry)) {
	for op := range max(g.Stride, g.Dilation) {
		for pb := range 5 {
			for pe := range 5 {
				g.PadBegin, g.PadEnd, g.OutputPadding = pb, pe, op
				if g.Stride*(in-1)+op+g.Dilation*(g.Kernel-1)+1-pb-pe > 0 {
					f(in, g)
				}
			}
		}
	}
}

// checkRanges holds counts, interiors and valid taps against their definition.
func checkRanges(t *testing.T, a Axis, g Geometry, in int) {
	outputs := 0
	for _, p := range a.Phases {
		n := p.Count(in)
		outputs += n
		from, to := p.Interior(in)
		for q := range n {
			lo, hi := p.Valid(q, in, a.InStride)
			require.Equal(t, q >= from && q < to, hi-lo == len(p.Taps), "%+v in=%d phase %d q=%d", g, in, p.Offset, q)
		}
	}
	require.Equal(t, a.Out(in), outputs, "%+v in=%d", g, in)
}

func TestStringShowsPhases(t *testing.T) {
	a := Transposed(Geometry{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1, PadEnd: 1})
	require.Equal(t, ""+
		"phase 0: in[q-1]*w3 + in[q]*w1   q in [0,in), interior [1,in)\n"+
		"phase 1: in[q]*w2 + in[q+1]*w0   q in [0,in), interior [0,in-1)\n", a.String())
}

func TestStepIsTheSameInAllPhases(t *testing.T) {
	forEachGeometry(func(in int, g Geometry) {
		a := Transposed(g)
		for _, p := range a.Phases {
			for i := 1; i < len(p.Taps); i++ {
				require.Equal(t, a.Step(), p.Taps[i].Delta-p.Taps[i-1].Delta, "%+v", g)
			}
		}
	})
}

// TestOverlapCounts: the number of stamps that reach an output inside.
func TestOverlapCounts(t *testing.T) {
	for _, c := range []struct{ k, s, least, most int }{{3, 2, 1, 2}, {4, 2, 2, 2}, {5, 2, 2, 3}, {2, 2, 1, 1}, {1, 3, 0, 1}} {
		a := Transposed(Geometry{Kernel: c.k, Stride: c.s, Dilation: 1})
		require.Equal(t, c.least, a.MinTaps(), "k%d s%d", c.k, c.s)
		require.Equal(t, c.most, a.MaxTaps(), "k%d s%d", c.k, c.s)
	}
}

// TestEvenPhases: the work of all phases in units of the largest.
func TestEvenPhases(t *testing.T) {
	for _, c := range []struct{ k, s, d, want int }{{4, 2, 1, 2}, {3, 2, 1, 2}, {3, 2, 2, 1}, {1, 3, 1, 1}, {7, 4, 1, 4}, {5, 4, 1, 3}, {4, 1, 1, 1}} {
		a := Transposed(Geometry{Kernel: c.k, Stride: c.s, Dilation: c.d})
		require.Equal(t, c.want, a.EvenPhases(), "%+v", c)
	}
	require.Equal(t, 1, Axis{OutStride: 1, Phases: []Phase{{}}}.EvenPhases())
}
