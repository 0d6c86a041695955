package differential

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

// TestImpulses compares whole linear maps of random layers, element by element, on the
// paths that need no compiler: the phases, the generic path, every nest and the
// simulator.
func TestImpulses(t *testing.T) {
	const layers, others = 260, 160
	list := append(RandomLayers(5, layers), RandomOps(5, others, specs.Ops()...)...)
	s := newSummary()
	t.Run("layers", func(t *testing.T) {
		for _, l := range list {
			t.Run(l.Canonical(), func(t *testing.T) {
				t.Parallel()
				paths, err := links(l, nil)
				require.NoError(t, err)
				require.NoError(t, s.checkMaps(l, paths))
			})
		}
	})
	t.Logf("%d linear maps on paths, %d outputs compared: %v", sum(s.maps), s.total.Outputs, s.maps)
	require.GreaterOrEqual(t, s.maps["generic"], leastMaps)
	for _, path := range []string{"phases", "nest_go", "nest_avx2", "nest_avx512", "sim_avx2", "sim_avx512"} {
		require.Greater(t, s.maps[path], 80, path)
	}
}

// leastMaps is how many layers have their linear maps compared.
const leastMaps = 300
