package runtime

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUntil: rows before, in and after those that are read in place are apart; a
// split without such rows has one piece.
func TestUntil(t *testing.T) {
	s := split{inside: 2, insideEnd: 7}
	for _, c := range [][3]int{{0, 9, 2}, {1, 9, 2}, {2, 9, 7}, {6, 9, 7}, {7, 9, 9}, {8, 9, 9}, {0, 1, 1}, {3, 5, 5}} {
		require.Equal(t, c[2], s.until(c[0], c[1]), "rows %d to %d", c[0], c[1])
	}
	require.Equal(t, 9, (&split{}).until(0, 9))
	require.False(t, (&split{inside: 3, insideEnd: 3}).inPlace())
}

// TestSpread: channels whose distance is a multiple of the span of a cache's sets
// displace each other, unless there are few.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		in, plane int
		want      bool
	}{
		{56, 160 * 160, true}, {56, 240 * 240, true}, {64, 32 * 32, true}, {64, 31 * 33, true},
		{64, 256 * 256, false}, {4, 256 * 256, true}, {5, 256 * 256, false}, {8, 128 * 128, true}, {9, 128 * 128, false}, {1000, 1021 * 1019, true},
	} {
		require.Equal(t, c.want, (&tiled{in: c.in}).spread(c.plane), "%+v", c)
	}
}
