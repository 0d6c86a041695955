package nest

import (
	"fmt"

	"github.com/upconv/upconv/gen/plan"
)

// unpooler makes the nodes of a max_unpool.
type unpooler struct{ plan plan.Pool }

// check spells
//
//	for each row of indices, for each vector of them:
//	    take those of 64 bits apart into low and high halves
//	    number the element of its own block that each leads to, from 1; 0 is another block
//	    store the numbers as bytes
//	store first of all the lanes that had a 0
func (b unpooler) check(wide bool) []Node {
	lanes, block := b.plan.Target.Lanes, b.plan.Blocks
	nodes := []Node{
		Zero{"zero"}, Constant{"one", 1}, Zero{"foreign"},
		Count{"corner", block.X}, Spread{"start", "first"}, Compute{"corner", AddInt, "corner", "start"},
		Spread{"lower", "line"}, copied("down", "lower"),
	}
	for range block.Y - 1 {
		nodes = append(nodes, Compute{"down", AddInt, "down", "lower"})
	}
	if block.Y > 1 { // from the last element of a row of a block to the first of the next
		nodes = append(nodes, Constant{"back", uint32(block.X - 1)}, Compute{"turn", SubInt, "lower", "back"})
	}
	row := []Node{Point{"d", "dRow"}, Point{"s", "sRow"}, copied("own", "corner")}
	row = append(row, columnsOf(lanes, func(masked bool) []Node { return b.checkTile(wide, masked) })...)
	row = append(row, Advance{"sRow", "srcRow", 1}, Advance{"dRow", "dstRow", 1}, Compute{"corner", AddInt, "corner", "down"})
	return append(nodes,
		Point{"sRow", "src"}, Point{"dRow", "dst"}, Advance{"dRow", "", lanes},
		Loop{Var: "row", To: "rows", Step: 1, Body: row},
		Point{"d", "dst"}, Store{To: Ref{Cursor: "d"}, Src: "foreign"},
	)
}

// columnsOf runs whole vectors of a row, then what is left.
func columnsOf(lanes int, tile func(masked bool) []Node) []Node {
	loops := []Node{Loop{Var: "col", To: "cols", Step: lanes, Body: tile(false)}}
	if lanes > 1 {
		loops = append(loops, Rest{Var: "col", To: "cols", Body: tile(true)})
	}
	return loops
}

func (b unpooler) checkTile(wide, masked bool) []Node {
	lanes, words := b.plan.Target.Lanes, 1
	nodes := b.loadIndices(wide, masked)
	nodes = append(nodes, b.numbered("own", "one", wide, masked)...)
	if wide {
		words = 2
	}
	if masked && !wide {
		nodes = masksOnce(nodes)
	}
	if masked {
		return nodes // the last of its row
	}
	return append(nodes,
		Advance{"s", "", words * lanes}, Advance{"d", "", max(1, lanes/4)},
		Constant{"step", uint32(b.plan.Blocks.X * lanes)}, Compute{"own", AddInt, "own", "step"},
	)
}

// numbered stores the numbers of the elements of blocks that indices lead to, and notes
// which lead elsewhere. The first elements are at corner, and neighbours step apart.
func (b unpooler) numbered(corner, step string, wide, masked bool) []Node {
	nodes := append([]Node{Compute{"at", SubInt, "at", corner}}, b.number(step)...)
	if wide {
		nodes = append(nodes, KeepEqual{Dst: "number", A: "high", B: "zero", Then: "number"})
	}
	nodes = append(nodes, StoreBytes{To: Ref{Cursor: "d"}, Src: "number"}, KeepEqual{Dst: "none", A: "number", B: "zero", Then: "one"})
	if masked {
		more, mask := insideCols(masked)
		nodes = append(append(nodes, more...), Clear{"none", mask})
	}
	return append(nodes, Compute{"foreign", Or, "foreign", "none"})
}

// surveyAhead is how many elements of 32 bits before their use indices are asked for.
const surveyAhead = 512

