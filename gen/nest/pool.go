package nest

import (
	"fmt"
	"math"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// The arguments of every kernel of max_pool and max_unpool, in the order of
// runtime.PoolFunc.
var (
	poolSlices = []string{"dst", "src", "aid"}
	poolInts   = []string{"move", "wide", "narrow", "rows", "whole", "cols", "width", "taps", "dstRow", "srcRow", "srcTap", "aidRow", "first", "line"}
)

// BuildPool spells out the plan of a max_pool or a max_unpool: one function for its
// steps, which an argument selects.
func BuildPool(name string, p plan.Pool) Kernel {
	k := Kernel{Name: name, Lanes: p.Target.Lanes, Slices: poolSlices, Ints: poolInts}
	if p.Pixels && p.Op == specs.MaxUnpool {
		b := pixelUnpooler{unpooler{p}}
		k.Body = []Node{If{Arg: "narrow", Body: b.check(false)}, If{Arg: "wide", Body: b.check(true)}, If{Arg: "move", Body: b.put()}}
		return k
	}
	if p.Pixels {
		b := pixelPooler{p}
		k.Body = []Node{If{Arg: "move", Body: b.values()}, If{Arg: "wide", Body: b.indices(true)}, If{Arg: "narrow", Body: b.indices(false)}}
		return k
	}
	if p.Op == specs.MaxPool {
		b := pooler{p}
		k.Body = []Node{If{Arg: "move", Body: b.values()}, If{Arg: "wide", Body: b.indices()}}
		return k
	}
	b := unpooler{p}
	k.Body = []Node{If{Arg: "narrow", Body: b.check(false)}, If{Arg: "wide", Body: b.check(true)}, If{Arg: "move", Body: b.put()}}
	return k
}

// pooler makes the nodes of a max_pool.
type pooler struct{ plan plan.Pool }

// values spells
//
//	for each row of outputs, for each vector of them:
//	    for each row of the window: load, take apart, raise the maxima
//	    store them
func (b pooler) values() []Node {
	body := []Node{Point{"d", "dRow"}, Point{"s", "sRow"}}
	body = append(body, b.columns(b.valueTile)...)
	body = append(body, Advance{"sRow", "srcRow", 1}, Advance{"dRow", "dstRow", 1})
	return []Node{Point{"sRow", "src"}, Point{"dRow", "dst"}, Loop{Var: "row", To: "rows", Step: 1, Body: body}}
}

// columns runs vectors that are read whole, then the others under masks.
func (b pooler) columns(tile func(masked bool) []Node) []Node {
	lanes := b.plan.Target.Lanes
	if lanes == 1 {
		return []Node{Loop{Var: "col", To: "cols", Step: 1, Body: tile(false)}}
	}
	return []Node{
		Loop{Var: "col", To: "whole", Step: lanes, Body: tile(false)},
		Loop{Var: "col", To: "cols", Step: lanes, Partial: true, Continue: true, Body: tile(true)},
	}
}

func (b pooler) valueTile(masked bool) []Node {
	lanes, w := b.plan.Target.Lanes, b.plan.Windows
	var row []Node
	for g := range w.Groups() {
		row = append(row, b.group(g, masked)...)
		for _, x := range b.elements(g) {
			row = append(row, Raise{Dst: "best", By: x, Rare: b.plan.Rare})
		}
	}
	row = append(row, Advance{"in", "srcTap", 1})
	nodes := []Node{
		Constant{"best", math.Float32bits(float32(math.Inf(-1)))}, Point{"in", "s"},
		Loop{Var: "tap", To: "taps", Step: 1, Body: row},
	}
	more, mask := insideCols(masked)
	nodes = append(append(nodes, more...), Store{To: Ref{Cursor: "d"}, Src: "best", Mask: mask})
	return append(nodes, Advance{"s", "", w.Stride * lanes}, Advance{"d", "", lanes})
}

// insideCols defines the mask of the columns that a masked tile has.
func insideCols(masked bool) (nodes []Node, mask string) {
	if !masked {
		return nil, ""
	}
	return []Node{Mask{Dst: "inside", Var: "col", Scale: 1, Limit: "cols"}}, "inside"
}

// element names the register of element i of the windows of all lanes.
func element(i int) string { return fmt.Sprintf("x%d", i) }

// elements are the registers of the elements of windows in a group, in their order.
func (b pooler) elements(g int) (regs []string) {
	w := b.plan.Windows
	for i := 0; i < w.Span(); i += w.Dilation {
		if i/w.Stride == g {
			regs = append(regs, element(i))
		}
	}
	return regs
}

// pooledAhead is how many elements before they are loaded cache lines are asked for.
const pooledAhead = 4096

// group loads the elements g*Stride to g*Stride+Stride-1 of the windows of all lanes.
func (b pooler) group(g int, masked bool) (nodes []Node) {
	lanes, stride := b.plan.Target.Lanes, b.plan.Windows.Stride
	if lanes == 1 || stride == 1 {
		return b.neighbours(g, masked)
	}
	if len(b.elements(g)) == 0 {
		return nil
	}
	var regs []string
	for r := range stride {
		at := g*stride + r*lanes
		load := Load{Dst: element(g*stride + r), From: Ref{"in", at}}
		if masked {
			nodes = append(nodes, Mask{Dst: "readable", Var: "col", Scale: stride, Skip: at, Limit: "width"})
			load.Mask = "readable"
		} else {
			nodes = append(nodes, Prefetch{From: Ref{"in", at + pooledAhead}})
		}
		nodes, regs = append(nodes, load), append(regs, load.Dst)
	}
	return append(nodes, Deinterleave{regs})
}

// neighbours loads what needs no taking apart.
func (b pooler) neighbours(g int, masked bool) (nodes []Node) {
	w := b.plan.Windows
	for i := 0; i < w.Span(); i += w.Dilation {
		if i/w.Stride != g {
			continue
		}
		load := Load{Dst: element(i), From: Ref{"in", i}}
		if masked {
			nodes = append(nodes, Mask{Dst: "readable", Var: "col", Scale: 1, Skip: i, Limit: "width"})
			load.Mask = "readable"
		}
		nodes = append(nodes, load)
	}
	return nodes
}

// copied gives dst the bits of a register.
func copied(dst, from string) Node { return Compute{Dst: dst, Op: Or, A: from, B: from} }

// indices spells
//
//	for each row of outputs, for each vector of them:
//	    load the maxima
//	    for each row of the window and each of its elements, from the last to the
//	    first: where it has the bits of the maximum, that is where it was found
//	    store the places with 64 bits
//
// The first element with the bits of the maximum is the first of the largest.
func (b pooler) indices() []Node {
	row := []Node{
		Point{"d", "dRow"}, Point{"best", "bRow"}, Point{"s", "sRow"}, copied("left", "places"),
		Loop{Var: "tap", To: "taps", Step: 1, Body: []Node{Advance{"s", "srcTap", 1}, Compute{"left", AddInt, "left", "down"}}},
	}
	row = append(row, b.columns(b.indexTile)...)
	row = append(row,
		Advance{"sRow", "srcRow", 1}, Advance{"bRow", "aidRow", 1}, Advance{"dRow", "dstRow", 1},
		Spread{"step", "srcRow"}, Compute{"places", AddInt, "places", "step"},
	)
	return []Node{
		Count{"places", b.plan.Windows.Stride}, Spread{"start", "first"}, Compute{"places", AddInt, "places", "start"},
		Spread{"down", "srcTap"},
		Point{"sRow", "src"}, Point{"bRow", "aid"}, Point{"dRow", "dst"}, Loop{Var: "row", To: "rows", Step: 1, Body: row},
	}
}

func (b pooler) indexTile(masked bool) []Node {
	lanes, w := b.plan.Target.Lanes, b.plan.Windows
	nodes, mask := insideCols(masked)
	nodes = append(nodes,
		Load{Dst: "most", From: Ref{Cursor: "best"}, Mask: mask}, Point{"in", "s"}, copied("tapLeft", "left"), Zero{"at"},
		Loop{Var: "tap", To: "taps", Step: 1, Body: b.backwards(masked)},
		Zero{"high"},
	)
	if lanes > 1 {
		nodes = append(nodes, Interleave{[]string{"at", "high"}})
	}
	for r, x := range []string{"at", "high"} {
		store := Store{To: Ref{"d", r * lanes}, Src: x}
		if masked {
			nodes = append(nodes, Mask{Dst: "kept", Var: "col", Scale: 2, Skip: r * lanes, Limit: "line"})
			store.Mask = "kept"
		}
		nodes = append(nodes, store)
	}
	return append(nodes,
		Advance{"s", "", w.Stride * lanes}, Advance{"best", "", lanes}, Advance{"d", "", 2 * lanes},
		Constant{"step", uint32(w.Stride * lanes)}, Compute{"left", AddInt, "left", "step"},
	)
}

// backwards compares the elements of a row of the windows, the last one first.
func (b pooler) backwards(masked bool) []Node {
	w := b.plan.Windows
	nodes := []Node{Advance{"in", "srcTap", -1}, Compute{"tapLeft", SubInt, "tapLeft", "down"}}
	place, before := "tapLeft", 0
	for g := w.Groups() - 1; g >= 0; g-- {
		nodes = append(nodes, b.group(g, masked)...)
		regs := b.elements(g)
		for i := len(regs) - 1; i >= 0; i-- {
			if w.Kernel > 1 {
				nodes = append(nodes, b.place(before)...)
				place, before = "place", before+1
			}
			nodes = append(nodes, ChooseEqual{Dst: "at", A: regs[i], B: "most", Then: place})
		}
	}
	return nodes
}

// place steps to the place of the element before, so many from the last one.
func (b pooler) place(before int) []Node {
	w := b.plan.Windows
	if before == 0 {
		return []Node{Constant{"last", uint32(w.Span() - 1)}, Compute{"place", AddInt, "tapLeft", "last"}, Constant{"apart", uint32(w.Dilation)}}
	}
	return []Node{Compute{"place", SubInt, "place", "apart"}}
}
