package nest

import (
	"fmt"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// The arguments of every kernel that moves values, in the order of runtime.MoveFunc.
var (
	moveSlices = []string{"dst", "src"}
	moveInts   = []string{"rows", "cols", "width", "dstRow", "srcRow", "plane"}
)

// BuildMove spells out the plan of a layer that moves values: one function that
// makes rows of one array from rows of the other.
//
//	for each coarse row, for each vector of coarse columns:
//	    load it, for pixels those of all channels of the block
//	    interleave the x phases
//	    store them in each fine row of the block
//
// pixel_unshuffle goes the other way.
func BuildMove(name string, m plan.Move) Kernel {
	b := mover{m}
	k := Kernel{Name: name, Lanes: m.Target.Lanes, Slices: moveSlices, Ints: moveInts}
	switch {
	case m.Runs:
		k.Body = b.blockRows()
	case m.Run > 0:
		k.Body = b.runs()
	default:
		k.Body = b.rows()
	}
	return k
}

// mover makes the nodes of a kernel that moves values.
type mover struct{ plan plan.Move }

// moveTiles spell one vector of coarse columns of each op.
var moveTiles = map[specs.Op]func(b mover, masked bool) []Node{
	specs.Nearest:        mover.repeat,
	specs.BedOfNails:     mover.nails,
	specs.PixelShuffle:   mover.join,
	specs.PixelUnshuffle: mover.split,
}

// pixelTiles spell one vector of channels of each op, where those lie together.
var pixelTiles = map[specs.Op]func(b mover, masked bool) []Node{
	specs.PixelShuffle:   mover.deal,
	specs.PixelUnshuffle: mover.collect,
}

// steps are how far a coarse column and a coarse row lie from the next in dst and
// in src.
func (b mover) steps() (dstCol, dstRow, srcCol, srcRow int) {
	block := b.plan.Y * b.plan.X
	switch {
	case b.plan.Pixels && b.plan.Op == specs.PixelUnshuffle:
		return block, 1, 1, 1
	case b.plan.Pixels:
		return 1, 1, block, 1
	case b.plan.Op == specs.PixelUnshuffle:
		return 1, 1, b.plan.X, b.plan.Y
	}
	return b.plan.X, b.plan.Y, 1, 1
}

func (b mover) rows() []Node {
	_, dstRow, _, srcRow := b.steps()
	body := append([]Node{Point{"d", "dRow"}, Point{"s", "sRow"}}, b.columns()...)
	body = append(body, Advance{"sRow", "srcRow", srcRow}, Advance{"dRow", "dstRow", dstRow})
	return []Node{Point{"sRow", "src"}, Point{"dRow", "dst"}, Loop{Var: "row", To: "rows", Step: 1, Body: body}}
}

// columns runs whole vectors, then what is left of the row.
func (b mover) columns() []Node {
	lanes := b.plan.Target.Lanes
	loops := []Node{Loop{Var: "col", To: "cols", Step: lanes, Body: b.tile(false)}}
	if lanes > 1 {
		loops = append(loops, Loop{Var: "col", To: "cols", Step: lanes, Partial: true, Continue: true, Body: b.tile(true)})
	}
	return loops
}

// tile moves one vector of coarse columns and steps to the next; a masked one is
// what is left of a row, and steps nowhere.
func (b mover) tile(masked bool) []Node {
	lanes := b.plan.Target.Lanes
	dstCol, _, srcCol, _ := b.steps()
	tiles := moveTiles
	if b.plan.Pixels {
		tiles = pixelTiles
	}
	body := tiles[b.plan.Op](b, masked)
	if masked {
		return body // the last of its row
	}
	return append(body, Advance{"s", "", srcCol * lanes}, Advance{"d", "", dstCol * lanes})
}

// repeat stores one interleaved row in all rows of the block.
func (b mover) repeat(masked bool) []Node {
	nodes, mask := b.inside(masked)
	for _, x := range b.phases() {
		nodes = append(nodes, Load{Dst: x, From: Ref{Cursor: "s"}, Mask: mask})
	}
	nodes = append(nodes, b.interleave()...)
	return append(nodes, b.store(b.plan.Y, b.phases(), masked)...)
}

// nails stores the inputs between zeros in the first row of the block and zeros
// alone in the others.
func (b mover) nails(masked bool) []Node {
	nodes, mask := b.inside(masked)
	regs := b.phases()
	nodes = append(nodes, Load{Dst: regs[0], From: Ref{Cursor: "s"}, Mask: mask})
	for _, x := range regs[1:] {
		nodes = append(nodes, Zero{x})
	}
	nodes = append(nodes, b.interleave()...)
	nodes = append(nodes, b.store(1, regs, masked)...)
	if b.plan.Y == 1 {
		return nodes
	}
	zeros := make([]string, len(regs))
	for r := range zeros {
		zeros[r] = "zero"
	}
	nodes = append(nodes, Zero{"zero"}, Advance{"d", "dstRow", 1})
	nodes = append(nodes, b.store(b.plan.Y-1, zeros, masked)...)
	if masked {
		return nodes // the last of its row
	}
	return append(nodes, Advance{"d", "dstRow", -1})
}

// join interleaves the channels of each row of the block.
func (b mover) join(masked bool) []Node {
	nodes, mask := b.inside(masked)
	nodes = append(nodes, Point{"in", "s"}, Point{"out", "d"})
	for y := range b.plan.Y {
		for r, x := range b.phases() {
			if y+r > 0 {
				nodes = append(nodes, Advance{"in", "plane", 1})
			}
			nodes = append(nodes, Load{Dst: x, From: Ref{Cursor: "in"}, Mask: mask})
		}
		if y > 0 {
			nodes = append(nodes, Advance{"out", "dstRow", 1})
		}
		nodes = append(nodes, b.interleave()...)
		for r, x := range b.phases() {
			if masked && b.beyond(r) {
				break
			}
			more, kept := b.fine(r, masked)
			nodes = append(append(nodes, more...), Store{To: b.at("out", r), Src: x, Mask: kept})
		}
	}
	return nodes
}

// split takes the rows of the block apart into its channels.
func (b mover) split(masked bool) []Node {
	nodes, mask := b.inside(masked)
	nodes = append(nodes, Point{"in", "s"}, Point{"out", "d"})
	for y := range b.plan.Y {
		if y > 0 {
			nodes = append(nodes, Advance{"in", "srcRow", 1})
		}
		for r, x := range b.phases() {
			more, kept := b.fine(r, masked)
			nodes = append(append(nodes, more...), Load{Dst: x, From: b.at("in", r), Mask: kept})
		}
		if b.plan.X > 1 && b.plan.Target.Lanes > 1 {
			nodes = append(nodes, Deinterleave{b.phases()})
		}
		for r, x := range b.phases() {
			if y+r > 0 {
				nodes = append(nodes, Advance{"out", "plane", 1})
			}
			nodes = append(nodes, Store{To: Ref{Cursor: "out"}, Src: x, Mask: mask})
		}
	}
	return nodes
}

// phases name the registers of a row of a block.
func (b mover) phases() []string {
	regs := make([]string, b.plan.X)
	for r := range regs {
		regs[r] = fmt.Sprintf("x%d", r)
	}
	return regs
}

func (b mover) interleave() []Node {
	if b.plan.X == 1 || b.plan.Target.Lanes == 1 {
		return nil
	}
	return []Node{Interleave{b.phases()}}
}

// at is vector r of a fine row.
func (b mover) at(cursor string, r int) Ref { return Ref{cursor, r * b.plan.Target.Lanes} }

// inside defines the mask of coarse columns that a masked tile has.
func (b mover) inside(masked bool) (nodes []Node, mask string) {
	if !masked {
		return nil, ""
	}
	return []Node{Mask{Dst: "inside", Var: "col", Scale: 1, Limit: "cols"}}, "inside"
}

// fine defines the mask of vector r of a fine row of a masked tile.
func (b mover) fine(r int, masked bool) (nodes []Node, mask string) {
	if !masked {
		return nil, ""
	}
	return []Node{Mask{Dst: "kept", Var: "col", Scale: b.plan.X, Skip: r * b.plan.Target.Lanes, Limit: "width"}}, "kept"
}

// beyond reports whether vector r of a fine row lies after the end of every masked tile,
// which lacks at least one coarse column.
func (b mover) beyond(r int) bool {
	return b.plan.X*(b.plan.Target.Lanes-1) <= r*b.plan.Target.Lanes
}

// store writes the same vectors to so many fine rows: row by row, or vector by
// vector where each needs a mask.
func (b mover) store(rows int, regs []string, masked bool) (nodes []Node) {
	if !masked {
		nodes = append(nodes, Point{"out", "d"})
		for y := range rows {
			if y > 0 {
				nodes = append(nodes, Advance{"out", "dstRow", 1})
			}
			for r, x := range regs {
				nodes = append(nodes, Store{To: b.at("out", r), Src: x})
			}
		}
		return nodes
	}
	for r, x := range regs {
		if b.beyond(r) {
			break
		}
		more, kept := b.fine(r, masked)
		nodes = append(append(nodes, more...), Point{"out", "d"})
		for y := range rows {
			if y > 0 {
				nodes = append(nodes, Advance{"out", "dstRow", 1})
			}
			nodes = append(nodes, Store{To: b.at("out", r), Src: x, Mask: kept})
		}
	}
	return nodes
}
