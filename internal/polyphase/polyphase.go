// Package polyphase owns index arithmetic: which input element reaches which
// output element through which kernel element, one axis at a time.
//
// On one axis an output position is o = OutStride*q + r, where r is its phase.
// All outputs of a phase read the same short list of taps: in[InStride*q+Delta].
// Axes are independent, so N-D is the product of its axes. The package speaks
// of integers only: no weights, channels, memory layouts or processors.
package polyphase

import "slices"

// Geometry is what index arithmetic needs to know of one axis of a transposed
// convolution: sizes are in elements.
type Geometry struct {
	Kernel, Stride, Dilation int
	PadBegin, PadEnd         int // output elements cropped at each end
	OutputPadding            int // output elements added at the end
}

// Tap is one term of a phase: in[InStride*q+Delta] * sum(w[Kernel...]), or for an
// axis without a kernel in[InStride*q+Delta] * Weight.
type Tap struct {
	Delta  int
	Kernel []int
	Weight Ratio // 0/0 for an axis with a kernel
}

// Ratio is Num/Den.
type Ratio struct{ Num, Den int }

// Phase holds the outputs o = OutStride*q + Offset for q in [0, (In+Extra)/InStride).
// Every tap is inside the input for q in the interior [Lo, (In+Hi)/InStride).
// Divisions round down.
type Phase struct {
	Offset, Extra int
	Lo, Hi        int
	Taps          []Tap // by ascending Delta
}

// Axis is one axis: its phases, Offset ascending. An output size is
// (OutStride*In + OutExtra)/InStride, rounded down, for the inputs sizes In that
// give a positive output.
type Axis struct {
	OutStride, InStride, OutExtra int
	Clamp                         bool // what lies beyond the input is its outermost element
	Phases                        []Phase
}

// Transposed returns the axis of a transposed convolution. Input i reaches
// output o through kernel element k when o + PadBegin = Stride*i + Dilation*k.
func Transposed(g Geometry) Axis {
	a := Axis{
		OutStride: g.Stride,
		InStride:  1,
		OutExtra:  g.OutputPadding + g.Dilation*(g.Kernel-1) + 1 - g.PadBegin - g.PadEnd - g.Stride,
	}
	for r := range g.Stride {
		a.Phases = append(a.Phases, transposedPhase(g, r, a.OutExtra))
	}
	return a
}

func transposedPhase(g Geometry, r, outExtra int) Phase {
	p := Phase{Offset: r, Extra: ceilDiv(outExtra-r, g.Stride)}
	for k := g.Kernel - 1; k >= 0; k-- { // descending k is ascending Delta
		num := r + g.PadBegin - g.Dilation*k
		if floorMod(num, g.Stride) != 0 {
			continue
		}
		p.Taps = append(p.Taps, Tap{Delta: floorDiv(num, g.Stride), Kernel: []int{k}})
	}
	p.Lo, p.Hi = 0, p.Extra
	if n := len(p.Taps); n > 0 {
		p.Lo = max(0, -p.Taps[0].Delta)
		p.Hi = min(p.Extra, -p.Taps[n-1].Delta)
	}
	return p
}

// Out is the output size for an input of in elements; it may be <= 0.
func (a Axis) Out(in int) int { return floorDiv(a.OutStride*in+a.OutExtra, a.InStride) }

// Count is the number of outputs of the phase for an input of in elements, for an
// axis with an InStride of 1.
func (p Phase) Count(in int) int { return max(0, in+p.Extra) }

// Interior is the range of q in which every tap of p lies inside the input,
// clipped to the outputs that exist; it is empty when from >= to. It is for an axis
// with an InStride of 1.
func (p Phase) Interior(in int) (from, to int) {
	n := p.Count(in)
	return min(p.Lo, n), min(max(in+p.Hi, 0), n)
}

// Valid is the range [from, to) of p.Taps that lie inside an input of in
// elements at q. Taps ascend, so those inside are contiguous.
func (p Phase) Valid(q, in, inStride int) (from, to int) {
	to = len(p.Taps)
	for from < to && inStride*q+p.Taps[from].Delta < 0 {
		from++
	}
	for to > from && inStride*q+p.Taps[to-1].Delta >= in {
		to--
	}
	return from, to
}

// Inside are the taps that lie inside an input of in elements at q.
func (p Phase) Inside(q, in, inStride int) []Tap {
	from, to := p.Valid(q, in, inStride)
	return p.Taps[from:to]
}

// Inside returns the taps that reach output o from within an input of in
// elements, each of which reads in[base+Delta].
func (a Axis) Inside(o, in int) (base int, taps []Tap) {
	r, q := a.Position(o)
	from, to := a.Phases[r].Valid(q, in, a.InStride)
	return a.InStride * q, a.Phases[r].Taps[from:to]
}

