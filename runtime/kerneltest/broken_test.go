//go:build linux

package kerneltest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// brokenKernels are mistakes that kernels make, and what has to see them.
var brokenKernels = []struct {
	name   string
	fault  fault
	seenBy string
}{
	{"drops the last tap of the first output", fault{term: func(c *cursor) bool {
		return c.place != 0 || c.ic != c.channels-1 || c.k != [3]int{0, 1, 1}
	}}, "integers: not exact: 1 of"},
	{"drops the first channel of the last output", fault{term: func(c *cursor) bool {
		last := c.out[1] == c.e[1].Out-1 && c.out[2] == c.e[2].Out-1 && c.oc == c.g.layer.OutChannels-1
		return !last || c.ic != 0
	}}, "integers: not exact"},
	{"mirrors the kernel", fault{term: func(c *cursor) bool {
		c.k[2] = c.e[2].Kernel - 1 - c.k[2]
		return true
	}}, "integers: not exact"},
	{"swaps the axes of the kernel", fault{term: func(c *cursor) bool {
		c.k[1], c.k[2] = c.k[2], c.k[1]
		return true
	}}, "integers: not exact"},
	{"adds a term twice", fault{factor: func(c *cursor, x, w float32) (float32, float32) {
		if c.terms == 1 && c.oc == 2 {
			return 2 * x, w
		}
		return x, w
	}}, "integers: not exact"},
	{"adds to what dst held", fault{sum: func(c *cursor, sum float32) float32 {
		return sum + math.Float32frombits(canary)
	}}, "integers: not exact"},
	{"forgets the bias", fault{start: func(*cursor, float32) float32 { return 0 }}, "integers: not exact"},
	{"takes the next channel's bias", fault{start: func(c *cursor, bias float32) float32 {
		return c.g.bias[(c.oc+1)%len(c.g.bias)]
	}}, "integers: not exact"},
	{"forgets the tail of a row", fault{skip: func(c *cursor) bool {
		return c.out[2] >= c.e[2].Out/8*8
	}}, "integers: not exact"},
	{"forgets the last channel", fault{skip: func(c *cursor) bool {
		return c.oc >= c.g.layer.OutChannels/4*4
	}}, "integers: not exact"},
	{"takes the wrong phase", fault{term: func(c *cursor) bool {
		c.k[2] ^= 1
		return true
	}}, "integers: not exact"},
	{"reads the first item of the batch for all", fault{term: func(c *cursor) bool {
		c.n = 0
		return true
	}}, "integers: not exact"},
	{"adds nothing at the border", fault{term: func(c *cursor) bool {
		return c.in[1] > 0
	}}, "integers: not exact"},
	{"reads src before its start", fault{after: touch(func(_, src []float32) { use(*at(src, -1)) })},
		"guard at the head: fault in src: element -1 of"},
	{"reads src after its end", fault{after: touch(func(_, src []float32) { use(*at(src, len(src))) })},
		"guard at the tail: fault in src: element"},
	{"writes dst before its start", fault{after: touch(func(dst, _ []float32) { *at(dst, -1) = 0 })},
		"guard at the head: fault in dst: element -1 of"},
	{"writes dst after its end", fault{after: touch(func(dst, _ []float32) { *at(dst, len(dst)) = 0 })},
		"dst was written at element"},
	{"writes src", fault{after: touch(func(_, src []float32) { src[0] = 0 })}, "fault in src: element 0 of"},
	{"reads weights after their end", fault{after: func(g *gather, _, _ []float32) { use(*at(g.weights, len(g.weights))) }},
		"guard at the tail: fault in weights: element"},
	{"reads bias before its start", fault{after: func(g *gather, _, _ []float32) { use(*at(g.bias, -1)) }},
		"guard at the head: fault in bias: element -1 of"},
	{"index out of range", fault{after: touch(func(_, src []float32) { use(src[len(src)+len(src)/99]) })}, "index out of range"},
	{"sums in another order", fault{backwards: true}, "normal: not"},
	{"cuts weights to TF32", fault{factor: func(_ *cursor, x, w float32) (float32, float32) {
		return x, math.Float32frombits(math.Float32bits(w) &^ (1<<13 - 1))
	}}, "normal: not within the bound"},
	{"flushes denormal inputs", fault{factor: func(_ *cursor, x, w float32) (float32, float32) {
		return flush(x), flush(w)
	}}, "denormal: not exact"},
	{"flushes denormal results", fault{sum: func(_ *cursor, sum float32) float32 { return flush(sum) }}, "denormal: not exact"},
	{"skips terms whose input is NaN", fault{factor: func(_ *cursor, x, w float32) (float32, float32) {
		if x != x || w != w {
			return 0, 0
		}
		return x, w
	}}, "special: not bit for bit"},
	{"depends on the goroutines", fault{sum: func(c *cursor, sum float32) float32 {
		if c.g.threads > 1 && c.place == 17 {
			return -sum
		}
		return sum
	}}, "3 goroutines, guard at the tail: dst[0 0"},
	{"adds the bias twice", fault{start: func(_ *cursor, bias float32) float32 { return 2 * bias }}, "integers: not exact"},
	{"negates one output", fault{sum: func(c *cursor, sum float32) float32 {
		if c.place == 3 {
			return -sum
		}
		return sum
	}}, "integers: not exact: 1 of"},
	{"returns the bits of half precision", fault{sum: func(_ *cursor, sum float32) float32 {
		return math.Float32frombits(math.Float32bits(sum) &^ (1<<13 - 1))
	}}, "not exact"},
	{"keeps zeros", fault{sum: func(*cursor, float32) float32 { return 0 }}, "integers: not exact"},
}

