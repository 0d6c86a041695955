package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// A resize_conv enlarges by repeating, so neighbouring kernel elements read the same
// input: a phase has one tap for them, whose weight is their sum. The layer is then a
// filter of its own input with such weights, and the enlarged one is never written.

// merges reports whether kernels of the layer add up weights.
func merges(l *specs.Layer) bool { return l.Op == specs.ResizeConv && polyphase.Merges(l) }

// mergedAxes are the axes of a filter in the order of extents, with one kernel
// element for each tap, counted phase by phase where taps are merged.
func mergedAxes(l *specs.Layer) [specs.MaxRank]polyphase.Axis {
	axes := seenAxes(l)
	if !merges(l) {
		return axes
	}
	for i := range axes {
		axes[i] = axes[i].Renumbered()
	}
	return axes
}

// mergeWeights returns the weights of the merged taps [C_out, C_in/groups, y, x], each
// the float32 sum of its kernel elements, rows of the kernel first. The weights of an
// op that merges nothing are returned as they are.
func mergeWeights(l specs.Layer, weights []float32) []float32 {
	if !merges(&l) {
		return weights
	}
	axes := seenAxes(&l)
	ys, xs := tapKernels(axes[1]), tapKernels(axes[2])
	width := l.Axes[l.Rank-1].Kernel
	size := width
	if l.Rank > 1 {
		size *= l.Axes[0].Kernel
	}
	merged := make([]float32, 0, len(weights)/size*len(ys)*len(xs))
	for ; len(weights) > 0; weights = weights[size:] {
		for _, y := range ys {
			for _, x := range xs {
				merged = append(merged, sumOf(weights, y, x, width))
			}
		}
	}
	return merged
}

// sumOf adds up the weights of rows y and columns x of a kernel of the given width.
func sumOf(weights []float32, y, x []int, width int) float32 {
	sum := weights[y[0]*width+x[0]]
	for i, ky := range y {
		for j, kx := range x {
			if i+j > 0 {
				sum += weights[ky*width+kx]
			}
		}
	}
	return sum
}

// tapKernels lists the kernel elements of every tap, phase by phase.
func tapKernels(a polyphase.Axis) (kernels [][]int) {
	for _, p := range a.Phases {
		for _, t := range p.Taps {
			kernels = append(kernels, t.Kernel)
		}
	}
	return kernels
}
