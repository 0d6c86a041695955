package nest

import (
	"fmt"

	"github.com/upconv/upconv/gen/plan"
)

// The arguments of every kernel that weighs values, in the order of
// runtime.LinearFunc.
var (
	linearSlices = []string{"dst", "src", "weights", "table", "steps"}
	linearInts   = []string{"groups", "copies", "blends", "cols", "dstRow", "dstGroup", "srcRow", "pair", "wide", "channels"}
)

// BuildLinear spells out the plan of a linear resize: one function that makes groups
// of rows of outputs from pairs of rows of inputs.
//
//	for each pair of rows, for each few vectors of outputs of a row:
//	    weigh both rows along x
//	    store the first in the rows that are on it
//	    weigh both along y for each row between them
//
// Where channels lie together, it does so for each pixel and each few vectors of
// channels.
func BuildLinear(name string, p plan.Linear) Kernel {
	b := linear{p}
	k := Kernel{Name: name, Lanes: p.Target.Lanes, Slices: linearSlices, Ints: linearInts, Body: b.groups()}
	switch {
	case p.Repeats && (p.Channels || p.Elements):
		k.Body = b.pixelRows()
	case p.Channels:
		k.Body = b.pixels()
	}
	return k
}

// linear makes the nodes of a kernel that weighs values.
type linear struct{ plan plan.Linear }

func (b linear) groups() []Node {
	body := []Node{Point{"s", "sGroup"}, Point{"d", "dGroup"}, Point{"p", "steps"}}
	if !b.plan.Repeats || b.plan.Target.Lanes > 1 {
		body = append(body, Point{"t", "table"})
	}
	body = append(body, b.columns()...)
	body = append(body, Advance{"sGroup", "srcRow", 1}, Advance{"dGroup", "dstGroup", 1})
	nodes := []Node{Point{"sGroup", "src"}, Point{"dGroup", "dst"}, Loop{Var: "group", To: "groups", Step: 1, Body: body}}
	if b.plan.Repeats && !b.plan.Zeros {
		return nodes
	}
	return append([]Node{Zero{"zero"}}, nodes...)
}

// columns runs tiles of several vectors, then of one, then what is left of the row.
func (b linear) columns() []Node {
	lanes, wide := b.plan.Target.Lanes, b.plan.Vectors
	loops := []Node{
		Loop{Var: "col", To: "cols", Step: wide * lanes, Body: b.tile(wide, "")},
		Loop{Var: "col", To: "cols", Step: lanes, Continue: true, Body: b.tile(1, "")},
	}
	if b.plan.Tail {
		rest := append([]Node{Mask{Dst: "inside", Var: "col", Scale: 1, Limit: "cols"}}, b.tile(1, "inside")...)
		loops = append(loops, Rest{Var: "col", To: "cols", Body: rest})
	}
	return loops
}

// tile computes some vectors of all rows of a group and steps to the next.
func (b linear) tile(vectors int, mask string) []Node {
	lanes := b.plan.Target.Lanes
	nodes := append(b.alongX(vectors, false, mask), b.rowsOf(vectors, mask)...)
	if b.plan.Pairs {
		between := append([]Node{Point{"second", "s"}, Advance{"second", "pair", 1}}, b.alongX(vectors, true, mask)...)
		between = append(append(between, b.rowsOf(vectors, mask)...), Point{"w", "weights"}, b.blends(vectors, mask))
		nodes = []Node{If{Arg: "pair", Body: between, Else: nodes}}
	}
	nodes = append([]Node{Point{"out", "d"}}, nodes...)
	if mask != "" {
		return nodes // the last of its row
	}
	return append(nodes, Advance{"p", "", vectors}, Advance{"d", "", lanes * vectors})
}

// ahead asks for lines that later groups store.
func (b linear) ahead(at []int, mask string) (nodes []Node) {
	if mask != "" || b.plan.Target.Lanes == 1 {
		return nil
	}
	for _, disp := range at {
		nodes = append(nodes, Prefetch{From: Ref{"out", disp + movedAhead}})
	}
	return nodes
}

// blends computes the rows between those of the pair.
func (b linear) blends(vectors int, mask string) Node {
	row := append(b.ahead(b.follow(vectors), mask), Splat{"first", Ref{"w", 0}}, Splat{"other", Ref{"w", 1}})
	for v := range vectors {
		row = append(row, weigh("row", vector("above", v), "first", vector("below", v), "other")...)
		row = append(row, Store{To: Ref{"out", v * b.plan.Target.Lanes}, Src: "row", Mask: mask})
	}
	return Loop{Var: "blend", To: "blends", Step: 1, Body: append(row, Advance{"out", "dstRow", 1}, Advance{"w", "", 2})}
}

