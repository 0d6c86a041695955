package demo

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkedExampleText(t *testing.T) {
	want, err := os.ReadFile("testdata/worked.txt")
	require.NoError(t, err)
	var got strings.Builder
	require.NoError(t, printWorked(&got))
	require.Equal(t, string(want), got.String())
}

func TestWorkedExampleNumbers(t *testing.T) {
	want := []plane{
		{3, 3, []float32{0, 0, 1, 0, 4, 6, 4, 12, 9}},
		{1, 1, []float32{4}},
		{4, 4, []float32{0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9}},
	}
	require.Len(t, examples(), len(want))
	for i, e := range examples() {
		sum, err := compute(e.layer(), exampleValues(), exampleValues(), exampleSide, exampleSide)
		require.NoError(t, err)
		require.Equal(t, want[i], sum, "stride %d, padding %d", e.stride, e.padding)
		require.Equal(t, sum, addStamps(e, sum.width, sum.height), "the printed stamps add up to the printed sum")
	}
}

// addStamps adds what the four printed stamps show.
func addStamps(e example, width, height int) plane {
	total := plane{width, height, make([]float32, width*height)}
	for i := range exampleValues() {
		for y, row := range e.stamp(i, width, height) {
			for x, v := range row {
				if v != nil {
					total.values[y*width+x] += *v
				}
			}
		}
	}
	return total
}