// loadIndices loads the low halves of the indices, and the high ones where they have
// 64 bits.
func (b unpooler) loadIndices(wide, masked bool) (nodes []Node) {
	if !wide {
		nodes, mask := insideCols(masked)
		if !masked && b.plan.Target.Lanes > 1 {
			nodes = append(nodes, Prefetch{From: Ref{"s", surveyAhead}})
		}
		return append(nodes, Load{Dst: "at", From: Ref{Cursor: "s"}, Mask: mask})
	}
	lanes := b.plan.Target.Lanes
	halves := []string{"at", "high"}
	for r, x := range halves {
		load := Load{Dst: x, From: Ref{"s", r * lanes}}
		if !masked && lanes > 1 {
			nodes = append(nodes, Prefetch{From: Ref{"s", r*lanes + surveyAhead}})
		}
		if masked {
			nodes = append(nodes, Mask{Dst: "readable", Var: "col", Scale: 2, Skip: r * lanes, Limit: "width"})
			load.Mask = "readable"
		}
		nodes = append(nodes, load)
	}
	if lanes > 1 {
		nodes = append(nodes, Deinterleave{halves})
	}
	return nodes
}

// number compares the distances from the first element of the block with those of
// all its elements, in their order.
func (b unpooler) number(apart string) []Node {
	block := b.plan.Blocks
	nodes := []Node{KeepEqual{Dst: "number", A: "at", B: "zero", Then: "one"}}
	before := "one"
	for i := 1; i < block.Y*block.X; i++ {
		step := apart
		if i%block.X == 0 {
			step = "turn"
		}
		nodes = append(nodes,
			Compute{"at", SubInt, "at", step}, Compute{"next", AddInt, before, "one"},
			KeepEqual{Dst: "hit", A: "at", B: "zero", Then: "next"}, Compute{"number", Or, "number", "hit"},
		)
		before = "next"
	}
	return nodes
}

// put spells
//
//	for each row of inputs, for each row of its blocks, for each vector of inputs:
//	    load it and the numbers of their elements
//	    keep the inputs whose number is that of the element, else 0; interleave and store
//
// Rows of outputs are written one after the other.
func (b unpooler) put() []Node {
	var row []Node
	for y := range b.plan.Blocks.Y {
		row = append(row, Point{"d", "dRow"}, Point{"s", "sRow"}, Point{"a", "aRow"})
		if y > 0 {
			row = append(row, Constant{"before", uint32(y * b.plan.Blocks.X)})
		}
		row = append(row, columnsOf(b.plan.Target.Lanes, func(masked bool) []Node { return b.putTile(y, masked) })...)
		row = append(row, Advance{"dRow", "dstRow", 1})
	}
	row = append(row, Advance{"sRow", "srcRow", 1}, Advance{"aRow", "aidRow", 1})
	return []Node{
		Zero{"zero"}, Constant{"one", 1}, Point{"sRow", "src"}, Point{"aRow", "aid"}, Point{"dRow", "dst"},
		Loop{Var: "row", To: "rows", Step: 1, Body: row},
	}
}

// putAhead is how many elements before their use inputs are asked for.
const putAhead = 256

// putTile writes the outputs of row y of blocks, whose numbers follow those before.
func (b unpooler) putTile(y int, masked bool) []Node {
	lanes, block := b.plan.Target.Lanes, b.plan.Blocks
	nodes, mask := insideCols(masked)
	if !masked && lanes > 1 {
		nodes = append(nodes, Prefetch{From: Ref{"s", putAhead}})
	}
	nodes = append(nodes, Load{Dst: "value", From: Ref{Cursor: "s"}, Mask: mask}, LoadBytes{Dst: "number", From: Ref{Cursor: "a"}})
	if y > 0 {
		nodes = append(nodes, Compute{"number", SubInt, "number", "before"})
	}
	regs := make([]string, block.X)
	for x := range regs {
		regs[x] = fmt.Sprintf("x%d", x)
		nodes = append(nodes, Compute{"number", SubInt, "number", "one"}, KeepEqual{Dst: regs[x], A: "number", B: "zero", Then: "value"})
	}
	if block.X > 1 && lanes > 1 {
		nodes = append(nodes, Interleave{regs})
	}
	for r, x := range regs {
		store := Store{To: Ref{"d", r * lanes}, Src: x}
		if masked {
			nodes = append(nodes, Mask{Dst: "kept", Var: "col", Scale: block.X, Skip: r * lanes, Limit: "width"})
			store.Mask = "kept"
		} else if lanes > 1 {
			nodes = append(nodes, Prefetch{From: Ref{"d", r*lanes + movedAhead}})
		}
		nodes = append(nodes, store)
	}
	if masked {
		return nodes // the last of its row
	}
	return append(nodes, Advance{"s", "", lanes}, Advance{"a", "", max(1, lanes/4)}, Advance{"d", "", block.X * lanes})
}
