package pack

import (
	"github.com/upconv/upconv/internal/hugemem"
	"github.com/upconv/upconv/internal/polyphase"
)

// Weights is the view of a layer's weights that packing needs: Data is
// [Groups*In][Out][ky][kx], with In input and Out output channels a group.
type Weights struct {
	Data             []float32
	Groups, In, Out  int
	Y, X             polyphase.Axis // X in the layout's Frame
	KernelY, KernelX int
}

// Packed describes where the panels of a packed layer lie.
type Packed struct {
	Layout  Layout
	Blocks  int   // blocks of output channels a group
	Panel   int   // floats of one (input channel, y tap), or with Rows of one input channel
	PhaseAt []int // floats from the start of a block to each y phase
	Block   int   // floats of one block
	In      int   // input channels a group
}

// Plan lays out the packed form of w.
func (l Layout) Plan(w Weights) Packed {
	p := Packed{Layout: l, Blocks: (w.Out + l.Channels - 1) / l.Channels, Panel: l.Panel(w.X), In: w.In}
	if l.Rows > 0 {
		p.Panel = len(l.RowTerms(w.Y, w.X)) * l.Channels
	}
	for _, ph := range l.Walk(w.Y).Phases {
		p.PhaseAt = append(p.PhaseAt, p.Block)
		p.Block += len(ph.Taps) * w.In * p.Panel
	}
	return p
}

// Len is the number of floats of the packed weights of groups groups.
func (p Packed) Len(groups int) int { return groups * p.Blocks * p.Block }

// At is the offset of the first panel of (group, block, y phase).
func (p Packed) At(group, block, phase int) int {
	return (group*p.Blocks+block)*p.Block + p.PhaseAt[phase]
}

// Pack returns the packed weights. Channels missing from the last block are 0.
func (p Packed) Pack(w Weights) []float32 {
	dst := hugemem.Floats(p.Len(w.Groups))
	order := p.order(w)
	for g := range w.Groups {
		for b := range p.Blocks {
			for r, ph := range p.Layout.Walk(w.Y).Phases {
				p.packPhase(dst[p.At(g, b, r):], w, order, g, b, ph)
			}
		}
	}
	return dst
}

// order lists for each term of a panel its kernel element, counted from the row of
// the y tap, and where the weight of the block's first channel goes.
func (p Packed) order(w Weights) (order []slot) {
	if p.Layout.Rows > 0 {
		return p.rowOrder(w)
	}
	n := 0
	for _, section := range p.Layout.Sections(w.X) {
		s := slot{panel: p.Panel}
		if p.Layout.Order == Channels {
			s.before, s.panel, n = len(order), len(section)*p.Layout.Channels, 0
		}
		for _, t := range section {
			s.kernel, s.at = t.Kernel, p.Layout.Offset(w.X, n, 0)
			s.step = p.Layout.Offset(w.X, n, 1) - s.at
			order = append(order, s)
			n++
		}
	}
	return order
}

// slot is where the weights of one x term go: after the terms of earlier sections,
// into each panel from at on, channels step apart.
type slot struct{ kernel, before, panel, at, step int }

func (p Packed) packPhase(dst []float32, w Weights, order []slot, g, b int, ph polyphase.Phase) {
	m := min(p.Layout.Channels, w.Out-b*p.Layout.Channels)
	all := p.Layout.TermStep(w.In, len(ph.Taps))
	for ic := range w.In {
		for t, tap := range ph.Taps {
			n := ic*len(ph.Taps) + t
			for c := range m {
				oc := b*p.Layout.Channels + c
				row := w.Data[(((g*w.In+ic)*w.Out+oc)*w.KernelY+tap.Kernel[0])*w.KernelX:]
				for _, s := range order {
					dst[s.before*all+n*s.panel+s.at+c*s.step] = row[s.kernel]
				}
			}
		}
	}
}
