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
//	store first of all the lanes that had a 0, or a high half that is not 0
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
	nodes = append(nodes, Constant{"step", uint32(block.X * lanes)})
	nodes = append(nodes, b.distances()...)
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
	nodes = append(nodes, b.numbered("own", b.number("one"), wide, masked)...)
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
		Compute{"own", AddInt, "own", "step"},
	)
}

// numbered stores the numbers of the elements of blocks that indices lead to, and notes
// which lead elsewhere, as those do whose high halves are not 0. The first elements are at
// corner.
func (b unpooler) numbered(corner string, number []Node, wide, masked bool) (nodes []Node) {
	if wide {
		nodes = append(nodes, Compute{"foreign", Or, "foreign", "high"})
	}
	nodes = append(append(nodes, Compute{"at", SubInt, "at", corner}), number...)
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

// remembers reports whether registers hold the distances of all elements of a block from
// its first one, and their numbers, beside those that a tile takes.
func (b unpooler) remembers() bool {
	const others = 12
	return !b.plan.Pixels && 2*b.plan.Blocks.Y*b.plan.Blocks.X+others <= b.plan.Target.Registers
}

func distanceOf(i int) string { return fmt.Sprintf("distance%d", i) }
func nameOf(i int) string     { return fmt.Sprintf("name%d", i) }

// distances are what indices are compared with: of all elements of a block, or from the
// last one of a row of it to the first of the next.
func (b unpooler) distances() (nodes []Node) {
	block := b.plan.Blocks
	if !b.remembers() {
		if block.Y > 1 {
			nodes = append(nodes, Constant{"back", uint32(block.X - 1)}, Compute{"turn", SubInt, "lower", "back"})
		}
		return nodes
	}
	for i := 1; i < block.Y*block.X; i++ {
		nodes = append(nodes, Constant{nameOf(i), uint32(i + 1)})
		switch {
		case i < block.X:
			nodes = append(nodes, Constant{distanceOf(i), uint32(i)})
		case i == block.X:
			nodes = append(nodes, copied(distanceOf(i), "lower"))
		default:
			nodes = append(nodes, Compute{distanceOf(i), AddInt, distanceOf(i - block.X), "lower"})
		}
	}
	return nodes
}

// number compares the distances from the first element of the block with those of
// all its elements, in their order.
func (b unpooler) number(apart string) []Node {
	if b.remembers() {
		return b.compared()
	}
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

// compared is number with all distances and numbers in registers.
func (b unpooler) compared() []Node {
	nodes := []Node{KeepEqual{Dst: "number", A: "at", B: "zero", Then: "one"}}
	for i := 1; i < b.plan.Blocks.Y*b.plan.Blocks.X; i++ {
		nodes = append(nodes, KeepEqual{Dst: "hit", A: "at", B: distanceOf(i), Then: nameOf(i)}, Compute{"number", Or, "number", "hit"})
	}
	return nodes
}

// put spells
//
//	for each row of inputs, for each row of its blocks, for each vector of inputs:
//	    load it and the numbers of their elements
//	    for each vector of the row of blocks: repeat inputs and numbers by permuting them,
//	    and store inputs where the number is that of the element, and 0 elsewhere
//
// Rows of outputs are written one after the other, past the caches where the call says so:
// then columns are those of whole vectors.
func (b unpooler) put() []Node {
	past := append(b.putRows(true), Fence{})
	return append(b.repeats(), If{Arg: "taps", Body: past, Else: b.putRows(false)})
}

func (b unpooler) putRows(past bool) []Node {
	var row []Node
	for y := range b.plan.Blocks.Y {
		row = append(row, b.sought(y)...)
		row = append(row, Point{"d", "dRow"}, Point{"s", "sRow"}, Point{"a", "aRow"})
		if lanes := b.plan.Target.Lanes; past {
			row = append(row, Loop{Var: "col", To: "cols", Step: lanes, Body: b.putTile(y, false, true)})
		} else {
			row = append(row, columnsOf(lanes, func(masked bool) []Node { return b.putTile(y, masked, false) })...)
		}
		row = append(row, Advance{"dRow", "dstRow", 1})
	}
	row = append(row, Advance{"sRow", "srcRow", 1}, Advance{"aRow", "aidRow", 1})
	return []Node{
		Point{"sRow", "src"}, Point{"aRow", "aid"}, Point{"dRow", "dst"},
		Loop{Var: "row", To: "rows", Step: 1, Body: row},
	}
}

// repeats says which input each lane of the vectors of a row of blocks repeats, and which
// element of the row it is, from 1: 0 0 1 1 2 2 and 1 2 1 2 1 2.
func (b unpooler) repeats() []Node {
	places, names := make([]string, b.plan.Blocks.X), make([]string, b.plan.Blocks.X)
	var nodes []Node
	for r := range places {
		places[r], names[r] = placesOf(r), nameOf(r)
		nodes = append(nodes, Count{places[r], 1}, Constant{names[r], uint32(r + 1)})
	}
	if len(places) == 1 {
		return nodes
	}
	return append(nodes, Interleave{places}, Interleave{names})
}

// sought are the numbers that the elements of row y of blocks have.
func (b unpooler) sought(y int) (nodes []Node) {
	if y == 0 {
		return nil
	}
	nodes = []Node{Constant{"before", uint32(y * b.plan.Blocks.X)}}
	for r := range b.differ() {
		nodes = append(nodes, Compute{soughtOf(y, r), AddInt, nameOf(r), "before"})
	}
	return nodes
}

// differ is how many vectors of a row of blocks begin with different elements.
func (b unpooler) differ() int {
	if b.plan.Target.Lanes%b.plan.Blocks.X == 0 {
		return 1
	}
	return b.plan.Blocks.X
}

func soughtOf(y, r int) string {
	if y == 0 {
		return nameOf(r)
	}
	return fmt.Sprintf("sought%d", r)
}

// putAhead is how many elements before their use inputs are asked for.
const putAhead = 256

// putTile writes the outputs of row y of blocks.
func (b unpooler) putTile(y int, masked, past bool) []Node {
	lanes, block := b.plan.Target.Lanes, b.plan.Blocks
	nodes, mask := insideCols(masked)
	if !masked {
		nodes = append(nodes, Prefetch{From: Ref{"s", putAhead}})
	}
	nodes = append(nodes, Load{Dst: "value", From: Ref{Cursor: "s"}, Mask: mask}, LoadBytes{Dst: "number", From: Ref{Cursor: "a"}})
	for r := range block.X {
		nodes = append(nodes, b.element(y, r)...)
		store := Store{To: Ref{"d", r * lanes}, Src: "out", Past: past}
		switch {
		case masked:
			nodes = append(nodes, Mask{Dst: "kept", Var: "col", Scale: block.X, Skip: r * lanes, Limit: "width"})
			store.Mask = "kept"
		case !past:
			nodes = append(nodes, Prefetch{From: Ref{"d", r*lanes + movedAhead}})
		}
		nodes = append(nodes, store)
	}
	if masked {
		return nodes // the last of its row
	}
	return append(nodes, Advance{"s", "", lanes}, Advance{"a", "", lanes / 4}, Advance{"d", "", block.X * lanes})
}

// element makes vector r of row y of blocks.
func (b unpooler) element(y, r int) []Node {
	sought := soughtOf(y, r%b.differ())
	if b.plan.Blocks.X == 1 {
		return []Node{KeepEqual{Dst: "out", A: "number", B: sought, Then: "value"}}
	}
	return []Node{
		Permute{Dst: "of", Src: "number", Places: placesOf(r)}, Permute{Dst: "out", Src: "value", Places: placesOf(r)},
		KeepEqual{Dst: "out", A: "of", B: sought, Then: "out"},
	}
}
