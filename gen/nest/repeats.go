package nest

// BuildLinear spells pixels whose channels lie together, and which are only moved, so:
//
//	for each pixel of outputs, for each few vectors of its channels:
//	    load them
//	    store them in all rows that repeat them, and zeros in those between
//
// The last vector of a pixel ends with it, and overlaps the one before. Where a vector
// holds a pixel, a row of them is taken for one of single elements, with a table of its
// own.

// pixelRows chooses between the two ways that a layer with a free number of channels
// has.
func (b linear) pixelRows() []Node {
	switch {
	case !b.plan.Elements:
		return b.wholePixels()
	case !b.plan.Channels:
		return b.groups()
	default:
		return []Node{If{Arg: "channels", Body: b.wholePixels(), Else: b.groups()}}
	}
}

// wholePixels runs one group of rows of pixels.
func (b linear) wholePixels() []Node {
	body := []Node{Point{"in", "s"}, Point{"to", "d"}}
	if b.plan.Zeros {
		body = append(body, Splat{"keep", Ref{"t", 0}}, Advance{"t", "", 2})
	}
	body = append(body, b.vectorsOf()...)
	body = append(body, Jump{"s", Ref{"p", 0}}, Advance{"p", "", 1}, Advance{"d", "channels", 1})
	nodes := []Node{Point{"s", "src"}, Point{"d", "dst"}, Point{"p", "steps"}}
	if b.plan.Zeros {
		nodes = append(nodes, Zero{"zero"}, Point{"t", "table"})
	}
	return append(nodes, Loop{Var: "pixel", To: "cols", Step: 1, Body: body})
}

// vectorsOf runs tiles of several vectors, then of one, then the one that a pixel ends
// with; or one tile of all vectors of a pixel.
func (b linear) vectorsOf() []Node {
	lanes, many := b.plan.Target.Lanes, b.plan.Vectors
	switch {
	case b.plan.Target.Lanes == 1:
		return b.run()
	case b.plan.Pixel > 0:
		return b.moved(b.places())
	}
	loops := []Node{
		Loop{Var: "col", To: "channels", Step: many * lanes, Body: b.stepped(many)},
		Loop{Var: "col", To: "channels", Step: lanes, Continue: true, Body: b.stepped(1)},
	}
	if !b.plan.Tail {
		return loops
	}
	last := []Node{
		Point{"in", "s"}, Advance{"in", "channels", 1}, Advance{"in", "", -lanes},
		Point{"to", "d"}, Advance{"to", "channels", 1}, Advance{"to", "", -lanes},
	}
	return append(loops, Rest{Var: "col", To: "channels", Body: append(last, b.moved([]int{0})...)})
}

// run moves a pixel as a whole, without vectors.
func (b linear) run() []Node {
	n := b.plan.Pixel
	nodes := append(loadRun("pixel", Ref{Cursor: "in"}, n), Point{"out", "to"})
	return append(nodes, b.eachRow("copy", "copies", b.plan.Copies, storeRun(Ref{Cursor: "out"}, "pixel", n))...)
}

// places are where the vectors of a pixel of known size begin in it.
func (b linear) places() (at []int) {
	lanes, channels := b.plan.Target.Lanes, b.plan.Pixel
	for i := 0; i < channels; i += lanes {
		at = append(at, min(i, channels-lanes))
	}
	return at
}

// stepped moves some vectors and steps to the next.
func (b linear) stepped(vectors int) []Node {
	lanes := b.plan.Target.Lanes
	return append(b.moved(b.follow(vectors)), Advance{"in", "", vectors * lanes}, Advance{"to", "", vectors * lanes})
}

// moved stores vectors of a pixel, which begin so far from the cursors, in all rows of a
// group.
func (b linear) moved(at []int) (nodes []Node) {
	regs := make([]string, len(at))
	for v, disp := range at {
		regs[v] = vector("above", v)
		nodes = append(nodes, Load{Dst: regs[v], From: Ref{"in", disp}})
		nodes = append(nodes, b.nailed(regs[v])...)
	}
	return append(append(nodes, Point{"out", "to"}), b.rowsAt(regs, at, "")...)
}

// nailed makes the lanes of a register 0 that the table says are.
func (b linear) nailed(x string) []Node {
	if !b.plan.Zeros {
		return nil
	}
	return []Node{Compute{x, And, x, "keep"}}
}

// rowsOf stores vectors that follow each other in the rows of a group.
func (b linear) rowsOf(vectors int, mask string) []Node {
	regs := make([]string, vectors)
	for v := range regs {
		regs[v] = vector("above", v)
	}
	return b.rowsAt(regs, b.follow(vectors), mask)
}

// follow are the places of vectors that follow each other.
func (b linear) follow(vectors int) []int {
	at := make([]int, vectors)
	for v := range at {
		at[v] = v * b.plan.Target.Lanes
	}
	return at
}

// rowsAt stores vectors in the rows of a group that repeat them, and zeros in those after
// them.
func (b linear) rowsAt(regs []string, at []int, mask string) []Node {
	row := func(of func(v int) string) (nodes []Node) {
		if b.plan.Copies == 0 {
			nodes = b.ahead(at, mask)
		}
		for v, disp := range at {
			nodes = append(nodes, Store{To: Ref{"out", disp}, Src: of(v), Mask: mask})
		}
		return nodes
	}
	nodes := b.eachRow("copy", "copies", b.plan.Copies, row(func(v int) string { return regs[v] }))
	if b.plan.Zeros {
		nodes = append(nodes, b.eachRow("blend", "blends", b.plan.Blends, row(func(int) string { return "zero" }))...)
	}
	return nodes
}

// eachRow stores one row after the other: as many as the plan says for every group, or
// as an argument.
func (b linear) eachRow(variable, arg string, rows int, row []Node) (nodes []Node) {
	down := Advance{"out", "dstRow", 1}
	if b.plan.Copies == 0 {
		return []Node{Loop{Var: variable, To: arg, Step: 1, Body: append(row, down)}}
	}
	for range rows {
		nodes = append(append(nodes, row...), down)
	}
	return nodes
}
