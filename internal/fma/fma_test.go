package fma

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// exact is a*b + c by way of arbitrary precision.
func exact(a, b, c float32) float32 {
	bf := func(x float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(x)) }
	s := new(big.Float).SetPrec(2000).Mul(bf(a), bf(b))
	f, _ := s.Add(s, bf(c)).Float32()
	return f
}

func TestFloat32IsRoundedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func() float32 {
		return float32(math.Ldexp(r.Float64()*2-1, r.IntN(80)-60))
	}
	differs := 0
	for range 300000 {
		a, b := draw(), draw()
		c := draw()
		if r.IntN(2) == 0 { // cancelling, and ties between neighbours
			c = -float32(float64(a)*float64(b)) * float32(math.Ldexp(1, r.IntN(3)*24-24))
		}
		want := exact(a, b, c)
		require.Equal(t, want, Float32(a, b, c), "%g*%g+%g", a, b, c)
		if want != float32(float64(a)*float64(b)+float64(c)) {
			differs++
		}
	}
	t.Logf("%d of 300000 would have been rounded twice", differs)
}

func TestFloat32Specials(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	require.Equal(t, inf, Float32(inf, 1, 2))
	require.True(t, Float32(inf, 0, 1) != Float32(inf, 0, 1))
	require.True(t, Float32(1, 1, nan) != Float32(1, 1, nan))
	require.True(t, Float32(inf, 1, -inf) != Float32(inf, 1, -inf))
	require.Equal(t, inf, Float32(math.MaxFloat32, 2, 0))
	least := float32(math.SmallestNonzeroFloat32)
	require.Equal(t, least, Float32(least, 0.75, 0))
	require.Equal(t, float32(0), Float32(least, 0.5, 0))
}
