package polyphase

import "github.com/upconv/upconv/specs"

// TrivialGeometry is the axis of one element that a layer of lower rank lacks.
var TrivialGeometry = Geometry{Kernel: 1, Stride: 1, Dilation: 1}

// Of returns the geometry of an axis whose input size is known.
func Of(e specs.Extent) Geometry {
	return Geometry{
		Kernel: e.Kernel, Stride: e.Stride, Dilation: e.Dilation,
		PadBegin: e.PadBegin, PadEnd: e.PadEnd, OutputPadding: e.OutputPadding,
	}
}

// Geometries returns the geometry of each axis of a layer, whatever its input
// size. ok is false when the phases depend on a free input size, which happens
// only for a same_* padding with a wanted output size. An output padding that
// follows from a wanted output size and a free input is left out: it changes
// how many outputs there are, not what they read.
func Geometries(l *specs.Layer) (axes []Geometry, ok bool) {
	for _, a := range l.Spatial() {
		if a.Input == 0 && a.OutputSize != 0 {
			if l.Padding == specs.SameUpper || l.Padding == specs.SameLower {
				return nil, false
			}
			a.OutputSize = 0
		}
		e, ok := anyExtent(a, l.Padding)
		if !ok {
			return nil, false
		}
		axes = append(axes, Of(e))
	}
	return axes, true
}

// anyExtent resolves an axis for its input, or for the smallest free input that
// gives an output: phases and taps are the same for all of them.
func anyExtent(a specs.Axis, p specs.Padding) (specs.Extent, bool) {
	in, last := a.Input, a.Input
	if in == 0 {
		in, last = 1, 1+a.PadBegin+a.PadEnd
	}
	for ; in <= last; in++ {
		if e, err := a.Resolve(p, in); err == nil {
			return e, true
		}
	}
	return specs.Extent{}, false
}
