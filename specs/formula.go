package specs

// Formula says how the output of an axis follows from a free input:
// (Times*in + Plus)/By, rounded down.
type Formula struct{ Times, Plus, By int }

// Formula is that of an axis. ok is false where the output is no such formula: it
// is given, or the layer counts in ceil mode.
func (l *Layer) Formula(axis int) (f Formula, ok bool) {
	a, same := l.Axes[axis], l.Padding.same()
	pads, span := a.PadBegin+a.PadEnd, a.Dilation*(a.Kernel-1)
	switch l.Op {
	case ConvTranspose:
		f = Formula{a.Stride, a.OutputPadding + span + 1 - a.Stride - pads, 1}
	case Conv, MaxPool:
		f = Formula{1, pads - span - 1 + a.Stride, a.Stride}
	case MaxUnpool:
		f = Formula{a.Stride, a.Kernel - a.Stride - pads, 1}
	case PixelUnshuffle:
		f = Formula{1, 0, a.Scale}
	case ResizeConv:
		f = Formula{a.Scale, pads - span, 1}
	default:
		f = Formula{a.Scale, 0, 1}
	}
	if same {
		f.Plus = f.By - 1
	}
	return f, a.OutputSize == 0 && !l.CeilMode
}
