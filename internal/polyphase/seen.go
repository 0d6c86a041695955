package polyphase

import "github.com/upconv/upconv/specs"

// Kernels see the layer's own input, with nothing beyond it, except those of a
// resize_conv with a border or an interpolation: where it merges, they see the input with
// copies of its outermost elements around it, else the enlarged input, border and
// all unless that is zero. The runtime makes some rows of it at a time.

// Merges reports whether a resize_conv is a filter of its own input: it repeats
// inputs, and what lies beyond them is nothing or the outermost input. A border that
// reflects less than one input's copies repeats that input alone. Kernels count on taps
// that lie one distance apart.
func Merges(l *specs.Layer) bool {
	if l.Interpolation != specs.InterpolateNearest {
		return false
	}
	for i := range l.Spatial() {
		e, ok := anyExtent(l, i)
		if !ok || !evenlyMerged(e) || l.Border == specs.Reflect && max(e.PadBegin, e.PadEnd) >= e.Scale {
			return false
		}
	}
	return true
}

// evenlyMerged reports whether neighbouring taps of merged kernel elements lie one distance
// apart, in all phases: one input, or dilation/scale of them.
func evenlyMerged(e specs.Extent) bool {
	return e.Kernel == 1 || e.Dilation < e.Scale || e.Dilation%e.Scale == 0
}

// Input is what a kernel sees of an axis of n inputs: Scale*n elements, with Before
// and After elements around them.
type Input struct {
	Scale, Before, After int
	how                  specs.Interpolation
	border               specs.Border
}

// Own reports whether it is the layer's own input.
func (i Input) Own() bool { return i == Input{Scale: 1} }

// Size is the number of elements that are seen of in inputs.
func (i Input) Size(in int) int { return i.Scale*in + i.Before + i.After }

// Seen returns the axes of a layer as its kernels walk them, and what those see as
// their input. It is what Axes returns for layers whose kernels see their own input.
func Seen(l *specs.Layer) (axes []Axis, inputs []Input, ok bool) {
	if l.Op != specs.ResizeConv || Merges(l) && l.Border == specs.ZeroBorder {
		axes, ok = Axes(l)
		for range axes {
			inputs = append(inputs, Input{Scale: 1})
		}
		return axes, inputs, ok
	}
	see := enlarged
	if Merges(l) {
		see = surrounded
	}
	for i := range l.Spatial() {
		e, ok := anyExtent(l, i)
		if !ok {
			return nil, nil, false
		}
		a, in := see(e, l)
		axes, inputs = append(axes, a), append(inputs, in)
	}
	return axes, inputs, true
}

// surrounded sees an input with copies of its ends.
func surrounded(e specs.Extent, _ *specs.Layer) (Axis, Input) {
	g := Of(e)
	in := Input{Scale: 1, Before: ceilDiv(g.PadBegin, e.Scale), After: ceilDiv(g.PadEnd, e.Scale)}
	if in.Before+in.After > 0 {
		in.border = specs.Replicate
	}
	g.PadBegin -= e.Scale * in.Before
	g.PadEnd -= e.Scale * in.After
	return Resized(g, e.Scale), in
}

// enlarged sees the enlarged input.
func enlarged(e specs.Extent, l *specs.Layer) (Axis, Input) {
	g := Of(e)
	g.Stride = 1
	in := Input{Scale: e.Scale, how: l.Interpolation, border: l.Border}
	if l.Border != specs.ZeroBorder {
		in.Before, in.After = g.PadBegin, g.PadEnd
		g.PadBegin, g.PadEnd = 0, 0
	}
	return Convolved(g), in
}

// Map fills pairs, Size(in) of them, with what each element that is seen is made of.
func (i Input) Map(pairs []Pair, in int) {
	inner := pairs[i.Before : len(pairs)-i.After]
	if i.how == specs.InterpolateBilinear {
		LinearMap(inner, in, specs.HalfPixel)
	} else {
		for o := range inner {
			inner[o] = Pair{First: o / i.Scale, Second: o / i.Scale, Weight: Ratio64{0, 1}}
		}
	}
	for o := range i.Before {
		pairs[o] = inner[i.within(o-i.Before, len(inner))]
	}
	for o := range i.After {
		pairs[i.Before+len(inner)+o] = inner[i.within(len(inner)+o, len(inner))]
	}
}

// within is the element of n that stands at a place outside them.
func (i Input) within(at, n int) int {
	switch {
	case i.border == specs.Replicate:
		return min(max(at, 0), n-1)
	case at < 0:
		return -at
	default:
		return 2*(n-1) - at
	}
}
