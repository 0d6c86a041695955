package nest

import "github.com/upconv/upconv/gen/plan"

// The arguments of every kernel that weighs values, in the order of
// runtime.LinearFunc.
var (
	linearSlices = []string{"dst", "src", "weights", "table", "steps"}
	linearInts   = []string{"groups", "copies", "blends", "cols", "dstRow", "dstGroup", "srcRow", "pair", "wide"}
)

// BuildLinear spells out the plan of a linear resize: one function that makes groups
// of rows of outputs from pairs of rows of inputs.
//
//	for each pair of rows, for each vector of outputs of a row:
//	    weigh the first row along x, and store it in rows that are on it
//	    weigh the second row along x
//	    weigh both along y for each row between them
func BuildLinear(name string, p plan.Linear) Kernel {
	b := linear{p}
	return Kernel{Name: name, Lanes: p.Target.Lanes, Slices: linearSlices, Ints: linearInts, Body: b.groups()}
}

// linear makes the nodes of a kernel that weighs values.
type linear struct{ plan plan.Linear }

func (b linear) groups() []Node {
	body := []Node{Point{"s", "sGroup"}, Point{"d", "dGroup"}, Point{"t", "table"}, Point{"p", "steps"}}
	body = append(body, b.columns()...)
	body = append(body, Advance{"sGroup", "srcRow", 1}, Advance{"dGroup", "dstGroup", 1})
	return []Node{
		Zero{"zero"}, Point{"sGroup", "src"}, Point{"dGroup", "dst"},
		Loop{Var: "group", To: "groups", Step: 1, Body: body},
	}
}

// columns runs whole vectors, then what is left of the row.
func (b linear) columns() []Node {
	lanes := b.plan.Target.Lanes
	loops := []Node{Loop{Var: "col", To: "cols", Step: lanes, Body: b.tile("")}}
	if lanes > 1 {
		rest := append([]Node{Mask{Dst: "inside", Var: "col", Scale: 1, Limit: "cols"}}, b.tile("inside")...)
		loops = append(loops, Loop{Var: "col", To: "cols", Step: lanes, Partial: true, Continue: true, Body: rest})
	}
	return loops
}

// tile computes one vector of all rows of a group and steps to the next.
func (b linear) tile(mask string) []Node {
	lanes := b.plan.Target.Lanes
	var nodes []Node
	if lanes > 1 {
		nodes = append(nodes, Load{Dst: "places", From: Ref{"t", 0}})
	}
	nodes = append(nodes, Load{Dst: "keep", From: Ref{"t", lanes}}, Load{Dst: "add", From: Ref{"t", 2 * lanes}}, Point{"out", "d"})
	nodes = append(nodes, b.alongX("above", "s")...)
	nodes = append(nodes,
		Loop{Var: "copy", To: "copies", Step: 1, Body: []Node{Store{To: Ref{"out", 0}, Src: "above", Mask: mask}, Advance{"out", "dstRow", 1}}},
		If{Arg: "pair", Body: b.between(mask)},
		Jump{"s", Ref{"p", 0}}, Advance{"p", "", 1}, Advance{"t", "", 3 * lanes}, Advance{"d", "", lanes},
	)
	return nodes
}

// between computes the rows between those of the pair.
func (b linear) between(mask string) []Node {
	nodes := []Node{Point{"second", "s"}, Advance{"second", "pair", 1}}
	nodes = append(nodes, b.alongX("below", "second")...)
	row := []Node{Splat{"first", Ref{"w", 0}}, Splat{"other", Ref{"w", 1}}}
	row = append(row, weigh("row", "above", "first", "below", "other")...)
	row = append(row, Store{To: Ref{"out", 0}, Src: "row", Mask: mask}, Advance{"out", "dstRow", 1}, Advance{"w", "", 2})
	return append(nodes, Point{"w", "weights"}, Loop{Var: "blend", To: "blends", Step: 1, Body: row})
}

// alongX fills dst with outputs of one row of inputs.
func (b linear) alongX(dst, row string) []Node {
	nodes := []Node{Load{Dst: "a", From: Ref{row, 0}}, Load{Dst: "b", From: Ref{row, 1}}}
	if b.plan.Target.Lanes > 1 {
		near := append(nodes, Permute{"a", "a", "places"}, Permute{"b", "b", "places"})
		nodes = []Node{If{Arg: "wide", Body: []Node{Gather{"a", Ref{row, 0}, "places"}, Gather{"b", Ref{row, 1}, "places"}}, Else: near}}
	}
	nodes = append(nodes, weigh(dst, "a", "keep", "b", "add")...)
	return append(nodes, Choose{Dst: dst, A: "add", B: "zero", Then: "a"})
}

// weigh fills dst with a*v + b*w; both products and the sum are rounded.
func weigh(dst, a, v, b, w string) []Node {
	return []Node{Compute{dst, Mul, a, v}, Compute{"more", Mul, b, w}, Compute{dst, Add, dst, "more"}}
}
