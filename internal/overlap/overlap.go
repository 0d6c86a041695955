// Package overlap counts how many stamps of a transposed convolution reach each
// output, and knows the layers of the same size that overlap evenly.
//
// On an axis where the phases have different numbers of taps, outputs add up
// different numbers of stamps in turns: the checkerboard (Odena, Dumoulin, Olah,
// 2016, "Deconvolution and Checkerboard Artifacts").
package overlap

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// Full is the extent of an axis of a conv_transpose from which nothing is cropped,
// for in inputs.
func Full(a specs.Axis, in int) specs.Extent {
	return specs.Extent{
		In: in, Out: a.Stride*(in-1) + a.Dilation*(a.Kernel-1) + 1,
		Kernel: a.Kernel, Stride: a.Stride, Dilation: a.Dilation,
	}
}

// Counts is the number of stamps at each output of one axis.
func Counts(e specs.Extent) []int {
	x := polyphase.Transposed(polyphase.Geometry{
		Kernel: e.Kernel, Stride: e.Stride, Dilation: e.Dilation,
		PadBegin: e.PadBegin, PadEnd: e.PadEnd, OutputPadding: e.OutputPadding,
	})
	counts := make([]int, e.Out)
	for o := range counts {
		_, taps := x.Inside(o, e.In)
		counts[o] = len(taps)
	}
	return counts
}

// Pattern is the number of stamps at neighbouring outputs away from the border, over
// one period of stride outputs; begin is the number of outputs cropped before the first.
func Pattern(a specs.Axis, begin int) []int {
	x := polyphase.Transposed(polyphase.Geometry{Kernel: a.Kernel, Stride: a.Stride, Dilation: a.Dilation, PadBegin: begin})
	var counts []int
	for _, p := range x.Phases {
		counts = append(counts, len(p.Taps))
	}
	return counts
}

// EvenAxis reports an axis on which every output away from the border adds up
// equally many stamps.
func EvenAxis(a specs.Axis) bool {
	counts := Pattern(a, 0)
	for _, n := range counts {
		if n != counts[0] {
			return false
		}
	}
	return true
}

// Even reports a conv_transpose that overlaps evenly on every axis.
func Even(l specs.Layer) bool {
	for _, a := range l.Spatial() {
		if !EvenAxis(a) {
			return false
		}
	}
	return true
}
