package polyphase

import "github.com/upconv/upconv/specs"

// TrivialGeometry is the axis of one element that a layer of lower rank lacks.
var TrivialGeometry = Geometry{Kernel: 1, Stride: 1, Dilation: 1}

// Trivial is that axis: its output is its input.
func Trivial() Axis { return Transposed(TrivialGeometry) }

// Of returns the geometry of an axis whose input size is known.
func Of(e specs.Extent) Geometry {
	return Geometry{
		Kernel: e.Kernel, Stride: e.Stride, Dilation: e.Dilation,
		PadBegin: e.PadBegin, PadEnd: e.PadEnd, OutputPadding: e.OutputPadding,
	}
}

// Geometries returns the geometry of each axis of a conv_transpose, whatever its input
// size. ok is false when the phases depend on a free input size, which happens
// only for a same_* padding with a wanted output size. An output padding that
// follows from a wanted output size and a free input is left out: it changes
// how many outputs there are, not what they read. Other ops have none: see Axes.
func Geometries(l *specs.Layer) (axes []Geometry, ok bool) {
	if l.Op != specs.ConvTranspose {
		return nil, false
	}
	for i := range l.Spatial() {
		e, ok := anyExtent(l, i)
		if !ok {
			return nil, false
		}
		axes = append(axes, Of(e))
	}
	return axes, true
}

// anyExtent resolves an axis for its input, or for the smallest free input that
// gives an output: phases and taps are the same for all of them. ok is false where
// they are not.
func anyExtent(l *specs.Layer, axis int) (e specs.Extent, ok bool) {
	free := *l
	a := &free.Axes[axis]
	same := l.Padding == specs.SameUpper || l.Padding == specs.SameLower
	if a.Input == 0 && same && (a.OutputSize != 0 || l.Op == specs.Conv && a.Stride > 1) {
		return specs.Extent{}, false
	}
	in, last := a.Input, a.Input
	if in == 0 {
		a.OutputSize = 0
		in, last = 1, 1+a.PadBegin+a.PadEnd+a.Dilation*(a.Kernel-1)
	}
	for ; in <= last; in++ {
		if e, err := free.Extent(axis, in); err == nil {
			return e, true
		}
	}
	return specs.Extent{}, false
}

// Axes returns the axes of a layer as phases, whatever its input size. ok is false
// for those that have none: max_pool and max_unpool, a resize to a given size or
// between aligned corners, a resize_conv that does not merge, and where the phases
// depend on a free input size.
func Axes(l *specs.Layer) (axes []Axis, ok bool) {
	make, ok := makers[l.Op]
	if !ok {
		return nil, false
	}
	for i := range l.Spatial() {
		a, ok := make(l, i)
		if !ok {
			return nil, false
		}
		axes = append(axes, a)
	}
	return axes, true
}

// makers build an axis of each op that is a filter.
var makers = map[specs.Op]func(l *specs.Layer, axis int) (Axis, bool){
	specs.ConvTranspose: kernelAxis(Transposed),
	specs.Conv:          kernelAxis(Convolved),
	specs.Nearest:       scaledAxis,
	specs.Bilinear:      scaledAxis,
	specs.BedOfNails:    nailsAxis,
	specs.PixelShuffle:  func(l *specs.Layer, axis int) (Axis, bool) { return Shuffled(l.Axes[axis].Scale), true },
	specs.ResizeConv:    resizedAxis,
}

func kernelAxis(make func(Geometry) Axis) func(l *specs.Layer, axis int) (Axis, bool) {
	return func(l *specs.Layer, axis int) (Axis, bool) {
		e, ok := anyExtent(l, axis)
		return make(Of(e)), ok
	}
}

func scaledAxis(l *specs.Layer, axis int) (Axis, bool) {
	s := l.Axes[axis].Scale
	if s == 0 || l.Coordinate == specs.AlignCorners {
		return Axis{}, false
	}
	if l.Op == specs.Nearest {
		return Repeated(s, l.Coordinate, l.Rounding), true
	}
	return Interpolated(s, l.Coordinate), true
}

func nailsAxis(l *specs.Layer, axis int) (Axis, bool) { return Nails(l.Axes[axis].Scale), true }

func resizedAxis(l *specs.Layer, axis int) (Axis, bool) {
	if !Merges(l) {
		return Axis{}, false
	}
	e, ok := anyExtent(l, axis)
	a := Resized(Of(e), e.Scale)
	a.Clamp = l.Border != specs.ZeroBorder
	return a, ok
}
