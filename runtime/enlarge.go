package runtime

import (
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// enlarge is a resize_conv: it enlarges the input into memory of the call, border
// and all, and convolves that. Both steps are those of the layers nearest, bilinear
// and conv, so the bits are those of the two layers one after the other.
type enlarge struct {
	spec   specs.Layer
	resize *Layer // on one goroutine
	conv   engine
}

func newEnlarge(l specs.Layer, p parameters) engine {
	r := resizeOf(l)
	resize := &Layer{spec: r, kernel: genericKernel(r), threads: 1, grain: defaultGrain}
	if r.Op == specs.Bilinear {
		resize.engine = newBilinear(r, parameters{})
	} else {
		resize.engine = newNearest(r, parameters{})
	}
	return &enlarge{spec: l, resize: resize, conv: newFilter(convOf(l), p)}
}

// resizeOf is the layer that enlarges the input.
func resizeOf(l specs.Layer) specs.Layer {
	r := specs.Layer{
		Op: specs.Nearest, Coordinate: specs.Asymmetric, Rounding: specs.Floor,
		Rank: l.Rank, Layout: l.Layout, InChannels: l.InChannels, OutChannels: l.InChannels,
	}
	if l.Interpolation == specs.InterpolateBilinear {
		r.Op, r.Coordinate, r.Rounding = specs.Bilinear, specs.HalfPixel, ""
	}
	for i, a := range l.Spatial() {
		r.Axes[i].Scale = a.Scale
	}
	return r
}

// convOf is the convolution of the enlarged input, which holds its own border
// unless that is zero.
func convOf(l specs.Layer) specs.Layer {
	l.Op, l.Interpolation = specs.Conv, ""
	for i := range l.Spatial() {
		a := &l.Axes[i]
		a.Stride, a.Scale, a.Input = 1, 0, 0
		if l.Border != specs.ZeroBorder {
			a.PadBegin, a.PadEnd = 0, 0
		}
	}
	if l.Border != specs.ZeroBorder {
		l.Padding = specs.Explicit
	}
	l.Border = ""
	return l
}

// start makes room for the enlarged input and fills it.
func (e *enlarge) start(c *call) error {
	shape := Shape{Batch: c.batch}
	inner := c.asked
	for i := range inner {
		inner[i].Out = inner[i].In * inner[i].Scale
	}
	for i := range e.spec.Rank {
		shape.Input[i] = inner[specs.MaxRank-e.spec.Rank+i].In
	}
	planes, wide := c.batch*e.spec.InChannels, e.wide(&inner)
	src := scratch(&c.enlarged, planes*wide[0]*wide[1]*wide[2])
	resized := src
	if e.spec.Border != specs.ZeroBorder {
		resized = scratch(&c.resized, planes*inner[0].Out*inner[1].Out*inner[2].Out)
	}
	if err := e.resize.Forward(resized, c.src, shape); err != nil {
		return err
	}
	if e.spec.Border != specs.ZeroBorder {
		e.surround(src, resized, &inner, wide)
	}
	c.src = src
	return nil
}

// wide are the sizes of what the convolution reads.
func (e *enlarge) wide(inner *extents) (wide [specs.MaxRank]int) {
	for i, x := range inner {
		wide[i] = x.Out
		if e.spec.Border != specs.ZeroBorder {
			wide[i] += x.PadBegin + x.PadEnd
		}
	}
	return wide
}

// surround copies the resized input into dst, with its border around it.
func (e *enlarge) surround(dst, resized []float32, inner *extents, wide [specs.MaxRank]int) {
	n := (&grid{e.spec}).inner()
	line := inner[2].Out * n
	for row := range len(dst) / (wide[2] * n) {
		plane, z, y := row/wide[1]/wide[0], row/wide[1]%wide[0], row%wide[1]
		iz, iy := e.within(&inner[0], z), e.within(&inner[1], y)
		src := resized[((plane*inner[0].Out+iz)*inner[1].Out+iy)*line:][:line]
		to := dst[row*wide[2]*n:][:wide[2]*n]
		for x := range wide[2] {
			move.Copy(to[x*n:][:n], src[e.within(&inner[2], x)*n:])
		}
	}
}

// within is the element of the resized axis that element i of the surrounded one
// repeats.
func (e *enlarge) within(x *specs.Extent, i int) int {
	i -= x.PadBegin
	switch last := x.Out - 1; {
	case e.spec.Border == specs.Replicate:
		return min(max(i, 0), last)
	case i < 0:
		return -i
	case i > last:
		return 2*last - i
	}
	return i
}

// tasks are those of the convolution.
func (e *enlarge) tasks(c *call) {
	for i := range c.ext {
		x := &c.ext[i]
		x.In *= x.Scale
		if e.spec.Border != specs.ZeroBorder {
			x.In += x.PadBegin + x.PadEnd
		}
	}
	e.conv.tasks(c)
}

func (e *enlarge) run(c *call, w *worker, task int) { e.conv.run(c, w, task) }
