package kerneltest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// projectedCase is too large for the oracle to compare all planes.
func projectedCase(t *testing.T, groups int) *problem {
	l := with(layer2d(4, 2, 1), func(l *specs.Layer) {
		l.InChannels, l.OutChannels, l.Groups, l.Bias = 32, 128, groups, true
	})
	p, err := newProblem(l, runtime.NewShape(2, 5, 6))
	require.NoError(t, err)
	require.Less(t, len(p.sample(1)), len(p.planes()))
	return p
}

// Whatever output is wrong, by however little, the projection sees it.
func TestProjectionSeesEveryOutput(t *testing.T) {
	for _, groups := range []int{1, 2} {
		p := projectedCase(t, groups)
		d := p.data(Integers, 5)
		good := p.reference(p.planes(), d, true).Values
		_, err := (Target{Fused: true}).judge(p, d, good, nil, 5)
		require.NoError(t, err)
		for i := 0; i < len(good); i += 2503 {
			good[i]++
			_, err := (Target{Fused: true}).judge(p, d, good, nil, 5)
			require.ErrorContains(t, err, "not exact")
			good[i]--
		}
	}
}

func TestSampleHasTheEnds(t *testing.T) {
	p := projectedCase(t, 1)
	planes := p.sample(3)
	require.Equal(t, []int{0, 255}, planes[:2])
	seen := map[int]bool{}
	for _, plane := range planes {
		require.False(t, seen[plane])
		seen[plane] = true
	}
	require.NotEqual(t, planes, p.sample(4))
	require.Equal(t, runtime.NewShape(2, 5, 6), p.shape())
}
