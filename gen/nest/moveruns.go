package nest

import "github.com/upconv/upconv/specs"

// BuildMove spells pixels of known size, whose channels lie together, so on targets
// without vectors:
//
//	for each coarse pixel:
//	    load it
//	    store it in all pixels of its block, or in the first and zeros elsewhere
//
// Here rows counts coarse pixels, and plane is the distance between the block's rows.
func (b mover) runs() []Node {
	n, x := b.plan.Run, b.plan.X
	body := append(loadRun("pixel", Ref{Cursor: "s"}, n), Point{"line", "d"})
	for y := range b.plan.Y {
		if y > 0 {
			body = append(body, Advance{"line", "plane", 1})
		}
		body = append(body, b.blockRow(y, n, x)...)
	}
	body = append(body, Advance{"s", "srcRow", 1}, Advance{"d", "dstRow", 1})
	return []Node{Point{"s", "src"}, Point{"d", "dst"}, Loop{Var: "row", To: "rows", Step: 1, Body: body}}
}

// blockRow stores row y of a block of so many pixels.
func (b mover) blockRow(y, n, pixels int) (nodes []Node) {
	if b.plan.Op == specs.BedOfNails {
		if y > 0 {
			return []Node{ZeroRun{To: Ref{Cursor: "line"}, Count: n * pixels}}
		}
		nodes = storeRun(Ref{Cursor: "line"}, "pixel", n)
		if pixels > 1 {
			nodes = append(nodes, ZeroRun{To: Ref{"line", n}, Count: n * (pixels - 1)})
		}
		return nodes
	}
	for x := range pixels {
		nodes = append(nodes, storeRun(Ref{"line", x * n}, "pixel", n)...)
	}
	return nodes
}