// touch makes a fault of an access to dst and src.
func touch(access func(dst, src []float32)) func(*gather, []float32, []float32) {
	return func(_ *gather, dst, src []float32) { access(dst, src) }
}

// sink keeps the compiler from dropping a read.
var sink float32

func use(v float32) { sink += v }

// brokenCase has several of everything.
func brokenCase() Case {
	l := with(layer2d(4, 2, 1), func(l *specs.Layer) { l.InChannels, l.OutChannels, l.Bias = 5, 6, true })
	return Case{l, runtime.NewShape(2, 3, 5)}
}

func TestCheckCatchesBrokenKernels(t *testing.T) {
	for _, test := range brokenKernels {
		t.Run(test.name, func(t *testing.T) {
			for _, fused := range []bool{false, true} {
				_, err := test.fault.target(fused).Check(brokenCase(), 1)
				require.ErrorContains(t, err, test.seenBy)
				require.ErrorContains(t, err, "conv_transpose2d_k4s2p1_c5x6 batch 2 input [3 5]")
			}
		})
	}
	require.GreaterOrEqual(t, len(brokenKernels), 31)
}

// TestImpulsesSeeEveryTerm: one kernel element that is taken for another, or left out,
// for one pair of channels.
func TestImpulsesSeeEveryTerm(t *testing.T) {
	c, ok, err := ImpulseCase(brokenCase().Layer, sampledWork)
	require.NoError(t, err)
	require.True(t, ok)
	r, err := fault{}.target(true).CheckImpulses(c)
	require.NoError(t, err)
	require.Positive(t, r.Outputs)
	for i := range 16 {
		at := [3]int{0, i / 4, i % 4}
		for name, f := range map[string]fault{
			"left out": {term: func(c *cursor) bool { return c.k != at || c.ic != 1 || c.oc != 2 }},
			"mirrored": {term: func(c *cursor) bool {
				if c.k == at && c.ic == 1 && c.oc == 2 {
					c.k = [3]int{0, 3 - at[1], 3 - at[2]}
				}
				return true
			}},
		} {
			_, err := f.target(true).CheckImpulses(c)
			require.ErrorContains(t, err, "impulses: not exact", "%s %v", name, at)
		}
	}
	_, ok, err = ImpulseCase(brokenCase().Layer, 1)
	require.NoError(t, err)
	require.False(t, ok, "too much work")
}

// An unfused kernel under the bound of a fused one is not what it says it is.
func TestCheckTellsFusedFromUnfused(t *testing.T) {
	target := fault{}.target(false)
	target.Fused = true
	_, err := target.Check(brokenCase(), 1)
	require.ErrorContains(t, err, "normal: not")
}

func TestCheckNeedsTheRightKernel(t *testing.T) {
	target := fault{}.target(false)
	target.Name = "other"
	_, err := target.Check(brokenCase(), 1)
	require.ErrorContains(t, err, "kernel gather ran, not other")
}

func TestCheckPassesOnErrors(t *testing.T) {
	c := brokenCase()
	c.Shape.Batch = 0
	_, err := fault{}.target(false).Check(c, 1)
	require.ErrorContains(t, err, "batch 0")
}

