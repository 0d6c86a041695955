package nest

// pixelUnpooler makes the nodes of a max_unpool whose channels lie together. A vector
// runs along the channels of a pixel; the last one ends with it, and overlaps the one
// before.
type pixelUnpooler struct{ unpooler }

// check spells
//
//	for each row of pixels, for each of them, for each vector of its indices:
//	    number the element of its own block that each leads to, as for planes
//	    store the numbers as bytes
//	store first of all the lanes that had a 0, or a high half that is not 0
//
// Indices count pixels, and are the same for all channels, or elements.
func (b pixelUnpooler) check(wide bool) []Node {
	block := b.plan.Blocks
	nodes := []Node{
		Zero{"zero"}, Constant{"one", 1}, Zero{"foreign"}, Spread{"apart", "srcTap"},
		Count{"corner", 1}, Spread{"kind", "aidRow"}, Compute{"corner", And, "corner", "kind"},
		Spread{"start", "first"}, Compute{"corner", AddInt, "corner", "start"},
	}
	if block.Y > 1 { // from the last element of a row of a block to the first of the next
		nodes = append(nodes, Spread{"turn", "line"})
		for range block.X - 1 {
			nodes = append(nodes, Compute{"turn", SubInt, "turn", "apart"})
		}
	}
	pixel := append([]Node{Point{"s", "sPixel"}, copied("cell", "own")}, b.vectorsOf(func(atEnd bool) []Node { return b.checkVector(wide, atEnd) })...)
	pixel = append(pixel, Advance{"sPixel", wordsOf(wide), 1})
	for range block.X {
		pixel = append(pixel, Compute{"own", AddInt, "own", "apart"})
	}
	row := []Node{Point{"d", "dRow"}, Point{"sPixel", "sRow"}, copied("own", "corner"), Loop{Var: "pixel", To: "taps", Step: 1, Body: pixel}}
	row = append(row, Advance{"sRow", "srcRow", 1}, Advance{"dRow", "dstRow", 1}, Spread{"down", "line"})
	for range block.Y {
		row = append(row, Compute{"corner", AddInt, "corner", "down"})
	}
	return append(nodes,
		Point{"sRow", "src"}, Point{"dRow", "dst"}, Advance{"dRow", "", b.plan.Target.Lanes},
		Loop{Var: "row", To: "rows", Step: 1, Body: row},
		Point{"d", "dst"}, Store{To: Ref{Cursor: "d"}, Src: "foreign"},
	)
}

// wordsOf is the argument that counts the elements of a pixel of indices.
func wordsOf(wide bool) string {
	if wide {
		return "width"
	}
	return "cols"
}

// vectorsOf visits the vectors of a pixel; the last one lies at its end.
func (b pixelUnpooler) vectorsOf(visit func(atEnd bool) []Node) []Node {
	lanes := b.plan.Target.Lanes
	return []Node{
		Loop{Var: "col", To: "cols", Step: lanes, Body: visit(false)},
		Rest{Var: "col", To: "cols", Body: visit(true)},
	}
}

func (b pixelUnpooler) checkVector(wide bool, atEnd bool) []Node {
	lanes, words := b.plan.Target.Lanes, 1
	if wide {
		words = 2
	}
	var nodes []Node
	if atEnd {
		nodes = []Node{
			Point{"s", "sPixel"}, Advance{"s", wordsOf(wide), 1}, Advance{"s", "", -words * lanes},
			Spread{"cell", "cols"}, Constant{"step", uint32(lanes)}, Compute{"cell", SubInt, "cell", "step"},
			Spread{"step", "aidRow"}, Compute{"cell", And, "cell", "step"}, Compute{"cell", AddInt, "cell", "own"},
		}
	}
	nodes = append(nodes, b.loadIndices(wide, false)...)
	nodes = append(nodes, b.numbered("cell", b.number("apart"), wide, false)...)
	nodes = append(nodes, Advance{"d", "", max(1, lanes/4)})
	if atEnd {
		return nodes
	}
	return append(nodes, Advance{"s", "", words * lanes},
		Constant{"step", uint32(lanes)}, Spread{"kind", "aidRow"}, Compute{"step", And, "step", "kind"}, Compute{"cell", AddInt, "cell", "step"})
}

// put spells
//
//	for each row of pixels, for each of them, for each vector of its inputs:
//	    load it and the numbers of their elements
//	    for each pixel of the block: store the inputs where the number is that of the
//	    pixel, and 0 elsewhere
func (b pixelUnpooler) put() []Node {
	pixel := append([]Node{Point{"s", "sPixel"}, Point{"d", "dPixel"}}, b.vectorsOf(b.putVector)...)
	pixel = append(pixel, Advance{"sPixel", "cols", 1}, Advance{"dPixel", "cols", b.plan.Blocks.X})
	row := []Node{Point{"dPixel", "dRow"}, Point{"sPixel", "sRow"}, Point{"a", "aRow"}, Loop{Var: "pixel", To: "taps", Step: 1, Body: pixel}}
	row = append(row, Advance{"sRow", "srcRow", 1}, Advance{"aRow", "aidRow", 1}, Advance{"dRow", "dstRow", b.plan.Blocks.Y})
	return []Node{
		Zero{"zero"}, Constant{"one", 1}, Point{"sRow", "src"}, Point{"aRow", "aid"}, Point{"dRow", "dst"},
		Loop{Var: "row", To: "rows", Step: 1, Body: row},
	}
}

func (b pixelUnpooler) putVector(atEnd bool) []Node {
	lanes, block := b.plan.Target.Lanes, b.plan.Blocks
	var nodes []Node
	if atEnd {
		nodes = []Node{
			Point{"s", "sPixel"}, Advance{"s", "cols", 1}, Advance{"s", "", -lanes},
			Point{"d", "dPixel"}, Advance{"d", "cols", 1}, Advance{"d", "", -lanes},
		}
	}
	nodes = append(nodes, Load{Dst: "value", From: Ref{Cursor: "s"}}, LoadBytes{Dst: "number", From: Ref{Cursor: "a"}}, Point{"line", "d"})
	for y := range block.Y {
		if y > 0 {
			nodes = append(nodes, Advance{"line", "dstRow", 1})
		}
		nodes = append(nodes, Point{"out", "line"})
		for x := range block.X {
			if x > 0 {
				nodes = append(nodes, Advance{"out", "cols", 1})
			}
			nodes = append(nodes,
				Compute{"number", SubInt, "number", "one"}, KeepEqual{Dst: "x", A: "number", B: "zero", Then: "value"},
				Store{To: Ref{Cursor: "out"}, Src: "x"})
		}
	}
	nodes = append(nodes, Advance{"a", "", max(1, lanes/4)})
	if atEnd {
		return nodes
	}
	return append(nodes, Advance{"s", "", lanes}, Advance{"d", "", lanes})
}
