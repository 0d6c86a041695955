package runtime_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

// TestFinite: one infinity or NaN anywhere is found, and large values are none,
// even when the bits of their exponents add up to one.
func TestFinite(t *testing.T) {
	for _, value := range []float32{0.25, -1.5, 2, -math.MaxFloat32, math.SmallestNonzeroFloat32} {
		for n := range 35 {
			values := make([]float32, n)
			for i := range values {
				values[i] = value
				if i%2 == 0 {
					values[i] = 1.75
				}
			}
			require.True(t, runtime.Finite(values), "%d times %g", n, value)
			for i, v := range values {
				for _, bad := range []float32{inf, -inf, nan} {
					values[i] = bad
					require.False(t, runtime.Finite(values), "%g at %d of %d", bad, i, n)
				}
				values[i] = v
			}
		}
	}
}
