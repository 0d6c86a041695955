// Package pack owns the order of packed weights. It is the one definition that
// both sides use: emitters ask it for offsets inside a panel, the runtime packs
// by it when a layer is built.
//
// Packed weights are a sequence of panels, one for each
//
//	[group][block of output channels][y phase][input channel][y tap]
//
// and a panel holds the weights of all x terms for the block's channels. With the
// order Channels they are [group][block][y phase][section][input channel][y tap],
// and a panel holds those of one section. A layout with Rows has one panel for all
// y phases and taps, see rows.go.
package pack

import "github.com/upconv/upconv/internal/polyphase"

// Order is the order of the weights inside a panel.
type Order uint8

const (
	// Planar panels are [term][channel]: a kernel broadcasts each weight and
	// multiplies it with a vector of neighbouring inputs.
	Planar Order = iota
	// Phases panels are [tap][channel][phase]: a kernel loads the weights of
	// neighbouring x phases as a vector and broadcasts the input.
	Phases
	// Channels panels are [term][channel] as well: a kernel loads the weights of
	// neighbouring channels as vectors and broadcasts the input.
	Channels
)

var orderNames = [...]string{Planar: "planar", Phases: "phases", Channels: "channels"}

func (o Order) String() string { return orderNames[o] }

// Layout says how a kernel wants its weights.
type Layout struct {
	Order    Order
	Channels int // output channels of a block; missing ones are packed as 0
	Section  int // x phases that a kernel computes together
	Rows     int // y phases that a planar kernel computes together: all; 0: one at a time
}

// PassElements is the number of weights of a section that a kernel of the order
// Channels keeps in the first level cache while it walks the rows: 24 KiB, the
// rest is for inputs.
const PassElements = 4 << 10

// LeastPass is the least number of input channels that a kernel of the order Channels
// adds up before it goes on with the next rows: fewer would not pay for loading the
// sums again.
const LeastPass = 8

// BiasRepeat is how often a kernel wants each bias value, one after the other:
// once for each lane that a phases kernel loads it into.
func (l Layout) BiasRepeat() int {
	if l.Order == Phases {
		return l.Section
	}
	return 1
}

// Term is one product of a panel: in[q+Delta] * sum(w[Kernel...]) adds to Phase.
type Term struct {
	Phase, Delta int
	Kernel       []int
}

// Frame is the x axis as a kernel with this layout sees it. Phases kernels
// compute the uncropped output, where all phases read the same inputs.
func (l Layout) Frame(x polyphase.Axis) polyphase.Axis {
	if l.Order == Phases {
		x, _ = x.Uncropped()
	}
	return x
}

// Sections splits the phases of x into runs of l.Section and returns the terms
// of each: by ascending Delta, then by phase.
func (l Layout) Sections(x polyphase.Axis) [][]Term {
	var sections [][]Term
	for from := 0; from < len(x.Phases); from += l.Section {
		to := min(from+l.Section, len(x.Phases))
		sections = append(sections, terms(x.Phases[from:to]))
	}
	return sections
}

func terms(phases []polyphase.Phase) []Term {
	least, most := polyphase.Axis{Phases: phases}.Reach()
	var ts []Term
	for d := least; d <= most; d++ {
		for _, p := range phases {
			for _, t := range p.Taps {
				if t.Delta == d {
					ts = append(ts, Term{Phase: p.Offset, Delta: d, Kernel: t.Kernel})
				}
			}
		}
	}
	return ts
}

// Panel is the number of weights in one panel.
func (l Layout) Panel(x polyphase.Axis) int {
	n := 0
	for _, p := range x.Phases {
		n += len(p.Taps)
	}
	return n * l.Channels
}

// Offset is the place in a panel of the weight for the panel's term number term
// (counted over all sections, or, with the order Channels, within its section) and
// the block's output channel.
func (l Layout) Offset(x polyphase.Axis, term, channel int) int {
	if l.Order == Phases {
		s := x.OutStride
		return (term/s*l.Channels+channel)*s + term%s
	}
	return term*l.Channels + channel
}

// TermStep is, for the order Channels, the number of weights of one x term of a
// section for in input channels with taps y taps.
func (l Layout) TermStep(in, taps int) int { return in * taps * l.Channels }
