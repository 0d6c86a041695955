package nest

import "fmt"

// planar spells tiles whose vectors run along x: each weight is broadcast and
// multiplied with neighbouring inputs.
type planar struct{ *builder }

func (b planar) vectors(t tile) int { return t.columns / b.plan.Target.Lanes }

func planarAcc(channel, phase, vector int) string {
	return fmt.Sprintf("a%d_%d_%d", channel, phase, vector)
}

func (b planar) each(t tile, f func(channel, phase, vector int)) {
	for m := range b.plan.Channels {
		for r := range t.phases {
			for v := range b.vectors(t) {
				f(m, r, v)
			}
		}
	}
}

func (b planar) init(t tile) (nodes []Node) {
	b.each(t, func(m, r, v int) {
		nodes = append(nodes, Splat{planarAcc(m, r, v), Ref{"b", m}})
	})
	if b.masksLoads(t) {
		nodes = append(nodes, Mask{Dst: "inside", Var: "col", Scale: 1, Limit: "cols"})
	}
	return nodes
}

func (b planar) terms(t tile) (nodes []Node) {
	loaded, line := map[string]bool{}, 0
	t.eachDelta(func(delta, from, to int) {
		_, next := b.x.Place(delta)
		nodes, line = append(nodes, b.toLine(line, next)...), next
		inputs := make([]string, b.vectors(t))
		for v := range inputs {
			n := b.input(t, delta, v)
			inputs[v] = n.Dst
			if !loaded[n.Dst] {
				nodes = append(nodes, n)
			}
			loaded[n.Dst] = b.plan.Target.Lanes == 1 // scalars stay in registers
		}
		for i := from; i < to; i++ {
			nodes = append(nodes, b.term(t, i, inputs)...)
		}
	})
	return append(nodes, b.toLine(line, 0)...)
}

// masksLoads reports whether t reads rows of the caller's input past their end
// unless it is told not to. A masked tile is one vector wide.
func (b planar) masksLoads(t tile) bool {
	return t.masked && !b.plan.Halo && !b.plan.Masked && b.plan.Target.Lanes > 1
}

// input loads vector v of the inputs that the taps at delta read.
func (b planar) input(t tile, delta, v int) Load {
	lanes := b.plan.Target.Lanes
	n := Load{Dst: fmt.Sprintf("x%d", v), From: b.src(delta, v*lanes)}
	if lanes == 1 {
		_, line := b.x.Place(delta)
		n.Dst = fmt.Sprintf("x%d", n.From.Disp*b.x.InStride+line)
	}
	if b.masksLoads(t) {
		n.Mask = "inside"
	}
	if b.plan.Masked {
		n.Mask = b.edge(t, delta, v)
	}
	return n
}

// term multiplies the inputs with the weight of one term for every channel.
func (b planar) term(t tile, i int, inputs []string) (nodes []Node) {
	term := t.section[i]
	nodes = append(nodes, Note{fmt.Sprintf("phase %d: %s", term.Phase, b.tapText(term.Delta, term.Kernel))})
	for m := range b.plan.Channels {
		nodes = append(nodes, b.weigh(m, term.Phase-t.first, inputs, b.weight(t.term+i, m))...)
	}
	return nodes
}

// weigh adds the inputs times one weight to the sums of a channel and phase.
func (b planar) weigh(channel, phase int, inputs []string, weight Ref) []Node {
	var products []FMA
	for v, x := range inputs {
		products = append(products, FMA{planarAcc(channel, phase, v), x, fmt.Sprintf("w%d", channel)})
	}
	return b.multiply(weight, products)
}

func (b planar) store(t tile) []Node { return b.outputs(t, b.storeVector) }

func (b planar) sums(t tile) []Node { return b.outputs(t, b.loadVector) }

// visitor spells what happens to the x phases of one channel and vector of columns, of
// which first is the first: they are one run of neighbouring outputs.
type visitor func(out string, t tile, channel, first, vector int) []Node

// outputs walks the outputs of a tile.
func (b planar) outputs(t tile, visit visitor) (nodes []Node) {
	nodes = append(nodes, Point{"out", "d"})
	for m := range b.plan.Channels {
		for v := range b.vectors(t) {
			nodes = append(nodes, visit("out", t, m, 0, v)...)
		}
		if m+1 < b.plan.Channels {
			nodes = append(nodes, Advance{"out", "dstPlane", 1})
		}
	}
	return masksOnce(nodes)
}

// masksOnce leaves out masks that are as straight-line code before them left them.
func masksOnce(nodes []Node) (kept []Node) {
	last := map[string]Mask{}
	for _, n := range nodes {
		if m, ok := n.(Mask); ok {
			if last[m.Dst] == m {
				continue
			}
			last[m.Dst] = m
		}
		kept = append(kept, n)
	}
	return kept
}

// loadVector loads what storeVector stored.
func (b planar) loadVector(out string, t tile, m, first, v int) (nodes []Node) {
	regs := make([]string, t.phases)
	for r := range regs {
		if regs[r] = planarAcc(m, first+r, v); t.phases > 1 { // parted before they take their places
			regs[r] = fmt.Sprintf("sum%d", r)
		}
		at := (v*b.x.OutStride + t.first + r) * b.plan.Target.Lanes
		n := Load{Dst: regs[r], From: Ref{out, at}}
		if t.masked {
			n.Mask = "kept"
			nodes = append(nodes, b.kept(at))
		}
		nodes = append(nodes, n)
	}
	if t.phases == 1 {
		return nodes
	}
	nodes = append(nodes, Deinterleave{regs})
	for r, reg := range regs {
		nodes = append(nodes, Compute{Dst: planarAcc(m, first+r, v), Op: And, A: reg, B: reg})
	}
	return nodes
}

// kept defines the mask of the outputs, at and those after it, that a row has.
func (b planar) kept(at int) Mask {
	return Mask{Dst: "kept", Var: "col", Scale: b.x.OutStride, Skip: at, Limit: "width"}
}

func (b planar) storeVector(out string, t tile, m, first, v int) (nodes []Node) {
	lanes, regs := b.plan.Target.Lanes, make([]string, t.phases)
	for r := range regs {
		regs[r] = planarAcc(m, first+r, v)
	}
	if lanes > 1 && len(regs) > 1 {
		nodes = append(nodes, Interleave{regs})
	}
	for r, reg := range regs {
		at := (v*b.x.OutStride + t.first + r) * lanes
		n := Store{To: Ref{out, at}, Src: reg}
		if t.masked && (lanes > 1 || at > 0) { // the first phase of a column exists
			n.Mask = "kept"
			nodes = append(nodes, b.kept(at))
		}
		nodes = append(nodes, n)
	}
	return nodes
}
