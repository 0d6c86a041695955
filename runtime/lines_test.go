package runtime

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/polyphase"
)

// TestLine compares every line with the definition: each place is the element that is
// as many strides after the first, and 0 outside the row.
func TestLine(t *testing.T) {
	lines := 0
	for step := 1; step <= 4; step++ {
		l := &tiled{x: polyphase.Axis{InStride: step}}
		for width := range 23 {
			src := make([]float32, width)
			for i := range src {
				src[i] = float32(i + 1)
			}
			for n := range 13 {
				for at := -9; at < 26; at++ {
					dst := make([]float32, n)
					fill(dst, -1)
					l.line(dst, src, at)
					for i, v := range dst {
						var want float32
						if from := at + i*step; from >= 0 && from < width {
							want = src[from]
						}
						require.Equal(t, want, v, "place %d of %d from %d on, every %d of %d", i, n, at, step, width)
					}
					lines++
				}
			}
		}
	}
	require.Greater(t, lines, 30_000)
}
