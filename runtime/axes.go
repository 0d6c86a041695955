package runtime

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// filterAxes are the axes of a filter in the order of extents, trivial ones first.
func filterAxes(l *specs.Layer) [specs.MaxRank]polyphase.Axis {
	axes, ok := polyphase.Axes(l)
	return aligned(l, axes, ok)
}

// seenAxes are filterAxes of the input that kernels see.
func seenAxes(l *specs.Layer) [specs.MaxRank]polyphase.Axis {
	axes, _, ok := polyphase.Seen(l)
	return aligned(l, axes, ok)
}

func aligned(l *specs.Layer, axes []polyphase.Axis, ok bool) (all [specs.MaxRank]polyphase.Axis) {
	if !ok {
		panic(fmt.Sprintf("runtime: the phases of the validated layer %s depend on its input", l.Canonical()))
	}
	for i := range all {
		all[i] = polyphase.Trivial()
	}
	copy(all[specs.MaxRank-l.Rank:], axes)
	return all
}

// count is the number of outputs of phase r among out.
func count(out, r, stride int) int { return (out - r + stride - 1) / stride }
