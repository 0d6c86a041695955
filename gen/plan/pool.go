package plan

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// Pool is the schedule of the kernel of a max_pool or a max_unpool on one target: a
// vector runs along x of the array that has one element for each window, or, of a
// max_pool, along the channels of a pixel where those lie together.
type Pool struct {
	Target  Target
	Op      specs.Op
	Pixels  bool              // vectors run along channels
	Vectors int               // of a pixel that a tile has; 0 where vectors run along x
	Windows polyphase.Windows // of max_pool
	Rare    bool              // most elements of a window are not larger than those before
	Blocks  polyphase.Blocks  // of max_unpool
}

// What vectors hold of a window.
const (
	maxPoolStride  = 4   // vectors that are taken apart into the elements of windows
	maxPoolRows    = 256 // rows of a window, all of which a call compares
	maxPoolKernel  = 16  // elements of a window in a row, each with instructions of its own
	pixelVectors   = 2   // vectors of a pixel that are compared side by side
	maxUnpoolBlock = 4   // rows and columns of a block: each element has instructions of its own
)

// rareFrom are the elements of the largest windows whose maxima are chosen without a branch,
// where there are no vectors: each choice waits for the one before. In larger windows most
// elements change nothing, and a branch is predicted. Pixels have two maxima side by side.
var rareFrom = map[specs.Layout]int{specs.NCHW: 16, specs.NHWC: 64}

// size is the number of elements of a window.
func size(l *specs.Layer) int {
	n := 1
	for i := range l.Rank {
		n *= l.Axes[i].Kernel
	}
	return n
}

// PoolFor decides how target computes the layer. The error says why the target has
// no kernel for it; the layer then runs on the generic path.
func PoolFor(l specs.Layer, t Target) (p Pool, err error) {
	p = Pool{Target: t, Op: l.Op}
	if l.Op == specs.MaxPool {
		if l.Layout == specs.NHWC {
			p.Pixels, p.Vectors = true, pixelVectors
		}
		p.Windows, err = poolWindows(&l, t)
		p.Rare = t.Lanes == 1 && size(&l) > rareFrom[l.Layout]
		return p, err
	}
	if t.Lanes == 1 {
		return p, fmt.Errorf("without vectors it takes longer to compare indices than the generic path takes to follow them")
	}
	if p.Pixels = l.Layout == specs.NHWC; p.Pixels && l.InChannels > 0 && l.InChannels < t.Lanes {
		return p, fmt.Errorf("pixels of %d channels do not fill a vector of %d: their indices are followed as fast", l.InChannels, t.Lanes)
	}
	p.Blocks, err = unpoolBlocks(&l)
	return p, err
}

func poolWindows(l *specs.Layer, t Target) (polyphase.Windows, error) {
	w, err := polyphase.WindowsOf(l)
	switch {
	case err != nil:
		return w, err
	case w.Stride > maxPoolStride && l.Layout == specs.NCHW && t.Lanes > 1:
		return w, fmt.Errorf("an x stride of %d is above %d", w.Stride, maxPoolStride)
	case w.Kernel > maxPoolKernel:
		return w, fmt.Errorf("an x kernel of %d is above %d", w.Kernel, maxPoolKernel)
	case l.Rank == 2 && l.Axes[0].Kernel > maxPoolRows:
		return w, fmt.Errorf("a y kernel of %d is above %d", l.Axes[0].Kernel, maxPoolRows)
	}
	return w, nil
}

func unpoolBlocks(l *specs.Layer) (polyphase.Blocks, error) {
	b, err := polyphase.BlocksOf(l)
	switch {
	case err != nil && l.Rank <= 2:
		return b, fmt.Errorf("the windows overlap, leave gaps or have padding: an index may lie in several blocks or in none")
	case err != nil:
		return b, err
	case max(b.Y, b.X) > maxUnpoolBlock:
		return b, fmt.Errorf("a window of %d is above %d", max(b.Y, b.X), maxUnpoolBlock)
	}
	return b, nil
}

// String prints the plan on one line.
func (p Pool) String() string {
	along := "x"
	switch {
	case p.Target.Lanes == 1:
		along = "nothing"
	case p.Pixels:
		along = "channels"
	}
	if p.Op == specs.MaxPool {
		return fmt.Sprintf("%s: lanes %d along %s, largest of windows of %d, stride %d, dilation %d, bits kept",
			p.Target.Name, p.Target.Lanes, along, p.Windows.Kernel, p.Windows.Stride, p.Windows.Dilation)
	}
	return fmt.Sprintf("%s: lanes %d along %s, each input in its block of %d x %d, bits kept", p.Target.Name, p.Target.Lanes, along, p.Blocks.Y, p.Blocks.X)
}

// Why says in a few words what led to the plan.
func (p Pool) Why() string {
	switch {
	case p.Rare:
		return "no vectors: values go through registers one at a time, and branches pass over those that are not larger"
	case p.Target.Lanes == 1:
		return "no vectors: values go through registers one at a time, and the larger is chosen without a branch"
	case p.Pixels && p.Op == specs.MaxUnpool:
		return "indices that lie in their own blocks become bytes, and whole pixels are written from those; other images are scattered"
	case p.Pixels:
		return "the elements of a window are whole pixels; indices are found by comparing with the maxima"
	case p.Op == specs.MaxPool && p.Windows.Stride == 1:
		return "neighbouring windows are neighbouring lanes; indices are found by comparing with the maxima"
	case p.Op == specs.MaxPool:
		return "vectors of a row are taken apart into the elements of windows; indices are found by comparing with the maxima"
	default:
		return "indices that lie in their own blocks become bytes, and whole rows are written from those; other planes are scattered"
	}
}

// Widths are the numbers of columns of the tiles that fill a row.
func (p Pool) Widths() []int { return []int{p.Target.Lanes} }
