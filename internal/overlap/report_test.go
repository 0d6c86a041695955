package overlap_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs/specfile"
)

// TestCuresCanBePasted: the YAML of every cure is a layer of a spec file.
func TestCuresCanBePasted(t *testing.T) {
	pasted := 0
	for _, l := range differential.RandomLayers(7, 600) {
		if overlap.Even(l) {
			continue
		}
		for _, c := range overlap.Cures(l) {
			if c.Layer == "" {
				continue
			}
			f, err := specfile.Parse("x", []byte("version: 1\npackage: p\nlayers:\n"+c.Layer))
			require.NoError(t, err, c.Layer)
			require.Equal(t, l.Name, f.Layers[0].Name)
			require.Equal(t, l.Rank, f.Layers[0].Rank)
			pasted++
		}
	}
	require.Greater(t, pasted, 100)
}
