package nest

import "fmt"

// channels spells tiles whose vectors run along output channels: the weights of
// neighbouring channels are a vector, each input is broadcast. Outputs lie with
// their channels together, dstPlane from one column of outputs to the next.
type channels struct{ *builder }

func channelAcc(column, phase, vector int) string {
	return fmt.Sprintf("a%d_%d_%d", column, phase, vector)
}

func (b channels) init(t tile) (nodes []Node) {
	b.each(t, func(c, r, v int) {
		nodes = append(nodes, Load{Dst: channelAcc(c, r, v), From: Ref{"b", v * b.plan.Target.Lanes}})
	})
	return nodes
}

func (b channels) sums(t tile) []Node {
	return b.outputs(t, func(c, r, v int, at Ref) Node { return Load{Dst: channelAcc(c, r, v), From: at} })
}

func (b channels) each(t tile, f func(column, phase, vector int)) {
	for c := range t.columns {
		for r := range t.phases {
			for v := range b.plan.Vectors() {
				f(c, r, v)
			}
		}
	}
}

// outputs walks the outputs of a tile, column by column of outputs.
func (b channels) outputs(t tile, visit func(column, phase, vector int, at Ref) Node) []Node {
	nodes := []Node{Point{"out", "d"}}
	for c := range t.columns {
		for r := range t.phases {
			for v := range b.plan.Vectors() {
				nodes = append(nodes, visit(c, r, v, Ref{"out", v * b.plan.Target.Lanes}))
			}
			step := 1
			if r == t.phases-1 {
				step += b.x.OutStride - t.phases
			}
			if c < t.columns-1 || r < t.phases-1 {
				nodes = append(nodes, Advance{"out", "dstPlane", step})
			}
		}
	}
	return nodes
}

func (b channels) terms(t tile) (nodes []Node) {
	line := 0
	for i, term := range t.section {
		_, next := b.x.Place(term.Delta)
		nodes, line = append(nodes, b.toLine(line, next)...), next
		nodes = append(nodes, b.term(t, i)...)
	}
	return append(nodes, b.toLine(line, 0)...)
}

// term multiplies the weights of one term with the input of every column.
func (b channels) term(t tile, i int) []Node {
	term := t.section[i]
	nodes := []Node{Note{fmt.Sprintf("phase %d: %s", term.Phase, b.tapText(term.Delta, term.Kernel))}}
	for v := range b.plan.Vectors() {
		nodes = append(nodes, Load{Dst: channelWeight(v), From: b.weight(t.term+i, v*b.plan.Target.Lanes)})
	}
	for c := range t.columns {
		var products []FMA
		for v := range b.plan.Vectors() {
			products = append(products, FMA{channelAcc(c, term.Phase-t.first, v), channelWeight(v), "x"})
		}
		nodes = append(nodes, b.multiply(b.src(term.Delta, c), products)...)
	}
	return nodes
}

func channelWeight(vector int) string { return fmt.Sprintf("w%d", vector) }

func (b channels) store(t tile) []Node {
	return b.outputs(t, func(c, r, v int, at Ref) Node { return Store{To: at, Src: channelAcc(c, r, v)} })
}