// Range is the range [from, to) of those of a phase's outputs q in [0, n) for
// which the tap lies inside an input of in elements; it is empty when from >= to.
func (t *Tap) Range(n, in, inStride int) (from, to int) {
	if inStride == 1 { // most are, and dividing takes longer than a short row
		return max(0, -t.Delta), min(n, in-t.Delta)
	}
	return max(0, ceilDiv(-t.Delta, inStride)), min(n, floorDiv(in-1-t.Delta, inStride)+1)
}

// Reach is the range of taps' Delta over all phases: (0, 0) when none has any.
func (a Axis) Reach() (least, most int) {
	first := true
	for _, p := range a.Phases {
		for _, t := range p.Taps {
			if first {
				least, most, first = t.Delta, t.Delta, false
			}
			least, most = min(least, t.Delta), max(most, t.Delta)
		}
	}
	return least, most
}

// Place is where a tap reads in inputs that are split by their remainder modulo
// InStride: the column relative to q, and the remainder.
func (a Axis) Place(delta int) (column, remainder int) {
	return floorDiv(delta, a.InStride), floorMod(delta, a.InStride)
}

// ReachColumns is the range of the columns that Place gives for all taps: that of Reach for an
// InStride of 1.
func (a Axis) ReachColumns() (least, most int) {
	least, most = a.Reach()
	return floorDiv(least, a.InStride), floorDiv(most, a.InStride)
}

// MaxTaps is the largest number of taps of a phase.
func (a Axis) MaxTaps() int {
	n := 0
	for _, p := range a.Phases {
		n = max(n, len(p.Taps))
	}
	return n
}

// EvenPhases is the work of all phases in units of the largest, rounded up: the
// number of phases if they have equally many taps, 1 if one phase has them all.
func (a Axis) EvenPhases() int {
	n, most := 0, max(1, a.MaxTaps())
	for _, p := range a.Phases {
		n += len(p.Taps)
	}
	return max(1, (n+most-1)/most)
}

// MinTaps is the smallest number of taps of a phase. A layer whose axes have
// MinTaps < MaxTaps overlaps unevenly: it can show a checkerboard.
func (a Axis) MinTaps() int {
	n := len(a.Phases[0].Taps)
	for _, p := range a.Phases {
		n = min(n, len(p.Taps))
	}
	return n
}

// Step is the distance between neighbouring taps' Delta, the same in all
// phases; 1 when no phase has two taps.
func (a Axis) Step() int {
	for _, p := range a.Phases {
		if len(p.Taps) > 1 {
			return p.Taps[1].Delta - p.Taps[0].Delta
		}
	}
	return 1
}

// Taps is the number of taps of all phases.
func (a Axis) Taps() int {
	n := 0
	for _, p := range a.Phases {
		n += len(p.Taps)
	}
	return n
}

// Renumbered returns the axis with one kernel element for each tap, counted phase by
// phase.
func (a Axis) Renumbered() Axis {
	n := 0
	phases := a.Phases
	a.Phases = nil
	for _, p := range phases {
		p.Taps = slices.Clone(p.Taps)
		for i := range p.Taps {
			p.Taps[i].Kernel = []int{n}
			n++
		}
		a.Phases = append(a.Phases, p)
	}
	return a
}

// Uncropped returns the axis of a transposed convolution of dilation 1 without its
// padding, and the number of outputs that the padding crops at the beginning.
func (a Axis) Uncropped() (whole Axis, crop int) {
	for _, p := range a.Phases {
		for _, t := range p.Taps { // o + PadBegin = Stride*i + k
			crop = a.OutStride*t.Delta + t.Kernel[0] - p.Offset
		}
	}
	return Transposed(Geometry{Kernel: a.Taps(), Stride: a.OutStride, Dilation: 1}), crop
}

// Alike reports whether the outputs of both axes read the same inputs through the
// same kernel elements, however many there are.
func (a Axis) Alike(b Axis) bool {
	same := func(p, q Tap) bool {
		return p.Delta == q.Delta && p.Weight == q.Weight && slices.Equal(p.Kernel, q.Kernel)
	}
	return a.OutStride == b.OutStride && a.InStride == b.InStride && a.Clamp == b.Clamp &&
		slices.EqualFunc(a.Phases, b.Phases, func(p, q Phase) bool { return slices.EqualFunc(p.Taps, q.Taps, same) })
}

// Position splits output o into its phase and its q.
func (a Axis) Position(o int) (phase, q int) { return o % a.OutStride, o / a.OutStride }

// floorDiv is the only division of the project that rounds to minus infinity.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int) int { return a - b*floorDiv(a, b) }

func ceilDiv(a, b int) int { return -floorDiv(-a, b) }
