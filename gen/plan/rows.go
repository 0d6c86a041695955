package plan

import "github.com/upconv/upconv/internal/polyphase"

// mask turns a copy with zero columns into masked loads of the rows as they are.
// Copying all inputs takes a sixth of the time of such a layer. A tile has a mask
// for each displacement to the left and to the right. Rows with more columns q than
// inputs would need them for every load.
func (p *Plan) mask(x polyphase.Axis) {
	least, most := x.Reach()
	masks := max(0, -least) + max(0, most)
	if p.Rows > 0 && p.Halo && x.OutExtra <= 0 && masks <= p.Target.Masks-storeMasks && max(-least, most) < p.Target.Lanes {
		p.Halo, p.Masked = false, true
	}
}

// storeMasks are the registers for masks that stores take.
const storeMasks = 1

// rowChoices are p with one y phase in a tile and, where that is possible, with
// all of them. One is the first: it wins when nothing is gained.
func (p Plan) rowChoices(prob Problem) []Plan {
	if !p.VectorAlongX() || p.Shifted > 0 || prob.Y.OutStride == 1 {
		return []Plan{p}
	}
	all := p
	all.Rows, all.RowTaps = prob.Y.OutStride, 1
	return []Plan{p, all}
}

// reloads is how often a planar tile loads a vector of inputs while each of its
// sums takes one term. A tile loads one vector for each displacement that any of
// its phases has, and phases need not have the same: along x with kernel 4, stride
// 2 and padding 1 there are three, for two terms of a sum.
func (p Plan) reloads(prob Problem) float64 {
	if !p.VectorAlongX() {
		return 1
	}
	n := perTerm(prob.X)
	if p.Rows > 0 {
		n *= perTerm(prob.Y)
	}
	return n
}

// perTerm is the number of displacements on an axis for each term of a phase.
func perTerm(a polyphase.Axis) float64 {
	return float64(displacements(a)*a.OutStride) / float64(a.Taps())
}

// displacements is the number of places around q that any phase reads.
func displacements(a polyphase.Axis) int {
	places := map[int]bool{}
	for _, ph := range a.Phases {
		for _, t := range ph.Taps {
			places[t.Delta] = true
		}
	}
	return len(places)
}

// maxUnrolled bounds the lines of a kernel with all y taps in one body, so that its
// file stays below 2,000 and the first level cache of instructions, of 32 KiB, holds
// the body.
const maxUnrolled = 1700

// maskLines is the number of lines that defining a mask takes.
const maskLines = 10

// unrolled is about the number of lines that tiles of all widths take: to add up the
// terms of one input channel, with a comment, which takes two lines, for each place
// that is read, to define masks and to store. It is 0 where the y taps are a loop.
func (p Plan) unrolled(prob Problem) (lines int) {
	if p.Rows == 0 {
		return 0
	}
	terms, places := prob.Y.Taps()*prob.X.Taps(), displacements(prob.Y)*displacements(prob.X)
	store := 6 // lines a vector, to zip powers of two
	if p.Section&(p.Section-1) != 0 {
		store = 12
	}
	if p.Target.Masks > 0 {
		lines = maskLines * displacements(prob.X) * len(p.Widths())
	}
	for _, w := range p.Widths() {
		vectors := w / p.Target.Lanes
		lines += places*(2+vectors) + terms*p.Channels*(1+vectors) + p.Channels*p.Phases()*vectors*store
	}
	return lines
}
