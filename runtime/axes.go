package runtime

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// geometries are those of the layer's axes in the order of extents: trivial
// ones first. The layer is valid, so its phases do not depend on the input.
func geometries(l *specs.Layer) [specs.MaxRank]polyphase.Geometry {
	g := [specs.MaxRank]polyphase.Geometry{polyphase.TrivialGeometry, polyphase.TrivialGeometry, polyphase.TrivialGeometry}
	axes, ok := polyphase.Geometries(l)
	if !ok {
		panic(fmt.Sprintf("runtime: the phases of the validated layer %s depend on its input", l.Canonical()))
	}
	copy(g[specs.MaxRank-l.Rank:], axes)
	return g
}

// filterAxes are the axes of a filter in the order of extents, trivial ones first.
func filterAxes(l *specs.Layer) [specs.MaxRank]polyphase.Axis {
	var all [specs.MaxRank]polyphase.Axis
	for i := range all {
		all[i] = polyphase.Transposed(polyphase.TrivialGeometry)
	}
	axes, ok := polyphase.Axes(l)
	if !ok {
		panic(fmt.Sprintf("runtime: the phases of the validated layer %s depend on its input", l.Canonical()))
	}
	copy(all[specs.MaxRank-l.Rank:], axes)
	return all
}

// count is the number of outputs of phase r among out.
func count(out, r, stride int) int { return (out - r + stride - 1) / stride }
