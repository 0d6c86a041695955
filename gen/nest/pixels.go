package nest

// BuildMove spells the pixels of a shuffle whose channels lie together so:
//
//	for each coarse pixel, for each vector of channels of the fine array:
//	    load the vectors of all parts, which follow each other in the coarse pixel
//	    take the parts apart
//	    store each in its pixel of the block
//
// pixel_unshuffle goes the other way. Here rows counts coarse pixels, cols fine
// channels, and plane is the distance between the block's rows.

// deal takes a vector of channels of a coarse pixel apart into its parts.
func (b mover) deal(masked bool) []Node {
	nodes, mask := b.inside(masked)
	for p, x := range b.parts() {
		more, kept := b.together(p, masked)
		nodes = append(append(nodes, more...), Load{Dst: x, From: b.at("s", p), Mask: kept})
	}
	for _, regs := range b.stages() {
		nodes = append(nodes, Deinterleave{regs})
	}
	return append(nodes, b.spread("d", func(x string, at Ref) Node { return Store{To: at, Src: x, Mask: mask} })...)
}

// collect puts a vector of channels of all parts together again.
func (b mover) collect(masked bool) []Node {
	nodes, mask := b.inside(masked)
	nodes = append(nodes, b.spread("s", func(x string, at Ref) Node { return Load{Dst: x, From: at, Mask: mask} })...)
	stages := b.stages()
	for i := range stages {
		nodes = append(nodes, Interleave{stages[len(stages)-1-i]})
	}
	for p, x := range b.parts() {
		more, kept := b.together(p, masked)
		nodes = append(append(nodes, more...), Store{To: b.at("d", p), Src: x, Mask: kept})
	}
	return nodes
}

// parts name the registers of a block, row by row.
func (b mover) parts() []string {
	regs := make([]string, b.plan.Y*b.plan.X)
	for p := range regs {
		regs[p] = inputOf(p)
	}
	return regs
}

// stages are the groups of registers to be deinterleaved one after the other: part
// y*X+x is element x of every X, and of those element y of every Y.
func (b mover) stages() (groups [][]string) {
	if b.plan.Target.Lanes == 1 {
		return nil
	}
	regs := b.parts()
	if b.plan.X > 1 {
		for y := range b.plan.Y {
			groups = append(groups, regs[y*b.plan.X:(y+1)*b.plan.X])
		}
	}
	if b.plan.Y > 1 {
		for x := range b.plan.X {
			column := make([]string, b.plan.Y)
			for y := range column {
				column[y] = regs[y*b.plan.X+x]
			}
			groups = append(groups, column)
		}
	}
	return groups
}

// spread visits the pixels of a block, whose first is at cursor.
func (b mover) spread(cursor string, visit func(x string, at Ref) Node) []Node {
	nodes := []Node{Point{"line", cursor}}
	for p, x := range b.parts() {
		if p > 0 && p%b.plan.X == 0 {
			nodes = append(nodes, Advance{"line", "plane", 1})
		}
		if p%b.plan.X == 0 {
			nodes = append(nodes, Point{"pixel", "line"})
		} else {
			nodes = append(nodes, Advance{"pixel", "cols", 1})
		}
		nodes = append(nodes, visit(x, Ref{Cursor: "pixel"}))
	}
	return nodes
}

// together defines the mask of vector p of a coarse pixel of a masked tile.
func (b mover) together(p int, masked bool) (nodes []Node, mask string) {
	if !masked {
		return nil, ""
	}
	return []Node{Mask{Dst: "kept", Var: "col", Scale: b.plan.Y * b.plan.X, Skip: p * b.plan.Target.Lanes, Limit: "width"}}, "kept"
}
