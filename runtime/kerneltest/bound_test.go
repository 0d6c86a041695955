package kerneltest

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// boundCase is a layer with enough terms for errors to show.
func boundCase(t *testing.T) *problem {
	l := with(layer2d(4, 2, 1), func(l *specs.Layer) { l.InChannels, l.OutChannels, l.Bias = 24, 3, true })
	p, err := newProblem(l, runtime.NewShape(2, 5, 6))
	require.NoError(t, err)
	return p
}

var roundedKinds = []Kind{Normal, Wide, Cancelling, Underflow}

func TestBoundAcceptsFloat32(t *testing.T) {
	p := boundCase(t)
	for _, kind := range roundedKinds {
		for _, fused := range []bool{false, true} {
			d := p.data(kind, 7)
			e := p.expect(p.planes(), d)
			worst, err := e.Within(p.reference(p.planes(), d, fused).Values, fused)
			require.NoError(t, err, "%s fused %v", kind, fused)
			require.Greater(t, worst, 0.0, "%s fused %v: float32 cannot be exact", kind, fused)
			require.LessOrEqual(t, worst, 1.0)
		}
	}
}

// The next float32 outside of the bound is refused, and the one inside accepted.
func TestBoundIsSharp(t *testing.T) {
	p := boundCase(t)
	for _, kind := range roundedKinds {
		for _, fused := range []bool{false, true} {
			d := p.data(kind, 8)
			e := p.expect(p.planes(), d)
			good := p.reference(p.planes(), d, fused).Values
			for i := 0; i < len(good); i += 7 {
				bad := append([]float32(nil), good...)
				edge := float32(e.Exact[i] + e.Bound(i, fused))
				for float64(edge)-e.Exact[i] <= e.Bound(i, fused) {
					edge = math.Nextafter32(edge, math.MaxFloat32)
				}
				bad[i] = edge
				_, err := e.Within(bad, fused)
				require.ErrorContains(t, err, "not within the bound: 1 of")
				bad[i] = math.Nextafter32(edge, -math.MaxFloat32)
				_, err = e.Within(bad, fused)
				require.NoError(t, err)
			}
		}
	}
}

func TestBoundRefusesNaNAndCutWeights(t *testing.T) {
	p := boundCase(t)
	d := p.data(Normal, 9)
	e := p.expect(p.planes(), d)
	good := p.reference(p.planes(), d, true).Values
	good[11] = float32(math.NaN())
	_, err := e.Within(good, true)
	require.ErrorContains(t, err, "dst[0 0 0 11] is NaN")
	for i, w := range d.Weights {
		d.Weights[i] = math.Float32frombits(math.Float32bits(w) &^ (1<<13 - 1)) // TF32
	}
	_, err = e.Within(p.reference(p.planes(), d, true).Values, true)
	require.ErrorContains(t, err, "not within the bound")
}

func TestOutputWithoutTermsIsTheBias(t *testing.T) {
	l := with(layer1d(1, 2, 0), func(l *specs.Layer) { l.Bias = true })
	e, err := Oracle(l, runtime.NewShape(1, 2), []float32{1, 1}, []float32{0.3}, []float32{0.1})
	require.NoError(t, err)
	require.Zero(t, e.Bound(1, true))
	good, err := Reference(l, runtime.NewShape(1, 2), []float32{1, 1}, []float32{0.3}, []float32{0.1}, true)
	require.NoError(t, err)
	_, err = e.Within(good.Values, true)
	require.NoError(t, err)
	good.Values[1] = math.Nextafter32(good.Values[1], 1)
	_, err = e.Within(good.Values, true)
	require.ErrorContains(t, err, "dst[0 0 1]")
}

func TestComparisonsOfNothing(t *testing.T) {
	p := boundCase(t)
	require.ErrorContains(t, (&Expect{problem: p}).Equal(nil), "is empty")
	require.ErrorContains(t, (&Bits{problem: p}).Equal(nil), "is empty")
	e := p.expect(p.planes(), &Data{Src: make([]float32, p.srcLen), Weights: make([]float32, p.weightsLen)})
	require.ErrorContains(t, e.weak(make([]float32, p.dstLen)), "is weak")
}

// fma32 against exact arithmetic, over all exponents including denormals.
func TestFMA32(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(spread int) float32 {
		return float32(math.Ldexp(r.Float64()*2-1, r.IntN(2*spread+1)-spread))
	}
	for range 200000 {
		x, y := draw(70), draw(70)
		z := float32(float64(x)*float64(y)*math.Ldexp(r.Float64()*4-2, r.IntN(60)-30)) + draw(120)*float32(r.IntN(2))
		if r.IntN(4) == 0 {
			z = -float32(float64(x) * float64(y)) // full cancellation
		}
		if math.IsInf(float64(z), 0) {
			continue
		}
		sum := new(big.Float).SetPrec(400).SetFloat64(float64(x) * float64(y))
		sum.Add(sum, new(big.Float).SetFloat64(float64(z)))
		want, _ := sum.Float32()
		require.Equal(t, want, fma32(x, y, z), "%v*%v + %v", x, y, z)
	}
	inf := float32(math.Inf(1))
	require.Equal(t, inf, fma32(inf, 2, -5))
	require.Equal(t, inf, fma32(math.MaxFloat32, 2, 0))
	require.True(t, math.IsNaN(float64(fma32(inf, 0, 1))))
	require.True(t, math.IsNaN(float64(fma32(inf, 1, -inf))))
}

func TestDataIsDeterministicAndFits(t *testing.T) {
	p := boundCase(t)
	for kind := range draws {
		require.Len(t, draws, 8)
		a, b := p.data(kind, 3), p.data(kind, 3)
		require.Equal(t, -1, max(differ(a.Src, b.Src), differ(a.Weights, b.Weights), differ(a.Bias, b.Bias)))
		require.Equal(t, kind == Impulses, slices.Equal(a.Weights, p.data(kind, 4).Weights))
	}
	d := p.data(Integers, 3)
	limit := float32(integerRange(p.mostTerms()))
	require.Equal(t, 96, p.mostTerms())
	for i, v := range d.Src {
		require.True(t, v != 0 && v == float32(int(v)) && v >= -limit && v <= limit)
		require.False(t, i > 0 && v == d.Src[i-1] || i >= 6 && v == d.Src[i-6] || i >= 30 && v == d.Src[i-30])
	}
	require.Equal(t, 64, integerRange(1))
	require.Equal(t, 22, integerRange(2048*16))
	require.NoError(t, p.expect(p.planes(), d).Equal(
		p.reference(p.planes(), d, false).Values))
}
