package plan

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// fold turns a layer whose input is a single element a channel into the product
// of a vector with a matrix: its outputs are the weights' last dimensions, one
// after the other, so a block is just a run of them. In terms of phases that is a
// 1-D layer with a kernel and a stride of the block's length.
func fold(prob *Problem, t Target) (Plan, bool) {
	outputs := prob.singleOutputs()
	if t.Lanes == 1 || outputs == 0 {
		return Plan{}, false
	}
	for v := min(foldVectors, (t.Registers-1)/2); v > 0; v-- {
		n := v * t.Lanes
		if outputs%n != 0 {
			continue
		}
		prob.Y = polyphase.Trivial()
		prob.X = polyphase.Transposed(polyphase.Geometry{Kernel: n, Stride: n, Dilation: 1})
		return Plan{Target: t, Order: pack.Phases, Channels: 1, Section: n, Columns: 1, Fold: n, RowTaps: 1}, true
	}
	return Plan{}, false
}

// foldVectors is the most vectors of a folded block: enough sums to hide the
// latency of a multiply-add, and as many registers for the weights.
const foldVectors = 12

// singleOutputs is the number of outputs of a group if every axis has one input
// and nothing is cropped or added, else 0.
func (prob *Problem) singleOutputs() int {
	l := prob.Layer
	n := outChannels(l)
	geometries, ok := polyphase.Geometries(&l)
	if !ok || l.Layout != specs.NCHW || l.Rank == specs.MaxRank {
		return 0 // or the outputs of a channel are not neighbours
	}
	for _, a := range l.Spatial() {
		n *= a.Kernel
		if a.Input != 1 || a.Dilation != 1 {
			return 0
		}
	}
	for _, g := range geometries {
		if g.PadBegin != 0 || g.PadEnd != 0 || g.OutputPadding != 0 {
			return 0
		}
	}
	return n
}
