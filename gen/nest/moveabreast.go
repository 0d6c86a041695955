package nest

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Without vectors the blocks of several neighbouring inputs are made together, so that stores
// go to one cache line after the other:
//
//	for each coarse row, for each few coarse columns:
//	    for each row of the block: store it, of all columns
//
// pixel_unshuffle stores a few elements of one channel of a block, then of the next.

// abreastTiles spell the blocks of n coarse columns.
var abreastTiles = map[specs.Op]func(b mover, n int) []Node{
	specs.Nearest:        mover.repeatAbreast,
	specs.BedOfNails:     mover.nailAbreast,
	specs.PixelShuffle:   mover.joinAbreast,
	specs.PixelUnshuffle: mover.splitAbreast,
}

// abreast makes a row of blocks, and steps to the next one of dst.
func (b mover) abreast() []Node {
	dstCol, dstRow, srcCol, _ := b.steps()
	tile := func(n int) []Node {
		return append(abreastTiles[b.plan.Op](b, n), Advance{"s", "", n * srcCol}, Advance{"d", "", n * dstCol})
	}
	return []Node{
		Point{"d", "dRow"}, Point{"s", "sRow"},
		Loop{Var: "col", To: "cols", Step: b.plan.Abreast, Body: tile(b.plan.Abreast)},
		Loop{Var: "col", To: "cols", Step: 1, Continue: true, Body: tile(1)},
		Advance{"dRow", "dstRow", dstRow},
	}
}

// repeatAbreast stores each of n inputs in its block.
func (b mover) repeatAbreast(n int) []Node {
	return append(b.inputs(n), b.fineRows(func(_, at int) []Node {
		return []Node{Store{To: Ref{"out", at}, Src: inputOf(at / b.plan.X)}}
	}, n)...)
}

// nailAbreast stores each of n inputs before the zeros of its block.
func (b mover) nailAbreast(n int) []Node {
	nodes := b.inputs(n)
	if b.plan.Y*b.plan.X > 1 {
		nodes = append(nodes, Zero{"zero"})
	}
	return append(nodes, b.fineRows(func(y, at int) []Node {
		src := inputOf(at / b.plan.X)
		if y+at%b.plan.X > 0 {
			src = "zero"
		}
		return []Node{Store{To: Ref{"out", at}, Src: src}}
	}, n)...)
}

// inputs loads n neighbouring inputs.
func (b mover) inputs(n int) (nodes []Node) {
	for i := range n {
		nodes = append(nodes, Load{Dst: inputOf(i), From: Ref{"s", i}})
	}
	return nodes
}

func inputOf(i int) string { return fmt.Sprintf("x%d", i) }

// fineRows walks the rows of n blocks, element by element.
func (b mover) fineRows(element func(y, at int) []Node, n int) []Node {
	nodes := []Node{Point{"out", "d"}}
	for y := range b.plan.Y {
		if y > 0 {
			nodes = append(nodes, Advance{"out", "dstRow", 1})
		}
		for at := range n * b.plan.X {
			nodes = append(nodes, element(y, at)...)
		}
	}
	return nodes
}

// joinAbreast makes n blocks from their channels.
func (b mover) joinAbreast(n int) []Node {
	nodes := b.channelCursors("s")
	return append(nodes, b.fineRows(func(y, at int) []Node {
		from := Ref{b.channelCursor(y, at%b.plan.X, "s"), at / b.plan.X}
		return []Node{Load{Dst: "x", From: from}, Store{To: Ref{"out", at}, Src: "x"}}
	}, n)...)
}

// channelCursors point to the channels of a block, of which the first is there already.
func (b mover) channelCursors(first string) (nodes []Node) {
	last := first
	for i := 1; i < b.plan.Y*b.plan.X; i++ {
		part := b.channelCursor(i/b.plan.X, i%b.plan.X, first)
		nodes = append(nodes, Point{part, last}, Advance{part, "plane", 1})
		last = part
	}
	return nodes
}

// channelCursor is the cursor of a channel.
func (b mover) channelCursor(y, r int, first string) string {
	if y+r == 0 {
		return first
	}
	return fmt.Sprintf("%s%d", first, y*b.plan.X+r)
}

// splitAbreast takes n blocks apart into their channels.
func (b mover) splitAbreast(n int) []Node {
	nodes := []Node{Point{"in", "s"}, Point{"out", "d"}}
	for y := range b.plan.Y {
		if y > 0 {
			nodes = append(nodes, Advance{"in", "srcRow", 1})
		}
		for r := range b.plan.X {
			if y+r > 0 {
				nodes = append(nodes, Advance{"out", "plane", 1})
			}
			for i := range n {
				nodes = append(nodes, Load{Dst: "x", From: Ref{"in", i*b.plan.X + r}}, Store{To: Ref{"out", i}, Src: "x"})
			}
		}
	}
	return nodes
}
