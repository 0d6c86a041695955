package kerneltest

import (
	"fmt"
	"math"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// stamp says that kernel element kernel lands on output element out.
type stamp struct{ kernel, out int }

// axis is one spatial axis as the definition has it: where each input element
// stamps the kernel.
type axis struct {
	in, out, kernel int
	stamps          [][]stamp // for each input element, by ascending kernel element
	terms           []int     // for each output element, the stamps that hit it
}

// newAxis stamps: input i puts kernel element k where lands says, if that is an
// output.
func newAxis(e specs.Extent, lands func(e specs.Extent, i, k int) (o int, ok bool)) axis {
	a := axis{in: e.In, out: e.Out, kernel: e.Kernel}
	a.stamps = make([][]stamp, e.In)
	a.terms = make([]int, e.Out)
	for i := range a.stamps {
		for k := range e.Kernel {
			if o, ok := lands(e, i, k); ok && o >= 0 && o < e.Out {
				a.stamps[i] = append(a.stamps[i], stamp{k, o})
				a.terms[o]++
			}
		}
	}
	return a
}

// landings are the definitions of the ops that have a kernel: a conv_transpose puts
// input i through kernel element k on stride*i + dilation*k - pad; a window of conv
// has its element k on input stride*o + dilation*k - pad.
var landings = map[specs.Op]func(e specs.Extent, i, k int) (o int, ok bool){
	specs.ConvTranspose: func(e specs.Extent, i, k int) (int, bool) { return e.Stride*i + e.Dilation*k - e.PadBegin, true },
	specs.Conv:          windowOf,
	specs.ResizeConv:    windowOf, // of the enlarged input
	specs.MaxPool:       windowOf,
}

func windowOf(e specs.Extent, i, k int) (int, bool) {
	at := i + e.PadBegin - e.Dilation*k
	return at / e.Stride, at >= 0 && at%e.Stride == 0
}

// problem is a layer whose sizes are all known. Axes are z, y, x; the ones that
// the layer lacks come first and have one element.
type problem struct {
	layer               specs.Layer
	batch               int
	axes                [specs.MaxRank]axis
	inPlane, outPlane   int
	sizeIn, sizeOut     place3
	scale               place3 // 1 on an axis without
	enlarged            int    // elements of a plane of a resize_conv's enlarged input; 0: none
	kernelPlane         int
	groupIn, groupOut   int // channels of a group
	srcLen, dstLen      int
	weightsLen, biasLen int
	residualLen         int // 0 for a layer that adds none
	slopesLen           int // 0 for a layer without prelu
}

func newProblem(l specs.Layer, shape runtime.Shape) (*problem, error) {
	if !l.Op.Known() {
		return nil, fmt.Errorf("kerneltest: op %q is not supported", l.Op)
	}
	if l.InChannels <= 0 || l.OutChannels <= 0 || shape.Batch <= 0 {
		return nil, fmt.Errorf("kerneltest: %d input channels, %d output channels, batch %d: all must be positive",
			l.InChannels, l.OutChannels, shape.Batch)
	}
	extents, err := l.Resolve(shape.Input[:l.Rank])
	if err != nil {
		return nil, fmt.Errorf("kerneltest: %w", err)
	}
	p := &problem{layer: l, batch: shape.Batch, inPlane: 1, outPlane: 1, kernelPlane: 1, groupIn: 1, groupOut: 1}
	p.setAxes(extents)
	p.srcLen = p.batch * l.InChannels * p.inPlane
	p.dstLen = p.batch * l.OutChannels * p.outPlane
	if l.Op.Weighted() {
		p.setWeights()
	}
	return p, nil
}

// setAxes sets what follows from the extents.
func (p *problem) setAxes(extents []specs.Extent) {
	if p.layer.Op == specs.ResizeConv {
		p.enlarged = 1
	}
	for i := range p.axes {
		e := specs.Extent{In: 1, Out: 1, Kernel: 1, Stride: 1, Scale: 1, Dilation: 1}
		if missing := specs.MaxRank - p.layer.Rank; i >= missing {
			e = extents[i-missing]
		}
		p.inPlane *= e.In
		p.outPlane *= e.Out
		p.sizeIn[i], p.sizeOut[i], p.scale[i] = e.In, e.Out, max(1, e.Scale)
		if p.enlarged > 0 {
			e = p.enlargedExtent(e)
			p.enlarged *= e.In
		}
		p.kernelPlane *= max(1, e.Kernel)
		if lands, ok := landings[p.layer.Op]; ok {
			p.axes[i] = newAxis(e, lands)
		}
	}
}

// setWeights sets the lengths of what a layer with weights takes.
func (p *problem) setWeights() {
	l := p.layer
	p.groupIn, p.groupOut = l.InChannels/l.GroupCount(), l.OutChannels/l.GroupCount()
	p.weightsLen = l.InChannels * p.groupOut * p.kernelPlane
	if l.Add {
		p.residualLen = p.dstLen
	}
	if l.Activation.Function == specs.PReLU {
		p.slopesLen = l.OutChannels
	}
	if l.Bias {
		p.biasLen = l.OutChannels
	}
}

// checkWeighted is check for what sums products.
func (p *problem) checkWeighted(d *Data) error {
	if !p.layer.Op.Weighted() {
		return fmt.Errorf("kerneltest: %s has no weights; Target.Check holds it to its definition", p.layer.Op)
	}
	return p.check(d)
}

// check reports the first slice of the wrong length.
func (p *problem) check(d *Data) error {
	for _, s := range []struct {
		name      string
		got, want int
	}{
		{"src", len(d.Src), p.srcLen},
		{"weights", len(d.Weights), p.weightsLen},
		{"bias", len(d.Bias), p.biasLen},
		{"residual", len(d.Residual), p.residualLen},
		{"slopes", len(d.Slopes), p.slopesLen},
	} {
		if s.got != s.want {
			return fmt.Errorf("kerneltest: %s has %d elements, want %d", s.name, s.got, s.want)
		}
	}
	return nil
}

// work is the number of multiply-adds of the whole layer, before cropping; what
// overflows is the largest int.
func (p *problem) work() int {
	plane := p.inPlane
	if p.layer.Op != specs.ConvTranspose {
		plane = p.outPlane
	}
	if !p.layer.Op.Weighted() {
		plane += p.inPlane
	}
	n, ok := specs.Product(p.batch, p.layer.InChannels, p.groupOut, plane, p.kernelPlane)
	if !ok {
		return math.MaxInt
	}
	return n
}

// kernelAt is where weights hold the kernel from input channel ic to output channel
// oc, which are of one group.
func (p *problem) kernelAt(ic, oc int) int {
	if p.layer.Op == specs.ConvTranspose { // [C_in, C_out/groups, k...]
		return (ic*p.groupOut + oc%p.groupOut) * p.kernelPlane
	}
	return (oc*p.groupIn + ic%p.groupIn) * p.kernelPlane // [C_out, C_in/groups, k...]
}

// mostTerms is the largest number of products that any output adds up; a residual
// counts as one.
func (p *problem) mostTerms() int {
	n := p.groupIn
	for _, a := range p.axes {
		most := 0
		for _, t := range a.terms {
			most = max(most, t)
		}
		n *= most
	}
	if p.layer.Add {
		n++
	}
	return n
}

// termsAt is the number of products of the output at place in its plane.
func (p *problem) termsAt(place int) int {
	z, y, x := p.axes[0], p.axes[1], p.axes[2]
	return p.groupIn * z.terms[place/(y.out*x.out)] * y.terms[place/x.out%y.out] * x.terms[place%x.out]
}

// view is one channel of an array: element i of the channel's plane is
// data[step*i].
type view struct {
	data []float32
	step int
}

// input is channel ic of image n. Of a resize_conv it is the enlarged input, which
// is planar.
func (p *problem) input(src []float32, n, ic int) view {
	if p.enlarged > 0 {
		return view{src[(n*p.layer.InChannels+ic)*p.enlarged:][:p.enlarged], 1}
	}
	if p.layer.Layout == specs.NHWC {
		return view{src[n*p.inPlane*p.layer.InChannels+ic:], p.layer.InChannels}
	}
	return view{src[(n*p.layer.InChannels+ic)*p.inPlane:][:p.inPlane], 1}
}

// at is the index in dst of the output at place in a plane (n*C_out + c).
func (p *problem) at(plane, place int) int {
	if c := p.layer.OutChannels; p.layer.Layout == specs.NHWC {
		return (plane/c*p.outPlane+place)*c + plane%c
	}
	return plane*p.outPlane + place
}

// locate undoes at.
func (p *problem) locate(i int) (plane, place int) {
	if c := p.layer.OutChannels; p.layer.Layout == specs.NHWC {
		return i/c/p.outPlane*c + i%c, i / c % p.outPlane
	}
	return i / p.outPlane, i % p.outPlane
}

// name writes the index of an output element as dst[n c ...], or with NHWC as
// dst[n ... c].
func (p *problem) name(plane, place int) string {
	c := p.layer.OutChannels
	at := unflat(place, p.sizeOut)
	index := p.layer.Layout.Shape(plane/c, plane%c, at[specs.MaxRank-p.layer.Rank:]...)
	return "dst" + fmt.Sprint(index)
}

// planes lists every output plane, n*C_out + c.
func (p *problem) planes() []int {
	all := make([]int, p.batch*p.layer.OutChannels)
	for i := range all {
		all[i] = i
	}
	return all
}
