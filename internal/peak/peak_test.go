package peak

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEveryUnitIsMeasured(t *testing.T) {
	for _, u := range units() {
		g, ok := FMA(u.isa)
		require.True(t, ok)
		require.Greater(t, g, 0.1, u.isa)
	}
	_, ok := FMA("abacus")
	require.False(t, ok)
}

func TestCopyIsMeasured(t *testing.T) {
	require.Greater(t, Copy(1<<12, time.Millisecond), 0.01)
}

// TestLoops: several loops add up; one needs no thread of its own; more than there
// are processors are refused.
func TestLoops(t *testing.T) {
	for n := 1; n <= min(3, runtime.NumCPU()); n++ {
		l, err := StartLoops(n)
		require.NoError(t, err)
		for range 3 {
			require.Greater(t, l.Copy(1<<12, time.Millisecond), 0.01)
			for _, u := range units() {
				rate, ok := l.FMA(u.isa)
				require.True(t, ok)
				require.Greater(t, rate, 0.1*float64(n))
			}
		}
		_, ok := l.FMA("abacus")
		require.False(t, ok)
		l.Stop()
	}
	_, err := StartLoops(1 << 20)
	require.ErrorContains(t, err, "1048576 threads on ")
}