// alongX weighs the first row of the pair along x, or both, and steps to the next window
// unless a mask says that it is the last.
func (b linear) alongX(vectors int, both bool, mask string) []Node {
	switch {
	case b.plan.Repeats && b.plan.Wide && b.plan.Target.Lanes > 1:
		return []Node{If{Arg: "wide", Body: b.repeated(vectors, true, mask), Else: b.repeated(vectors, false, mask)}}
	case b.plan.Repeats:
		return b.repeated(vectors, false, mask)
	case b.plan.Target.Lanes == 1:
		return b.weighed(vectors, both, mask, one)
	case !b.plan.Wide:
		return b.weighed(vectors, both, mask, near)
	}
	return []Node{If{Arg: "wide", Body: b.weighed(vectors, both, mask, far), Else: b.weighed(vectors, both, mask, near)}}
}

// repeated takes the inputs of a row as they are, far ones one at a time.
func (b linear) repeated(vectors int, far bool, mask string) (nodes []Node) {
	lanes := b.plan.Target.Lanes
	for v := range vectors {
		dst, places := vector("above", v), []Node{Load{Dst: "places", From: Ref{"t", 0}}}
		if b.plan.Zeros {
			places = append(places, Load{Dst: "keep", From: Ref{"t", lanes}})
		}
		if mask == "" {
			places = append(places, Advance{"t", "", 3 * lanes})
		}
		switch {
		case lanes == 1:
			nodes = append(nodes, Load{Dst: dst, From: Ref{"s", 0}})
		case far:
			nodes = append(append(nodes, places...), Gather{dst, Ref{"s", 0}, "places"})
		default:
			nodes = append(append(nodes, places...), Load{Dst: dst, From: Ref{"s", 0}}, Permute{dst, dst, "places"})
		}
		nodes = append(nodes, b.nailed(dst)...)
		if mask == "" {
			nodes = append(nodes, Jump{"s", Ref{"p", v}})
		}
	}
	return nodes
}

// weighed is alongX with one way to take inputs from a row.
func (b linear) weighed(vectors int, both bool, mask string, take func(row string) []Node) (nodes []Node) {
	lanes := b.plan.Target.Lanes
	for v := range vectors {
		if lanes > 1 {
			nodes = append(nodes, Load{Dst: "places", From: Ref{"t", 0}})
		}
		nodes = append(nodes, Load{Dst: "keep", From: Ref{"t", lanes}}, Load{Dst: "add", From: Ref{"t", 2 * lanes}})
		if mask == "" {
			nodes = append(nodes, Advance{"t", "", 3 * lanes})
		}
		nodes = append(nodes, b.outputs(vector("above", v), take("s"))...)
		if both {
			nodes = append(nodes, b.outputs(vector("below", v), take("second"))...)
		}
		if both && v < vectors-1 {
			nodes = append(nodes, Jump{"second", Ref{"p", v}})
		}
		if mask == "" {
			nodes = append(nodes, Jump{"s", Ref{"p", v}})
		}
	}
	return nodes
}

// outputs fills dst with outputs of one row; an output that lies on an input is that
// input.
func (b linear) outputs(dst string, taken []Node) []Node {
	return append(append(taken, weigh(dst, "a", "keep", "b", "add")...), Choose{Dst: dst, A: "add", B: "zero", Then: "a"})
}

// one, near and far take the inputs a and those after them, b, from a row: a single
// one, those of a window by permutation, and any.
func one(row string) []Node {
	return []Node{Load{Dst: "a", From: Ref{row, 0}}, Load{Dst: "b", From: Ref{row, 1}}}
}

func near(row string) []Node {
	return append(one(row), Permute{"a", "a", "places"}, Permute{"b", "b", "places"})
}

func far(row string) []Node {
	return []Node{Gather{"a", Ref{row, 0}, "places"}, Gather{"b", Ref{row, 1}, "places"}}
}

// weigh fills dst with a*v + b*w; both products and the sum are rounded.
func weigh(dst, a, v, b, w string) []Node {
	return []Node{Compute{dst, Mul, a, v}, Compute{"more", Mul, b, w}, Compute{dst, Add, dst, "more"}}
}

// vector names vector v of a row.
func vector(row string, v int) string { return fmt.Sprintf("%s%d", row, v) }
