package specs

import "fmt"

// sizeWindows: conv and max_pool have one output for each window that fits the
// padded input; the last window of a max_pool in ceil mode need only start in it.
func (l *Layer) sizeWindows(a Axis, e Extent) (Extent, error) {
	window, ok := e.window()
	if !ok {
		return e, fmt.Errorf("kernel overflows: %d*(%d-1) + 1", a.Dilation, a.Kernel)
	}
	if l.Padding.same() {
		e.Out = (e.In-1)/a.Stride + 1
		e.PadBegin, e.PadEnd = split(l.Padding, max(0, (e.Out-1)*a.Stride+window-e.In))
	} else if err := l.countWindows(a, window, &e); err != nil {
		return e, err
	}
	if l.Op == MaxPool {
		err := e.everyWindowHoldsInputs()
		return e, err
	}
	return e, nil
}

// countWindows finds how many windows fit an input with explicit padding.
func (l *Layer) countWindows(a Axis, window int, e *Extent) error {
	rest := e.In + a.PadBegin + a.PadEnd - window
	if rest < 0 && !(l.CeilMode && rest > -a.Stride) {
		return fmt.Errorf("output size is not positive: the kernel spans %d*(%d-1) + 1 = %d, the input is %d + %d + %d = %d",
			a.Dilation, a.Kernel, window, a.PadBegin, e.In, a.PadEnd, rest+window)
	}
	e.Out = 1
	if rest > 0 {
		e.Out += rest / a.Stride
	}
	if starts := e.Out * a.Stride; l.CeilMode && rest > 0 && rest%a.Stride != 0 && starts < e.In+a.PadBegin {
		e.Out++
	}
	return nil
}

// window is the number of elements that the kernel spans.
func (e *Extent) window() (n int, ok bool) {
	n, ok = mul(e.Dilation, e.Kernel-1)
	return n + 1, ok && int64(n) < 1<<48
}

// split halves padding; the odd element goes where the mode says.
func split(p Padding, total int) (begin, end int) {
	if p == SameLower {
		return total - total/2, total / 2
	}
	return total / 2, total - total/2
}

// everyWindowHoldsInputs: the maximum of nothing is no number. Only windows that
// start before the input, or behind it, can be empty.
func (e *Extent) everyWindowHoldsInputs() error {
	for o := 0; o < e.Out && o*e.Stride < e.PadBegin; o++ {
		if e.empty(o*e.Stride - e.PadBegin) {
			return fmt.Errorf("window %d holds no input: kernel %d, dilation %d, padding %d, input %d", o, e.Kernel, e.Dilation, e.PadBegin, e.In)
		}
	}
	if start := (e.Out-1)*e.Stride - e.PadBegin; e.empty(start) {
		return fmt.Errorf("window %d holds no input: it starts at %d, the input has %d", e.Out-1, start, e.In)
	}
	return nil
}

// empty reports whether no element of the window from start on is an input.
func (e *Extent) empty(start int) bool {
	skip := 0
	if start < 0 {
		skip = (-start + e.Dilation - 1) / e.Dilation
	}
	return skip >= e.Kernel || start+skip*e.Dilation >= e.In
}

// sizeUnpooled: max_unpool undoes the sizes of max_pool, unless it is told more.
func (l *Layer) sizeUnpooled(a Axis, e Extent) (Extent, error) {
	full, ok := mul(a.Stride, e.In-1)
	if !ok || int64(full) >= 1<<48 {
		return e, fmt.Errorf("output size overflows: %d*(%d-1) + %d", a.Stride, e.In, a.Kernel)
	}
	e.Out = full + a.Kernel - a.PadBegin - a.PadEnd
	if a.OutputSize != 0 {
		e.Out = a.OutputSize
	}
	if e.Out <= 0 {
		return e, fmt.Errorf("output size is %d = %d*(%d-1) + %d - %d - %d; it must be positive", e.Out, a.Stride, e.In, a.Kernel, a.PadBegin, a.PadEnd)
	}
	return e, nil
}

// sizeScaled: scale outputs for each input, or the wanted size.
func (l *Layer) sizeScaled(a Axis, e Extent) (Extent, error) {
	if a.OutputSize != 0 {
		e.Out = a.OutputSize
		return e, nil
	}
	out, ok := mul(a.Scale, e.In)
	if !ok || int64(out) >= 1<<48 {
		return e, fmt.Errorf("output size overflows: %d*%d", a.Scale, e.In)
	}
	e.Out = out
	return e, nil
}

// sizeBlocks: pixel_unshuffle takes whole blocks.
func (l *Layer) sizeBlocks(a Axis, e Extent) (Extent, error) {
	if e.In%a.Scale != 0 {
		return e, fmt.Errorf("input size %d is not a multiple of the scale %d", e.In, a.Scale)
	}
	e.Out = e.In / a.Scale
	return e, nil
}

// sizeResized: a convolution of stride 1 over the enlarged and padded input.
func (l *Layer) sizeResized(a Axis, e Extent) (Extent, error) {
	window, ok := e.window()
	wide, fits := mul(a.Scale, e.In)
	if !ok || !fits || int64(wide) >= 1<<48 {
		return e, fmt.Errorf("output size overflows: %d*%d + %d + %d - %d*(%d-1)", a.Scale, e.In, a.PadBegin, a.PadEnd, a.Dilation, a.Kernel)
	}
	if l.Padding.same() {
		e.PadBegin, e.PadEnd = split(l.Padding, window-1)
	}
	if l.Border == Reflect && max(e.PadBegin, e.PadEnd) >= wide {
		return e, fmt.Errorf("padding %d is too much to reflect: the enlarged input has %d*%d = %d elements", max(e.PadBegin, e.PadEnd), a.Scale, e.In, wide)
	}
	e.Out = wide + e.PadBegin + e.PadEnd - window + 1
	if e.Out <= 0 {
		return e, fmt.Errorf("output size is %d = %d*%d + %d + %d - %d*(%d-1); it must be positive",
			e.Out, a.Scale, e.In, e.PadBegin, e.PadEnd, a.Dilation, a.Kernel)
	}
	return e, nil
}
