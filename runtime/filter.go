package runtime

import (
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// filter is what the generic path knows of a layer with weights. It gathers from
// the phases, on any processor, and rounds the product and the sum of each term,
// like the generated Go kernels and in the same order: by input channel, then by
// ascending z, y and x.
type filter struct {
	spec    specs.Layer
	in, out int                           // channels of a group
	axes    [specs.MaxRank]polyphase.Axis // z, y, x
	kernel  int                           // elements of a kernel
	weights []float32                     // [C_out, in, k...], with NHWC [in, k..., C_out]
	bias    []float32                     // one value for each output channel
}

// genericKernel names the generic path for a layer.
func genericKernel(l specs.Layer) Kernel {
	return Kernel{Name: l.Canonical() + "_generic", ISA: "generic", Layer: l}
}

// newGeneric returns the generic engine of a layer.
func newGeneric(l specs.Layer, weights, bias []float32) engine {
	f := newFilter(l, weights, bias)
	if l.Layout == specs.NHWC {
		return &pixels{f}
	}
	return &planes{f}
}

func newFilter(l specs.Layer, weights, bias []float32) filter {
	f := filter{spec: l, kernel: 1, bias: slices.Clone(bias)}
	f.in, f.out = l.InChannels/l.GroupCount(), l.OutChannels/l.GroupCount()
	for i, a := range geometries(&l) {
		f.axes[i] = polyphase.Transposed(a)
		f.kernel *= a.Kernel
	}
	if len(bias) == 0 {
		f.bias = make([]float32, l.OutChannels)
	}
	f.pack(weights)
	return f
}

// pack reorders the weights so that a row of outputs reads neighbours.
func (f *filter) pack(weights []float32) {
	f.weights = make([]float32, len(weights))
	for oc := range f.spec.OutChannels {
		for i := range f.in {
			ic := oc/f.out*f.in + i
			from := weights[(ic*f.out+oc%f.out)*f.kernel:][:f.kernel]
			for k, w := range from {
				f.weights[f.weightAt(oc, i, k)] = w
			}
		}
	}
}

func (f *filter) weightAt(oc, i, k int) int {
	if f.spec.Layout == specs.NHWC {
		return (i*f.kernel+k)*f.spec.OutChannels + oc
	}
	return (oc*f.in+i)*f.kernel + k
}

// work is the number of multiply-adds of a call.
func (f *filter) work(c *call) int {
	n := c.batch * f.spec.OutChannels * f.in
	for _, e := range c.ext {
		n *= e.In * e.Kernel
	}
	return n
}

// lines calls add for each row of inputs that reaches output row (oz, oy) and the
// row of the kernel that takes it there, by ascending z and y.
func (f *filter) lines(c *call, oz, oy int, add func(input, kernel int)) {
	z, y := &c.ext[0], &c.ext[1]
	bz, tz := f.axes[0].Inside(oz, z.In)
	by, ty := f.axes[1].Inside(oy, y.In)
	for _, a := range tz {
		for _, b := range ty {
			add((bz+a.Delta)*y.In+by+b.Delta, a.Kernel[0]*y.Kernel+b.Kernel[0])
		}
	}
}

func fill(row []float32, v float32) {
	for i := range row {
		row[i] = v
	}
}
