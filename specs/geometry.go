package specs

import (
	"fmt"
	"math/bits"
)

// Extent is one axis of a layer whose input size is known: every field holds
// its final value. Where both are sizes of a conv_transpose,
//
//	Out = Stride*(In-1) + OutputPadding + Dilation*(Kernel-1) + 1 - PadBegin - PadEnd
type Extent struct {
	In, Out                         int
	Kernel, Stride, Scale, Dilation int
	PadBegin, PadEnd, OutputPadding int
}

// sizings say how each op gets its output from its input; those of rigid ops are
// 0 wherever a field is none of theirs.
var sizings = map[Op]func(*Layer, Axis, Extent) (Extent, error){
	ConvTranspose:  (*Layer).sizeTransposed,
	Conv:           (*Layer).sizeWindows,
	MaxPool:        (*Layer).sizeWindows,
	MaxUnpool:      (*Layer).sizeUnpooled,
	Nearest:        (*Layer).sizeScaled,
	Bilinear:       (*Layer).sizeScaled,
	BedOfNails:     (*Layer).sizeScaled,
	PixelShuffle:   (*Layer).sizeScaled,
	PixelUnshuffle: (*Layer).sizeBlocks,
	ResizeConv:     (*Layer).sizeResized,
}

// Extent returns the extent of an axis for an input of in elements (in is ignored
// when the axis fixes its input). It applies the padding mode and solves for the
// output padding or the padding that gives OutputSize. Errors name the axis's
// numbers and the formula.
func (l *Layer) Extent(axis, in int) (Extent, error) {
	a := l.Axes[axis]
	if a.Input != 0 {
		if in != 0 && in != a.Input {
			return Extent{}, fmt.Errorf("input size is %d, the layer fixes %d", in, a.Input)
		}
		in = a.Input
	}
	if in <= 0 {
		return Extent{}, fmt.Errorf("input size %d is not positive", in)
	}
	e := Extent{
		In: in, Kernel: a.Kernel, Stride: a.Stride, Scale: a.Scale, Dilation: a.Dilation,
		PadBegin: a.PadBegin, PadEnd: a.PadEnd, OutputPadding: a.OutputPadding,
	}
	size, ok := sizings[l.Op]
	if !ok {
		return Extent{}, fmt.Errorf("op %s is not supported; supported: %s", Quote(string(l.Op)), opNames())
	}
	e, err := size(l, a, e)
	if err != nil {
		return Extent{}, err
	}
	return e, nil
}

// same reports whether the padding follows from the sizes.
func (p Padding) same() bool { return p == SameUpper || p == SameLower }

// sizeTransposed: conv_transpose crops from the full output.
func (l *Layer) sizeTransposed(a Axis, e Extent) (Extent, error) {
	full, ok := e.full()
	if !ok {
		return e, fmt.Errorf("output size overflows: %d*(%d-1) + %d + %d*(%d-1) + 1", a.Stride, e.In, a.OutputPadding, a.Dilation, a.Kernel)
	}
	switch {
	case l.Padding.same():
		e.padSame(l.Padding, full, a.sameSize(e.In))
	case a.OutputSize != 0:
		e.OutputPadding = a.OutputSize - (full - a.PadBegin - a.PadEnd)
	}
	err := e.check(a)
	return e, err
}

// sameSize is the output size that a same_* padding mode aims at.
func (a Axis) sameSize(in int) int {
	if a.OutputSize != 0 {
		return a.OutputSize
	}
	return a.Stride * in
}

// full is the output size before cropping; ok is false when it overflows.
func (e Extent) full() (n int, ok bool) {
	a, okA := mul(e.Stride, e.In-1)
	b, okB := mul(e.Dilation, e.Kernel-1)
	n = a + b
	if !okA || !okB || n < 0 {
		return 0, false
	}
	n += e.OutputPadding + 1
	return n, n > 0 && int64(n) < 1<<48
}

// padSame splits what exceeds want between both ends; where the kernel is too
// short to reach want, the missing elements become output padding.
func (e *Extent) padSame(p Padding, full, want int) {
	total := full - want
	if total < 0 {
		e.PadBegin, e.PadEnd = 0, 0
		e.OutputPadding -= total
		return
	}
	e.PadBegin, e.PadEnd = total/2, total-total/2
	if p == SameLower {
		e.PadBegin, e.PadEnd = e.PadEnd, e.PadBegin
	}
}

// check fills Out and reports an output that cannot be.
func (e *Extent) check(a Axis) error {
	full, _ := e.full()
	e.Out = full - e.PadBegin - e.PadEnd
	if limit := max(e.Stride, e.Dilation); a.OutputSize != 0 && (e.OutputPadding < 0 || e.OutputPadding >= limit) {
		least := a.OutputSize - e.OutputPadding
		return fmt.Errorf("output size %d is out of reach: an input of %d gives %d to %d", a.OutputSize, e.In, least, least+limit-1)
	}
	if e.Out <= 0 {
		return fmt.Errorf("output size is %d = %d*(%d-1) + %d + %d*(%d-1) + 1 - %d - %d; it must be positive",
			e.Out, e.Stride, e.In, e.OutputPadding, e.Dilation, e.Kernel, e.PadBegin, e.PadEnd)
	}
	return nil
}

// Resolve returns the extents of all axes for the given input sizes (entries
// for axes with a fixed input may be 0). The error names the axis.
func (l *Layer) Resolve(input []int) ([]Extent, error) {
	if len(input) != l.Rank {
		return nil, fmt.Errorf("got %d input sizes, the layer has %d spatial axes", len(input), l.Rank)
	}
	out := make([]Extent, l.Rank)
	for i := range l.Spatial() {
		e, err := l.Extent(i, input[i])
		if err != nil {
			return nil, fmt.Errorf("axis %d: %w", i, err)
		}
		out[i] = e
	}
	return out, nil
}

// mul multiplies two non-negative ints; ok is false when the product overflows.
func mul(a, b int) (product int, ok bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	const maxInt = int(^uint(0) >> 1)
	return int(lo), a >= 0 && b >= 0 && hi == 0 && lo <= uint64(maxInt)
}

// Product multiplies sizes; ok is false when the product overflows an int or a
// factor is negative.
func Product(sizes ...int) (n int, ok bool) {
	n = 1
	for _, s := range sizes {
		if n, ok = mul(n, s); !ok {
			return 0, false
		}
	}
	return n, true
}

// GroupCount is the number of groups once the channels are known.
func (l *Layer) GroupCount() int {
	if l.Depthwise {
		return l.InChannels
	}
	return l.Groups
}

// WeightsShape is [C_in, C_out/groups, k...] for conv_transpose and
// [C_out, C_in/groups, k...] for conv and resize_conv; the layer's channels must be
// set. It is nil for ops without weights.
func (l *Layer) WeightsShape() []int {
	if !l.Op.Weighted() {
		return nil
	}
	shape := []int{l.InChannels, l.OutChannels / l.GroupCount()}
	if l.Op != ConvTranspose {
		shape = []int{l.OutChannels, l.InChannels / l.GroupCount()}
	}
	for _, a := range l.Spatial() {
		shape = append(shape, a.Kernel)
	}
	return shape
}
