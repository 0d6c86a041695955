package nest

import "github.com/upconv/upconv/specs"

// BuildMove spells shuffles of which the pixels of a row of a block lie together in a
// coarse pixel, too, so:
//
//	for each coarse pixel, for each row of its block:
//	    for each few vectors of its values: load and store them
//
// The last vector ends with the row, and overlaps the one before. Without vectors a row
// is moved as a whole. Here rows counts coarse pixels, cols the values of a row, and
// plane is the distance between rows of a block in the fine array.
func (b mover) blockRows() []Node {
	down, far := map[string]string{"dRow": "plane", "sRow": "cols"}, []string{"dRow", "sRow"}
	if b.plan.Op == specs.PixelUnshuffle {
		down = map[string]string{"dRow": "cols", "sRow": "plane"}
	}
	body := []Node{Point{"dRow", "dPixel"}, Point{"sRow", "sPixel"}}
	for y := range b.plan.Y {
		if y > 0 {
			for _, cursor := range far {
				body = append(body, Advance{cursor, down[cursor], 1})
			}
		}
		body = append(body, b.blockRowValues()...)
	}
	body = append(body, Advance{"dPixel", "dstRow", 1}, Advance{"sPixel", "srcRow", 1})
	return []Node{Point{"dPixel", "dst"}, Point{"sPixel", "src"}, Loop{Var: "row", To: "rows", Step: 1, Body: body}}
}

// rowVectors are the vectors of a row of a block that are moved side by side.
const rowVectors = 4

// blockRowValues moves the values of a row of a block.
func (b mover) blockRowValues() []Node {
	if n := b.plan.Run; n > 0 {
		return append(loadRun("values", Ref{Cursor: "sRow"}, n), storeRun(Ref{Cursor: "dRow"}, "values", n)...)
	}
	lanes := b.plan.Target.Lanes
	last := []Node{
		Point{"s", "sRow"}, Advance{"s", "cols", 1}, Advance{"s", "", -lanes},
		Point{"d", "dRow"}, Advance{"d", "cols", 1}, Advance{"d", "", -lanes},
		Load{Dst: "x0", From: Ref{Cursor: "s"}}, Store{To: Ref{Cursor: "d"}, Src: "x0"},
	}
	return []Node{
		Point{"s", "sRow"}, Point{"d", "dRow"},
		Loop{Var: "col", To: "cols", Step: rowVectors * lanes, Body: b.copied(rowVectors)},
		Loop{Var: "col", To: "cols", Step: lanes, Continue: true, Body: b.copied(1)},
		Rest{Var: "col", To: "cols", Body: last},
	}
}

// copied moves some vectors and steps to the next.
func (b mover) copied(vectors int) (nodes []Node) {
	lanes := b.plan.Target.Lanes
	for v := range vectors {
		nodes = append(nodes, Load{Dst: vector("x", v), From: Ref{"s", v * lanes}})
	}
	for v := range vectors {
		nodes = append(nodes, Store{To: Ref{"d", v * lanes}, Src: vector("x", v)})
	}
	return append(nodes, Advance{"s", "", vectors * lanes}, Advance{"d", "", vectors * lanes})
}
