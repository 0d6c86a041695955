package figure

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStepsEndInTheWorkedExample for each of its settings.
func TestStepsEndInTheWorkedExample(t *testing.T) {
	for _, c := range []struct {
		steps Steps
		want  Grid
	}{
		{Steps{[2]int{1, 1}, [2]int{0, 0}}, Grid{{0, 0, 1}, {0, 4, 6}, {4, 12, 9}}},
		{Steps{[2]int{1, 1}, [2]int{1, 1}}, Grid{{4}}},
		{Steps{[2]int{2, 2}, [2]int{0, 0}}, Grid{{0, 0, 0, 1}, {0, 0, 2, 3}, {0, 2, 0, 3}, {4, 6, 6, 9}}},
	} {
		sums := c.steps.Sums()
		require.Len(t, sums, 5)
		require.Zero(t, sums[0].most(), "nothing is stamped yet")
		require.Equal(t, c.want, sums[4])
		require.False(t, c.steps.Empty())
	}
	require.Equal(t, Grid{{0, 0, 1}, {0, 2, 3}, {0, 0, 0}}, Steps{[2]int{1, 1}, [2]int{0, 0}}.Sums()[2])
	require.True(t, Steps{[2]int{1, 2}, [2]int{2, 0}}.Empty())
}

func TestPageStandsAlone(t *testing.T) {
	page := Page("k3 < s2", checkerboard(), "uneven: <y>", Steps{[2]int{2, 2}, [2]int{0, 0}})
	require.Equal(t, 13, strings.Count(page, "<svg "), "the overlap, and input, kernel and output of four steps")
	require.Contains(t, page, "<h1>k3 &lt; s2</h1>")
	require.Contains(t, page, "<pre>uneven: &lt;y&gt;</pre>")
	require.NotContains(t, strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, ""), "http")
	require.NotContains(t, page, "<script")
}

// TestPageFramesEachStamp: in each step one input and the outputs below its stamp.
func TestPageFramesEachStamp(t *testing.T) {
	for padding, framed := range map[int]int{0: 4 * (1 + 4), 1: 4 * (1 + 1)} {
		page := Page("k2", checkerboard(), "", Steps{[2]int{1, 1}, [2]int{padding, padding}})
		require.Equal(t, framed, strings.Count(page, `fill="none"`), padding)
	}
}
