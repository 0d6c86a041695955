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

// TestNumbers: the examples are those of the literature.
func TestNumbers(t *testing.T) {
	var got strings.Builder
	require.NoError(t, printNumbers(&got))
	for _, want := range []string{
		"gives [[5, 6], [7, 8]] with indices [[5, 2], [12, 15]]",
		"gives [[0, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]",
		"half_pixel    1 1.25 1.75 2\n", "align_corners 1 1.3333 1.6667 2\n", "asymmetric    1 1.5 2 2\n",
		"k3 s2  1 1 2 1 2 1 2", "k4 s2  1 1 2 2 2 2", "k5 s2  1 1 2 2 3 2 3 2 3", "k2 s2  1 1 1 1 1 1 1 1 1 1 1 1 ",
		"gives [[27, 37], [57, 67]]\n", "gives [[27, 91, 74], [138, 400, 282], [171, 429, 268]]\n",
		"in two steps                                     110 211 221 322 332 433 443 44\n",
		"merged taps [100, 110, 11, 1]  110 211 221 322 332 433 443 44\n",
	} {
		require.Contains(t, got.String(), want)
	}
}

// TestConvMatrix: multiplying by the printed matrix is the convolution, and by its
// transpose the transposed convolution.
func TestConvMatrix(t *testing.T) {
	y, back := make([]float32, 4), make([]float32, 9)
	for o, r := range convMatrix([]float32{1, 2, 3, 4}) {
		for i, v := range r {
			y[o] += v * float32(i)
		}
		for i, v := range r {
			back[i] += v * y[o]
		}
	}
	require.Equal(t, []float32{27, 37, 57, 67}, y)
	require.Equal(t, []float32{27, 91, 74, 138, 400, 282, 171, 429, 268}, back)
}
