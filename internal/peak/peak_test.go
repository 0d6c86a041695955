package peak

import (
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
