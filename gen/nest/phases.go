package nest

import "fmt"

// phases spells tiles whose vectors run along the x phases of one column: the
// weights of neighbouring phases are a vector, each input is broadcast.
type phases struct{ *builder }

func (b phases) vectors() int { return b.plan.Vectors() }

func phaseAcc(channel, vector, column int) string {
	return fmt.Sprintf("a%d_%d_%d", channel, vector, column)
}

func (b phases) each(t tile, f func(channel, vector, column int)) {
	for m := range b.plan.Channels {
		for v := range b.vectors() {
			for c := range t.columns {
				f(m, v, c)
			}
		}
	}
}

func (b phases) init(t tile) (nodes []Node) {
	b.each(t, func(m, v, c int) {
		nodes = append(nodes, Splat{phaseAcc(m, v, c), Ref{"b", m}})
	})
	return nodes
}

func (b phases) terms(t tile) (nodes []Node) {
	t.eachDelta(func(delta, from, _ int) {
		nodes = append(nodes, Note{fmt.Sprintf("phase 0: %s, and so on", tapText(delta, t.section[from].Kernel))})
		for m := range b.plan.Channels {
			for v := range b.vectors() {
				nodes = append(nodes, Load{Dst: phaseWeight(m, v), From: b.weight(from+v*b.plan.Target.Lanes, m)})
			}
		}
		for c := range t.columns {
			nodes = append(nodes, b.input(delta, c)...)
		}
	})
	return nodes
}

func phaseWeight(channel, vector int) string { return fmt.Sprintf("w%d_%d", channel, vector) }

// input multiplies one input with the weights of all phases and channels.
func (b phases) input(delta, c int) (nodes []Node) {
	nodes = append(nodes, Splat{"x", b.src(delta, c)})
	for m := range b.plan.Channels {
		for v := range b.vectors() {
			nodes = append(nodes, FMA{phaseAcc(m, v, c), "x", phaseWeight(m, v)})
		}
	}
	return nodes
}

func (b phases) store(t tile) (nodes []Node) {
	nodes = append(nodes, Point{"out", "d"})
	for m := range b.plan.Channels {
		for c := range t.columns {
			for v := range b.vectors() {
				at := c*b.x.OutStride + v*b.plan.Target.Lanes
				nodes = append(nodes, Store{To: Ref{"out", at}, Src: phaseAcc(m, v, c)})
			}
		}
		if m+1 < b.plan.Channels {
			nodes = append(nodes, Advance{"out", "dstPlane", 1})
		}
	}
	return nodes
}