// goodLayers cover every parameter.
var goodLayers = []specs.Layer{
	layer1d(4, 2, 1), layer2d(4, 2, 1), layer3d(3, 2, 1), layer2d(1, 3, 0), layer2d(2, 2, 0), layer1d(7, 3, 4),
	with(layer2d(3, 2, 0), func(l *specs.Layer) { l.Axes[0].PadBegin, l.Axes[1].PadEnd, l.Axes[1].OutputPadding = 2, 1, 1 }),
	with(layer2d(3, 2, 0), func(l *specs.Layer) { l.Axes[0].Dilation, l.Axes[1].Dilation = 2, 3 }),
	with(layer2d(3, 2, 0), func(l *specs.Layer) { l.Groups = 3 }),
	with(layer2d(3, 2, 1), func(l *specs.Layer) { l.Groups, l.Depthwise = 0, true }),
	with(layer2d(3, 2, 0), func(l *specs.Layer) { l.Padding = specs.SameLower }),
	with(layer2d(4, 2, 1), func(l *specs.Layer) { l.Axes[0].OutputSize, l.Axes[1].OutputSize = 10, 32 }),
	with(layer2d(4, 2, 1), func(l *specs.Layer) { l.Axes[0].Input, l.Axes[1].Input = 3, 4 }),
	nhwc(layer1d(5, 3, 1)), nhwc(layer2d(4, 2, 1)), nhwc(layer3d(3, 2, 1)),
	with(nhwc(layer2d(3, 2, 0)), func(l *specs.Layer) { l.Groups = 3 }),
	with(nhwc(layer2d(3, 2, 1)), func(l *specs.Layer) { l.Groups, l.Depthwise = 0, true }),
}

func nhwc(l specs.Layer) specs.Layer {
	l.Layout = specs.NHWC
	return l
}

func TestCheckAcceptsGoodKernels(t *testing.T) {
	for _, l := range goodLayers {
		l.InChannels, l.OutChannels, l.Bias = 0, 0, true
		cases, err := Cases(l, 1<<16)
		require.NoError(t, err)
		for _, fused := range []bool{false, true} {
			r, err := fault{}.target(fused).checkAll(cases)
			require.NoError(t, err)
			require.Positive(t, r.Outputs)
			require.Greater(t, r.Worst, 0.0)
			require.LessOrEqual(t, r.Worst, 1.0)
		}
	}
}

func TestCasesVary(t *testing.T) {
	for _, l := range goodLayers {
		l.InChannels, l.OutChannels = 0, 0
		cases, err := Cases(l, vectorCasesWork)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(cases), 3, l.Canonical())
		bias, most := 0, 0
		for _, c := range cases {
			p, err := newProblem(c.Layer, c.Shape)
			require.NoError(t, err)
			require.Empty(t, c.Layer.Validate(), c)
			most = max(most, p.work())
			if c.Layer.Bias {
				bias++
			}
		}
		require.GreaterOrEqual(t, most, parallelWork, "some case is worth several goroutines")
		require.True(t, bias > 0 && bias < len(cases), "with and without bias")
	}
}

// A layer with more channels than the budget still gets a case with more than one
// element on every axis but one.
func TestCasesOfManyChannels(t *testing.T) {
	l := with(layer2d(4, 2, 1), func(l *specs.Layer) { l.InChannels, l.OutChannels = 2048, 1024 })
	cases, err := Cases(l, casesWork)
	require.NoError(t, err)
	require.Equal(t, runtime.NewShape(1, 3, 11), cases[len(cases)-1].Shape)
	require.LessOrEqual(t, len(cases), 2)

	l.Axes[0].Input, l.Axes[1].Input = 4, 4
	cases, err = Cases(l, casesWork)
	require.NoError(t, err)
	require.Equal(t, []Case{{l, runtime.NewShape(1, 4, 4)}}, cases)

	l.InChannels, l.OutChannels = 512, 256 // one case spends the whole budget
	cases, err = Cases(l, casesWork)
	require.NoError(t, err)
	require.Len(t, cases, 2)
	require.NotEqual(t, cases[0].Layer.Bias, cases[1].Layer.Bias)
}

func TestCasesNameTheLayerThatNothingFits(t *testing.T) {
	l := layer1d(1, 1, 2)
	l.Axes[0].Input = 4
	_, err := Cases(l, casesWork)
	require.ErrorContains(t, err, "output size is 0")
}
