package kerneltest

import "github.com/upconv/upconv/specs"

// enlargedExtent is the convolution that a resize_conv does on its enlarged input,
// which holds its border unless that is zero.
func (p *problem) enlargedExtent(e specs.Extent) specs.Extent {
	e.In *= e.Scale
	e.Stride = 1
	if p.layer.Border != specs.ZeroBorder {
		e.In += e.PadBegin + e.PadEnd
		e.PadBegin, e.PadEnd = 0, 0
	}
	return e
}

// enlarge is the first step of a resize_conv: the resize by its own definition in
// float32, then the border. Other layers convolve src itself.
func (p *problem) enlarge(src []float32) []float32 {
	if p.enlarged == 0 {
		return src
	}
	l := specs.NewLayer(specs.Nearest, p.layer.Rank)
	if p.layer.Interpolation == specs.InterpolateBilinear {
		l = specs.NewLayer(specs.Bilinear, p.layer.Rank)
	}
	l.InChannels, l.OutChannels, l.Layout = p.layer.InChannels, p.layer.InChannels, p.layer.Layout
	for i := range l.Rank {
		l.Axes[i].Scale = p.layer.Axes[i].Scale
	}
	resize, err := newProblem(l, p.shape())
	if err != nil {
		panic(err) // the layer's own shape was resolved
	}
	wide := movers[l.Op](resize, &Data{Src: src}).values
	return p.surround(wide, resize.sizeOut)
}

// surround puts the border around the planes of an enlarged input.
func (p *problem) surround(wide []float32, size place3) []float32 {
	around := place3{p.axes[0].in, p.axes[1].in, p.axes[2].in}
	begin := p.begins()
	out := make([]float32, 0, p.batch*p.layer.InChannels*p.enlarged)
	for plane := range p.batch * p.layer.InChannels {
		for i := range p.enlarged {
			at := unflat(i, around)
			for a := range at {
				at[a] = p.mirror(at[a]-begin[a], size[a])
			}
			out = append(out, wide[plane*size[0]*size[1]*size[2]+at.flat(size)])
		}
	}
	return out
}

// begins are the elements of the border before the enlarged input on each axis.
func (p *problem) begins() (begin place3) {
	if p.layer.Border == specs.ZeroBorder {
		return begin
	}
	shape := p.shape()
	extents, err := p.layer.Resolve(shape.Input[:p.layer.Rank])
	if err != nil {
		panic(err) // it was resolved before
	}
	for i, e := range extents {
		begin[specs.MaxRank-p.layer.Rank+i] = e.PadBegin
	}
	return begin
}

// mirror is the element of an axis of n that stands at place i, which may lie
// outside.
func (p *problem) mirror(i, n int) int {
	for i < 0 || i >= n {
		switch {
		case p.layer.Border == specs.Replicate && i < 0:
			i = 0
		case p.layer.Border == specs.Replicate:
			i = n - 1
		case i < 0:
			i = -i
		default:
			i = 2*(n-1) - i
		}
	}
	return i
}
