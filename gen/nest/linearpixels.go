package nest

// pixels runs one group of rows of pixels, whose channels lie together.
func (b linear) pixels() []Node {
	body := []Node{
		Splat{"keep", Ref{"t", 0}}, Splat{"add", Ref{"t", 1}}, Advance{"t", "", 2},
		Point{"in", "s"}, Point{"to", "d"},
	}
	body = append(body, b.channels()...)
	body = append(body, Jump{"s", Ref{"p", 0}}, Advance{"p", "", 1}, Advance{"d", "channels", 1})
	return []Node{
		Zero{"zero"}, Point{"s", "src"}, Point{"d", "dst"}, Point{"t", "table"}, Point{"p", "steps"},
		Loop{Var: "pixel", To: "cols", Step: 1, Body: body},
	}
}

// channels runs tiles of several vectors, then of one, then what is left of a pixel.
func (b linear) channels() []Node {
	lanes, many := b.plan.Target.Lanes, b.plan.Vectors
	loops := []Node{
		Loop{Var: "col", To: "channels", Step: many * lanes, Body: b.part(many, "")},
		Loop{Var: "col", To: "channels", Step: lanes, Continue: true, Body: b.part(1, "")},
	}
	if b.plan.Tail {
		rest := append([]Node{Mask{Dst: "inside", Var: "col", Scale: 1, Limit: "channels"}}, b.part(1, "inside")...)
		loops = append(loops, Rest{Var: "col", To: "channels", Body: rest})
	}
	return loops
}

// part computes some vectors of a pixel in all rows of a group and steps to the next.
func (b linear) part(vectors int, mask string) []Node {
	nodes := append(b.mixed("above", "in", vectors, mask), Point{"out", "to"})
	nodes = append(nodes, b.rowsOf(vectors, mask)...)
	if b.plan.Pairs {
		between := append([]Node{Point{"second", "in"}, Advance{"second", "pair", 1}}, b.mixed("below", "second", vectors, mask)...)
		between = append(between, Point{"w", "weights"}, b.blends(vectors, mask))
		nodes = append(nodes, If{Arg: "pair", Body: between})
	}
	if mask != "" {
		return nodes // the last of its pixel
	}
	step := vectors * b.plan.Target.Lanes
	return append(nodes, Advance{"in", "", step}, Advance{"to", "", step})
}

// mixed weighs vectors of a pixel of a row and of the next.
func (b linear) mixed(dst, row string, vectors int, mask string) []Node {
	nodes := []Node{Point{"next", row}, Advance{"next", "channels", 1}}
	for v := range vectors {
		at := v * b.plan.Target.Lanes
		taken := []Node{Load{Dst: "a", From: Ref{row, at}, Mask: mask}, Load{Dst: "b", From: Ref{"next", at}, Mask: mask}}
		nodes = append(nodes, b.outputs(vector(dst, v), taken)...)
	}
	return nodes
}
