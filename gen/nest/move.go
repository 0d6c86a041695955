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
//	for each coarse row, for each fine row of its block, for each vector of coarse columns:
//	    load it
//	    interleave the x phases
//	    store them
//
// Fine rows follow each other in memory, and stores that do not jump are sooner done. Shuffles
// load the vectors of all channels of a block and store all its rows; pixel_unshuffle
// goes the other way.
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

// moveTiles spell one vector of coarse columns of ops that make a whole block of it.
var moveTiles = map[specs.Op]func(b mover, masked bool) []Node{
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
	_, _, _, srcRow := b.steps()
	body := append(b.block(), Advance{"sRow", "srcRow", srcRow})
	nodes := []Node{Point{"sRow", "src"}, Point{"dRow", "dst"}, Loop{Var: "row", To: "rows", Step: 1, Body: body}}
	if b.permutes() {
		return append(b.places(), nodes...)
	}
	return nodes
}

// permutes reports whether inputs are repeated by permuting a vector of them.
func (b mover) permutes() bool {
	return b.plan.Op == specs.Nearest && b.plan.X > 1 && b.plan.Abreast == 0
}

// places says which input each lane of the vectors of a row of blocks repeats:
// 0 0 1 1 2 2 and so on.
func (b mover) places() (nodes []Node) {
	regs := make([]string, b.plan.X)
	for r := range regs {
		if regs[r] = placesOf(r); r == 0 {
			nodes = append(nodes, Count{regs[0], 1})
		} else {
			nodes = append(nodes, copied(regs[r], regs[0]))
		}
	}
	return append(nodes, Interleave{regs})
}

func placesOf(r int) string { return fmt.Sprintf("places%d", r) }

// block makes all that comes of a coarse row, and steps to the next one of dst.
func (b mover) block() []Node {
	_, dstRow, _, _ := b.steps()
	switch {
	case b.plan.Abreast > 0:
		return b.abreast()
	case b.plan.Op == specs.Nearest:
		return repeat(b.plan.Y, b.row(mover.repeated, 1))
	case b.plan.Op == specs.BedOfNails:
		return append(b.row(mover.nails, 1), repeat(b.plan.Y-1, b.row(mover.zeros, 1))...)
	}
	return b.row(b.tiles(), dstRow)
}

// tiles spell one vector of coarse columns, or of channels where those lie together.
func (b mover) tiles() func(b mover, masked bool) []Node {
	if b.plan.Pixels {
		return pixelTiles[b.plan.Op]
	}
	return moveTiles[b.plan.Op]
}

// row runs tiles over a coarse row: whole vectors, then what is left. It makes so many
// rows of dst.
func (b mover) row(tile func(b mover, masked bool) []Node, made int) []Node {
	columns := columnsOf(b.plan.Target.Lanes, func(masked bool) []Node { return b.tile(tile, masked) })
	nodes := append([]Node{Point{"d", "dRow"}, Point{"s", "sRow"}}, columns...)
	return append(nodes, Advance{"dRow", "dstRow", made})
}

// tile moves one vector of coarse columns and steps to the next; a masked one is
// what is left of a row, and steps nowhere.
func (b mover) tile(tile func(b mover, masked bool) []Node, masked bool) []Node {
	lanes := b.plan.Target.Lanes
	dstCol, _, srcCol, _ := b.steps()
	body := tile(b, masked)
	if masked {
		return body // the last of its row
	}
	return append(body, Advance{"s", "", srcCol * lanes}, Advance{"d", "", dstCol * lanes})
}

// repeated stores each input as often as a row of the block has elements.
func (b mover) repeated(masked bool) []Node {
	nodes, mask := b.inside(masked)
	regs := b.phases()
	if !b.permutes() { // one element
		nodes = append(nodes, Load{Dst: regs[0], From: Ref{Cursor: "s"}, Mask: mask})
		return append(nodes, b.store(regs, masked)...)
	}
	nodes = append(nodes, Load{Dst: "in", From: Ref{Cursor: "s"}, Mask: mask})
	for r := range regs {
		if masked && b.beyond(r) {
			break
		}
		nodes = append(nodes, Permute{Dst: "out", Src: "in", Places: placesOf(r)})
		nodes = append(nodes, b.storeVector(r, "out", masked)...)
	}
	return nodes
}

// nails stores each input before the zeros of its row of the block.
func (b mover) nails(masked bool) []Node {
	nodes, mask := b.inside(masked)
	regs := b.phases()
	nodes = append(nodes, Load{Dst: regs[0], From: Ref{Cursor: "s"}, Mask: mask})
	for _, x := range regs[1:] {
		nodes = append(nodes, Zero{x})
	}
	return append(append(nodes, b.interleave()...), b.store(regs, masked)...)
}

// zeros stores a row of the block that has no input.
func (b mover) zeros(masked bool) []Node {
	regs := make([]string, b.plan.X)
	for r := range regs {
		regs[r] = "zero"
	}
	return append([]Node{Zero{"zero"}}, b.store(regs, masked)...)
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
		if b.plan.X > 1 {
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
		regs[r] = inputOf(r)
	}
	return regs
}

func (b mover) interleave() []Node {
	if b.plan.X == 1 {
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

// fine defines the mask of vector r of a fine row of a masked tile, which has one coarse
// column at least.
func (b mover) fine(r int, masked bool) (nodes []Node, mask string) {
	if !masked || (r+1)*b.plan.Target.Lanes <= b.plan.X {
		return nil, ""
	}
	return []Node{Mask{Dst: "kept", Var: "col", Scale: b.plan.X, Skip: r * b.plan.Target.Lanes, Limit: "width"}}, "kept"
}

// beyond reports whether vector r of a fine row lies after the end of every masked tile,
// which lacks at least one coarse column.
func (b mover) beyond(r int) bool {
	return b.plan.X*(b.plan.Target.Lanes-1) <= r*b.plan.Target.Lanes
}

// movedAhead is how many elements before they are stored cache lines are asked for: far
// enough for the pages of memory that hardware does not look into ahead of time.
const movedAhead = 2048

// store writes the vectors of a fine row.
func (b mover) store(regs []string, masked bool) (nodes []Node) {
	for r, x := range regs {
		if masked && b.beyond(r) {
			break
		}
		nodes = append(nodes, b.storeVector(r, x, masked)...)
	}
	return nodes
}

// storeVector writes vector r of a fine row.
func (b mover) storeVector(r int, x string, masked bool) []Node {
	nodes, kept := b.fine(r, masked)
	to := b.at("d", r)
	if !masked {
		nodes = append(nodes, Prefetch{From: Ref{to.Cursor, to.Disp + movedAhead}})
	}
	return append(nodes, Store{To: to, Src: x, Mask: kept})
}
