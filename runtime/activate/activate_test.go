package activate

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

// ulps is how far got is from want, in units of the last place of want.
func ulps(got float32, want float64) float64 {
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

// sweep measures the largest error over every 97th float32 of both signs.
func sweep(f func(float32) float32, exact func(float64) float64) (worst float64, at float32, tried int) {
	for bits := uint32(0); bits < 0x7f800000; bits += 97 {
		for _, b := range [...]uint32{bits, bits | 1<<31} {
			x := math.Float32frombits(b)
			tried++
			if off := ulps(f(x), exact(float64(x))); !(off <= worst) {
				worst, at = off, x
			}
		}
	}
	return worst, at, tried
}

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func TestLargestErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     func(float32) float32
		exact func(float64) float64
		limit float64
	}{{"sigmoid", Sigmoid, sigmoid, MaxSigmoid}, {"tanh", Tanh, math.Tanh, MaxTanh}} {
		worst, at, tried := sweep(c.f, c.exact)
		t.Logf("%s: %.4f ulp at %v, of %d values", c.name, worst, at, tried)
		require.LessOrEqual(t, worst, c.limit, c.name)
		require.Greater(t, worst, c.limit-0.75, "%s: the limit is too generous", c.name)
		require.Greater(t, tried, 40_000_000)
	}
}

// TestFloat64IsExactEnough: math's functions, which the sweep trusts, agree with
// series of 200 bits.
func TestFloat64IsExactEnough(t *testing.T) {
	for x := -20.0; x <= 0; x += 0.37 {
		sum, term := big.NewFloat(1).SetPrec(200), big.NewFloat(1).SetPrec(200)
		for n := 1; n < 200; n++ {
			term.Mul(term, new(big.Float).SetPrec(200).SetFloat64(x))
			term.Quo(term, new(big.Float).SetPrec(200).SetInt64(int64(n)))
			sum.Add(sum, term)
		}
		want, _ := sum.Float64()
		require.InEpsilon(t, want, math.Exp(x), 1e-15)
	}
}

func TestSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negative := float32(math.Copysign(0, -1))
	require.Equal(t, []float32{0, 1, 0.5, 0.5}, []float32{Sigmoid(-inf), Sigmoid(inf), Sigmoid(0), Sigmoid(negative)})
	require.Equal(t, []float32{-1, 1, 0}, []float32{Tanh(-inf), Tanh(inf), Tanh(0)})
	require.True(t, math.Signbit(float64(Tanh(negative))))
	require.True(t, Sigmoid(nan) != Sigmoid(nan) && Tanh(nan) != Tanh(nan))
	require.Equal(t, float32(1e-45), Tanh(1e-45))
}

func TestApply(t *testing.T) {
	nan := float32(math.NaN())
	for text, want := range map[string][]float32{
		"none": {-2, -1, 0, 3, 9}, "relu": {0, 0, 0, 3, 9}, "relu6": {0, 0, 0, 3, 6}, "leaky_relu(0.5)": {-1, -0.5, 0, 3, 9},
		"prelu": {-20, -10, 0, 3, 9}, "clamp(-1, 4)": {-1, -1, 0, 3, 4},
		"tanh": {Tanh(-2), Tanh(-1), 0, Tanh(3), Tanh(9)}, "sigmoid": {Sigmoid(-2), Sigmoid(-1), 0.5, Sigmoid(3), Sigmoid(9)},
	} {
		a, err := specs.ParseActivation(text)
		require.NoError(t, err)
		row := []float32{-2, -1, 0, 3, 9, nan}
		Apply(a, row, []float32{10})
		require.Equal(t, want, row[:5], text)
		require.True(t, row[5] != row[5], "%s(NaN) is NaN", text)
	}
	row := []float32{-1, -1, 1, -2, -2, 2}
	Apply(specs.Activation{Function: specs.PReLU}, row, []float32{2, 3, 4})
	require.Equal(t, []float32{-2, -3, 1, -4, -6, 2}, row)
}

// TestBitsAreTheSameEverywhere: a sum over many results, taken once on amd64, which
// every GOARCH and GOAMD64 must give.
func TestBitsAreTheSameEverywhere(t *testing.T) {
	sum := func(f func(float32) float32) (h uint64) {
		for bits := uint64(0); bits < 1<<32; bits += 99991 {
			x := math.Float32frombits(uint32(bits))
			if x == x {
				h = h*1099511628211 + uint64(math.Float32bits(f(x)))
			}
		}
		return h
	}
	require.Equal(t, uint64(0x9945fc254dde565f), sum(Sigmoid))
	require.Equal(t, uint64(0x906c60e9856f59f8), sum(Tanh))
}
