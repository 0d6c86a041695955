package overlap

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Kernels are the layers that differ from a conv_transpose in the kernel sizes and
// paddings of its uneven axes alone, overlap evenly and have outputs of the same size:
// that of the next smaller sizes first, then that of the next larger. Dilations that
// share a divisor with the stride have none.
func Kernels(l specs.Layer) (list []specs.Layer) {
	for _, up := range []bool{false, true} {
		if c, ok := withKernels(l, up); ok {
			list = append(list, c)
		}
	}
	return list
}

func withKernels(l specs.Layer, up bool) (specs.Layer, bool) {
	if l.Padding == specs.Valid {
		l.Padding = specs.Explicit
	}
	for i := range l.Spatial() {
		a := &l.Axes[i]
		if EvenAxis(*a) {
			continue
		}
		kernel := a.Kernel - a.Kernel%a.Stride
		if up {
			kernel += a.Stride
		}
		longer := a.Dilation * (kernel - a.Kernel)
		a.Kernel = kernel
		if kernel == 0 || !EvenAxis(*a) || l.Padding == specs.Explicit && !crop(a, longer) {
			return l, false
		}
	}
	return l, len(l.Validate()) == 0
}

// crop changes the paddings of an axis whose kernel reaches over more elements than
// before. What the beginning leaves whole stays so: no output waits for later inputs.
func crop(a *specs.Axis, more int) bool {
	causal := a.PadBegin == 0 && a.PadEnd > 0
	total := a.PadBegin + a.PadEnd + more
	if a.OutputSize == 0 {
		total -= a.OutputPadding
		a.OutputPadding = max(0, -total)
		total = max(0, total)
	}
	a.PadBegin = total / 2
	if causal {
		a.PadBegin = 0
	}
	a.PadEnd = total - a.PadBegin
	return total >= 0 && a.OutputPadding < max(a.Stride, a.Dilation)
}

// ResizeConv is the resize_conv that takes the place of a conv_transpose: the same
// name, channels and sizes, and a kernel of the same size where its padding allows that.
// Its padding puts every input where the layer's stamps have their middle. The error
// says what of the layer has no counterpart.
func ResizeConv(l specs.Layer) (specs.Layer, error) {
	r := specs.NewLayer(specs.ResizeConv, l.Rank)
	r.Name, r.Groups, r.Depthwise = l.Name, l.Groups, l.Depthwise
	r.InChannels, r.OutChannels = l.InChannels, l.OutChannels
	r.Layout, r.Bias, r.Add, r.Activation = l.Layout, l.Bias, l.Add, l.Activation
	for i, a := range l.Spatial() {
		extra, begin, err := beyond(l, i)
		if err != nil {
			return r, err
		}
		r.Axes[i] = resized(a, extra, begin)
	}
	if problems := r.Validate(); len(problems) > 0 {
		return r, fmt.Errorf("%s", problems[0].Message)
	}
	return r, nil
}

// anyInput is an input size for layers whose output is a formula of it.
const anyInput = 1 << 12

// beyond is how much longer than the stride times the input the output of an axis is,
// and what is cropped at its beginning.
func beyond(l specs.Layer, axis int) (extra, begin int, err error) {
	in := l.Axes[axis].Input
	if _, ok := l.Formula(axis); ok && in == 0 {
		in = anyInput
	}
	if in == 0 {
		return 0, 0, fmt.Errorf("output_size needs input beside it to tell how a resize_conv reaches that size")
	}
	e, err := l.Extent(axis, in)
	return e.Out - e.Stride*e.In, e.PadBegin, err
}

// resized is an axis of the resize_conv. An input is stride elements of the enlarged
// one, whose middle is (stride-1)/2 behind the first; the convolution moves that by
// PadBegin - (Kernel-1)/2. The stamp's middle is Dilation*(Kernel-1)/2 behind its first
// element, of which begin are cropped.
func resized(a specs.Axis, extra, begin int) specs.Axis {
	kernel := max(a.Kernel, 1-extra)
	total := extra + kernel - 1
	twice := a.Dilation*(a.Kernel-1) - 2*begin - (a.Stride - 1) + (kernel - 1)
	first := min(max(0, (twice+1)/2), total)
	if begin == 0 && a.PadEnd > 0 {
		first = total // no output waits for later inputs
	}
	return specs.Axis{Kernel: kernel, Scale: a.Stride, Dilation: 1, PadBegin: first, PadEnd: total - first, Input: a.Input}
}
