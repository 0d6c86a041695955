package pack

import "github.com/upconv/upconv/internal/polyphase"

// RowTerm is one product of a panel with all y phases: row q+Down of the inputs,
// times row KernelY of the kernel, adds to y phase Row as the Term says for x.
type RowTerm struct {
	Row, Down int
	KernelY   []int
	Term
}

// RowTerms are the terms of a panel of a layout with Rows: by ascending Down, then
// Delta, then by y and x phase, so that the terms of one vector of inputs are
// neighbours.
func (l Layout) RowTerms(y, x polyphase.Axis) (ts []RowTerm) {
	down, across := terms(y.Phases), terms(x.Phases)
	for _, d := range sameDelta(down) {
		for _, a := range sameDelta(across) {
			for _, ty := range d {
				for _, tx := range a {
					ts = append(ts, RowTerm{Row: ty.Phase, Down: ty.Delta, KernelY: ty.Kernel, Term: tx})
				}
			}
		}
	}
	return ts
}

// sameDelta splits terms into runs of the same Delta.
func sameDelta(ts []Term) (runs [][]Term) {
	for from, to := 0, 0; from < len(ts); from = to {
		for to < len(ts) && ts[to].Delta == ts[from].Delta {
			to++
		}
		runs = append(runs, ts[from:to])
	}
	return runs
}

// Walk is the y axis as calls of a kernel walk it: phase by phase, tap by tap. To
// a layout with Rows it is one phase with at most one tap, which stands for all,
// at the first row of inputs that any of them reads.
func (l Layout) Walk(y polyphase.Axis) polyphase.Axis {
	if l.Rows == 0 {
		return y
	}
	one := polyphase.Phase{}
	if y.MaxTaps() > 0 {
		least, _ := y.Reach()
		one.Taps = []polyphase.Tap{{Delta: least, Kernel: []int{0}}}
	}
	y.Phases = []polyphase.Phase{one}
	return y
}

// rowSlots are the slots of a layout with Rows.
func (p Packed) rowSlots(w Weights) (slots []slot) {
	for n, t := range p.Layout.RowTerms(w.Y, w.X) {
		slots = append(slots, slot{kernel: t.KernelY[0]*w.KernelX + t.Kernel[0], at: n * p.Layout.Channels, step: 1})
	}
	return slots
}
