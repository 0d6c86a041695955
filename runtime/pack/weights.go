package pack

import (
	"github.com/upconv/upconv/internal/hugemem"
	"github.com/upconv/upconv/internal/polyphase"
)

// Weights is the view of a layer's weights that packing needs: Data is
// [Groups*In][Out][ky][kx], or with OutFirst [Groups*Out][In][ky][kx], with In input
// and Out output channels a group. Every tap has one kernel element.
type Weights struct {
	Data             []float32
	Groups, In, Out  int
	Y, X             polyphase.Axis // X in the layout's Frame
	KernelY, KernelX int
	OutFirst         bool
}

// At is where Data holds the kernel from input channel in to output channel out of a
// group.
func (w Weights) At(group, in, out int) int {
	at := (group*w.In+in)*w.Out + out
	if w.OutFirst {
		at = (group*w.Out+out)*w.In + in
	}
	return at * w.KernelY * w.KernelX
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
//
// Weights are read in their own order, some input channels of all output channels at
// a time, which stay in the cache while they go to the blocks that want them.
func (p Packed) Pack(w Weights) []float32 {
	dst := hugemem.Floats(p.Len(w.Groups))
	step := max(1, readElements/(w.Out*w.KernelY*w.KernelX))
	whole, last := p.lists(w, p.Layout.Channels), p.lists(w, w.Out-(p.Blocks-1)*p.Layout.Channels)
	for g := range w.Groups {
		for from := 0; from < w.In; from += step {
			for b := range p.Blocks {
				lists := whole
				if b == p.Blocks-1 {
					lists = last
				}
				for _, list := range lists {
					p.packList(dst[p.At(g, b, list.phase)+list.before:], w, list, g, b, from, min(from+step, w.In))
				}
			}
		}
	}
	return dst
}

// readElements are the weights that are read at a time.
const readElements = 32 << 10

// run is a sequence of panels that lie together: those of all sections, or of one.
type run struct {
	before int // terms of the runs before it
	panel  int // floats of a panel
	slots  []slot
}

// slot is where the weights of one term go in a panel: its kernel element, counted
// from the row of the y tap, the place of the block's first channel, and the distance
// of the others.
type slot struct{ kernel, at, step int }

// runs lists the terms of the panels of a y phase.
func (p Packed) runs(w Weights) (runs []run) {
	if p.Layout.Rows > 0 {
		return []run{{panel: p.Panel, slots: p.rowSlots(w)}}
	}
	all := run{panel: p.Panel}
	n := 0
	for _, section := range p.Layout.Sections(w.X) {
		one := run{before: n, panel: len(section) * p.Layout.Channels}
		for i, t := range section {
			one.slots = append(one.slots, p.slot(w, t, i))
			all.slots = append(all.slots, p.slot(w, t, n))
			n++
		}
		runs = append(runs, one)
	}
	if p.Layout.Order == Channels {
		return runs
	}
	return []run{all}
}

// slot is that of the term of number n.
func (p Packed) slot(w Weights, t Term, n int) slot {
	at := p.Layout.Offset(w.X, n, 0)
	return slot{kernel: t.Kernel[0], at: at, step: p.Layout.Offset(w.X, n, 1) - at}
}

// places lists, for each place in the panels of some input channels, where its weight
// is, counted from the first weight of the first input channel and the block; -1
// where there is none, because the block has only some of its channels.
type places struct {
	phase    int // y phase
	before   int // floats from the phase's first
	from     []int32
	channels int // input channels
	each     int // places of one input channel
}

// placesWanted is how many places are listed at least, as long as channels have any:
// short lists cost as much as longer ones.
const placesWanted = 64

// lists are the places of a block with m channels, for each y phase and run.
func (p Packed) lists(w Weights, m int) (lists []places) {
	for r, ph := range p.Layout.Walk(w.Y).Phases {
		for _, run := range p.runs(w) {
			list := p.places(w, run, ph, m)
			list.phase, list.before = r, run.before*p.Layout.TermStep(w.In, len(ph.Taps))
			lists = append(lists, list)
		}
	}
	return lists
}

func (p Packed) places(w Weights, run run, ph polyphase.Phase, m int) places {
	list := places{each: len(ph.Taps) * run.panel}
	if list.each == 0 {
		return list
	}
	list.channels = min(w.In, (placesWanted+list.each-1)/list.each)
	list.from = make([]int32, list.channels*list.each)
	for ic := range list.channels {
		for t, tap := range ph.Taps {
			panel := list.from[ic*list.each+t*run.panel:][:run.panel]
			for _, s := range run.slots {
				for c := range p.Layout.Channels {
					panel[s.at+c*s.step] = -1
					if c < m {
						panel[s.at+c*s.step] = int32(w.At(0, ic, c) + tap.Kernel[0]*w.KernelX + s.kernel)
					}
				}
			}
		}
	}
	return list
}

// packList packs input channels [from, to) of one y phase and run of a block.
func (p Packed) packList(dst []float32, w Weights, list places, g, b, from, to int) {
	for ic := from; ic < to && list.channels > 0; ic += list.channels {
		n := min(list.channels, to-ic) * list.each
		first := w.At(g, ic, b*p.Layout.Channels)
		gather(dst[ic*list.each:][:n], w.Data[first:], list.from[:n])
	}
}

// gather sets dst[i] = src[from[i]], or leaves it where from[i] is negative.
func gather(dst, src []float32, from []int32) {
	const unroll = 8 // which takes a third of the time off
	for len(from) >= unroll && len(dst) >= unroll {
		d, f := (*[unroll]float32)(dst), (*[unroll]int32)(from)
		if f[0]|f[1]|f[2]|f[3]|f[4]|f[5]|f[6]|f[7] < 0 {
			break
		}
		d[0], d[1], d[2], d[3] = src[f[0]], src[f[1]], src[f[2]], src[f[3]]
		d[4], d[5], d[6], d[7] = src[f[4]], src[f[5]], src[f[6]], src[f[7]]
		dst, from = dst[unroll:], from[unroll:]
	}
	for i, at := range from {
		if at >= 0 {
			dst[i] = src[at]
		}
	}
}
