package nest_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
)

var (
	nan      = float32(math.NaN())
	negative = float32(math.Copysign(0, -1))
)

// computed is what nodes leave in register x, which begins as a; y is b.
func computed(t *testing.T, a, b []float32, nodes ...nest.Node) []uint32 {
	t.Helper()
	body := with(nest.Load{Dst: "x", From: ref("p", 0)}, nest.Load{Dst: "y", From: ref("q", 0)})
	body = append(append(body, nodes...), nest.Store{To: ref("p", 0), Src: "x"})
	x := append([]float32{}, a...)
	require.NoError(t, eval(x, b, 0, 0, true, body...))
	return bits(x)
}

func bits(s []float32) (all []uint32) {
	for _, v := range s {
		all = append(all, math.Float32bits(v))
	}
	return all
}

// TestOperators: each rounds once; of zeros and beside a NaN, Max and Min give the
// second operand.
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		op         nest.Operator
		a, b, want []float32
	}{
		{nest.Add, []float32{1, 16777216, negative, 2}, []float32{2, 1, negative, -2}, []float32{3, 16777216, negative, 0}},
		{nest.Sub, []float32{1, 5, 0, 2}, []float32{2, 1, 0, -2}, []float32{-1, 4, 0, 4}},
		{nest.Mul, []float32{1.5, -5, 0, 3e38}, []float32{2, 1, -1, 10}, []float32{3, -5, negative, float32(math.Inf(1))}},
		{nest.Div, []float32{1, 1, -1, 7}, []float32{4, 0, 0, 2}, []float32{0.25, float32(math.Inf(1)), float32(math.Inf(-1)), 3.5}},
		{nest.Max, []float32{1, 0, nan, 5}, []float32{2, negative, 3, 4}, []float32{2, negative, 3, 5}},
		{nest.Min, []float32{1, 0, 3, 5}, []float32{2, negative, nan, 4}, []float32{1, negative, nan, 4}},
		{nest.And, []float32{-1, 1, -0.5, 2}, []float32{negative, negative, -0.5, 2}, []float32{negative, 0, -0.5, 2}},
		{nest.Xor, []float32{-1, 1, -0.5, 2}, []float32{negative, negative, -0.5, 0}, []float32{1, -1, 0, 2}},
	} {
		require.Equal(t, bits(c.want), computed(t, c.a, c.b, nest.Compute{Dst: "x", Op: c.op, A: "x", B: "y"}), "%s", c.op)
	}
}

// TestShiftLeft drops what leaves the lane: 2^n from the lowest bits of n + 1.5*2^23.
func TestShiftLeft(t *testing.T) {
	a := []float32{12582912 + 127, 12582912 + 128, 12582912 + 1, 12582912 + 126}
	require.Equal(t, bits([]float32{1, 2, 0x1p-126, 0.5}), computed(t, a, a, nest.ShiftLeft{Dst: "x", A: "x", Count: 23}))
}

// TestChoose takes the lanes that are less; NaN and equal ones are not.
func TestChoose(t *testing.T) {
	a, b := []float32{1, 2, nan, negative}, []float32{2, 2, 2, 0}
	require.Equal(t, bits([]float32{2, 2, nan, negative}), computed(t, a, b, nest.Choose{Dst: "x", A: "x", B: "y", Then: "y"}))
	require.Equal(t, bits([]float32{1, 2, nan, negative}), computed(t, a, []float32{nan, nan, nan, nan}, nest.Choose{Dst: "x", A: "x", B: "y", Then: "y"}))
}
