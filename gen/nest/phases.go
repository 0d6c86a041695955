package nest

import "fmt"

// phases spells tiles whose vectors run along the x phases of one column, over
// all channels of the block: the weights of neighbouring phases are a vector,
// each input is broadcast.
type phases struct{ *builder }

func phaseAcc(vector, column int) string { return fmt.Sprintf("a%d_%d", vector, column) }

func phaseWeight(vector int) string { return fmt.Sprintf("w%d", vector) }

// init loads the bias, which stands ready for every lane.
func (b phases) init(t tile) (nodes []Node) {
	for v := range b.plan.Vectors() {
		for c := range t.columns {
			nodes = append(nodes, Load{Dst: phaseAcc(v, c), From: Ref{"b", v * b.plan.Target.Lanes}})
		}
	}
	return nodes
}

func (b phases) terms(t tile) (nodes []Node) {
	var held Ref // the input before, in x: the last one of a tap may be the first of the next
	t.eachDelta(func(delta, from, _ int) {
		nodes = append(nodes, Note{fmt.Sprintf("phase 0: %s, and so on", b.tapText(delta, t.section[from].Kernel))})
		panel := b.weight(from, 0)
		for v := range b.plan.Vectors() {
			nodes = append(nodes, Load{Dst: phaseWeight(v), From: Ref{panel.Cursor, panel.Disp + v*b.plan.Target.Lanes}})
		}
		for c := range t.columns {
			products := b.multiply(b.src(delta, c), b.products(c))
			nodes, held = append(nodes, without(held, products)...), b.src(delta, c)
		}
	})
	return nodes
}

// products multiply one input with the weights of all channels and phases.
func (b phases) products(c int) (products []FMA) {
	for v := range b.plan.Vectors() {
		products = append(products, FMA{phaseAcc(v, c), phaseWeight(v), "x"})
	}
	return products
}

// without leaves out a Splat of what its register holds.
func without(held Ref, nodes []Node) []Node {
	if s, ok := nodes[0].(Splat); ok && s.From == held {
		return nodes[1:]
	}
	return nodes
}

// sums loads what store stored, which is whole vectors.
func (b phases) sums(t tile) []Node {
	return b.outputs(t, func(at Ref, vector, _, column int) Node { return Load{Dst: phaseAcc(vector, column), From: at} })
}

func (b phases) store(t tile) []Node {
	stride, lanes := b.x.OutStride, b.plan.Target.Lanes
	return b.outputs(t, func(at Ref, vector, lane, column int) Node {
		n := Store{To: at, Src: phaseAcc(vector, column)}
		if stride < lanes {
			n.Lane, n.Count = lane, stride
		}
		return n
	})
}

// outputs walks a tile channel by channel, whose phases are a run of vectors or a part of
// one, from a lane on.
func (b phases) outputs(t tile, visit func(at Ref, vector, lane, column int) Node) (nodes []Node) {
	nodes = append(nodes, Point{"out", "d"})
	stride, lanes := b.x.OutStride, b.plan.Target.Lanes
	for m := range b.plan.Channels {
		for c := range t.columns {
			for at := 0; at < stride; at += lanes {
				lane := m*stride + at
				nodes = append(nodes, visit(Ref{"out", c*stride + at}, lane/lanes, lane%lanes, c))
			}
		}
		if m+1 < b.plan.Channels {
			nodes = append(nodes, Advance{"out", "dstPlane", 1})
		}
	}
	return nodes
}
