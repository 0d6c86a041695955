package polyphase

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Blocks are the scales of a layer of one or two axes that moves values between
// single elements of a coarse array and blocks of Y x X elements of a fine one, and
// computes nothing. Y is 1 for 1-D layers.
type Blocks struct{ Y, X int }

// BlocksOf returns the blocks of a layer. The error says why it has none.
func BlocksOf(l *specs.Layer) (Blocks, error) {
	own, ok := ownBlock[l.Op]
	switch {
	case !ok:
		return Blocks{}, fmt.Errorf("layers of op %s do not move blocks", l.Op)
	case l.Rank > 2:
		return Blocks{}, fmt.Errorf("%d-D layers run on the generic path", l.Rank)
	}
	axes := l.Spatial()
	for i := range axes {
		if !own(l, i) {
			return Blocks{}, fmt.Errorf("an output is not always taken from the input of its own block")
		}
	}
	b := Blocks{Y: 1, X: blockOf(axes[len(axes)-1])}
	if l.Rank == 2 {
		b.Y = blockOf(axes[0])
	}
	return b, nil
}

// blockOf is the scale of an axis, or the window that a max_unpool undoes.
func blockOf(a specs.Axis) int { return max(a.Scale, a.Kernel) }

// ownBlock reports for each op that moves values whether the blocks of an axis are
// made of their own coarse element alone.
var ownBlock = map[specs.Op]func(l *specs.Layer, axis int) bool{
	specs.Nearest:        repeatsOwn,
	specs.BedOfNails:     always,
	specs.PixelShuffle:   always,
	specs.PixelUnshuffle: always,
	specs.MaxUnpool:      apart,
}

func always(*specs.Layer, int) bool { return true }

// apart reports whether the windows that a max_unpool undoes do not overlap, leave
// nothing between them and begin with the first element.
func apart(l *specs.Layer, axis int) bool {
	a := l.Axes[axis]
	return a.Kernel == a.Stride && a.PadBegin == 0 && a.PadEnd == 0
}

// repeatsOwn reports whether all outputs of a block repeat its input: the rounding
// of a nearest resize may choose a neighbour of it.
func repeatsOwn(l *specs.Layer, axis int) bool {
	a, ok := scaledAxis(l, axis)
	if !ok {
		return false
	}
	least, most := a.Reach()
	return least == 0 && most == 0
}
