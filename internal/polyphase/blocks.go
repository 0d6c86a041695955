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
	b := Blocks{Y: 1, X: axes[len(axes)-1].Scale}
	if l.Rank == 2 {
		b.Y = axes[0].Scale
	}
	return b, nil
}

// ownBlock reports for each op that moves values whether the blocks of an axis are
// made of their own coarse element alone.
var ownBlock = map[specs.Op]func(l *specs.Layer, axis int) bool{
	specs.Nearest:        repeatsOwn,
	specs.BedOfNails:     always,
	specs.PixelShuffle:   always,
	specs.PixelUnshuffle: always,
}

func always(*specs.Layer, int) bool { return true }

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
