package specfile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// requireSpelled: reading what Spell writes gives the layer.
func requireSpelled(t *testing.T, l specs.Layer) {
	t.Helper()
	text := specfile.Spell(l)
	f, err := specfile.Parse("x", []byte(head+text))
	require.NoError(t, err, text)
	require.Equal(t, []specs.Layer{l}, f.Layers, text)
}

func TestSpellIsWhatParseReads(t *testing.T) {
	for _, p := range prebuilt.Packages() {
		for _, l := range p.Layers {
			requireSpelled(t, l)
		}
	}
	for _, l := range append(differential.RandomLayers(1, 500), differential.RandomOps(2, 2000, specs.Ops()...)...) {
		l.Name = "up"
		requireSpelled(t, l)
	}
}

func TestSpellLeavesDefaultsOut(t *testing.T) {
	l := specs.NewLayer(specs.ConvTranspose, 2)
	l.Name, l.Padding, l.InChannels, l.Add = "up", specs.SameLower, 8, true
	for i := range l.Spatial() {
		l.Axes[i].Kernel, l.Axes[i].Stride = 3, i+1
	}
	require.Equal(t, `  - name: up
    op: conv_transpose
    kernel: [3, 3]
    stride: [1, 2]
    padding: same_lower
    in_channels: 8
    add: true
`, specfile.Spell(l))
}
