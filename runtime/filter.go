package runtime

import (
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/activate"
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
	slopes  []float32                     // of prelu, likewise
}

func newFilter(l specs.Layer, p parameters) engine {
	f := filter{spec: l, kernel: 1, bias: slices.Clone(p.bias), slopes: slices.Clone(p.slopes)}
	f.in, f.out = l.InChannels/l.GroupCount(), l.OutChannels/l.GroupCount()
	f.axes = filterAxes(&l)
	for _, a := range l.Spatial() {
		f.kernel *= a.Kernel
	}
	if len(f.bias) == 0 {
		f.bias = make([]float32, l.OutChannels)
	}
	if len(f.slopes) == 0 {
		f.slopes = make([]float32, l.OutChannels)
	}
	f.pack(p.weights)
	if l.Layout == specs.NHWC {
		return &pixels{f}
	}
	return &planes{f}
}

// pack reorders the weights so that a row of outputs reads neighbours.
func (f *filter) pack(weights []float32) {
	f.weights = make([]float32, len(weights))
	for oc := range f.spec.OutChannels {
		for i := range f.in {
			for k, w := range weights[f.kernelAt(oc, i):][:f.kernel] {
				f.weights[f.weightAt(oc, i, k)] = w
			}
		}
	}
}

// kernelAt is where the caller's weights hold the kernel from input channel i of
// the group to output channel oc.
func (f *filter) kernelAt(oc, i int) int {
	if f.spec.Op == specs.ConvTranspose {
		return ((oc/f.out*f.in+i)*f.out + oc%f.out) * f.kernel
	}
	return (oc*f.in + i) * f.kernel
}

func (f *filter) weightAt(oc, i, k int) int {
	if f.spec.Layout == specs.NHWC {
		return (i*f.kernel+k)*f.spec.OutChannels + oc
	}
	return (oc*f.in+i)*f.kernel + k
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

// finish adds the residual to a row of sums, which is that of dst from element at
// on, and applies the activation.
func (f *filter) finish(c *call, row []float32, at int, slopes []float32) {
	if f.spec.Add {
		for i, r := range c.residual[at:][:len(row)] {
			row[i] += r
		}
	}
	activate.Apply(f.spec.Activation, row, slopes)
}

func fill(row []float32, v float32) {
	for i := range row {
		row[i] = v
	}
}
