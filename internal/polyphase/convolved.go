package polyphase

// Convolved returns the axis of a convolution, which has one phase: output o reads
// in[Stride*o + Dilation*k - PadBegin] through kernel element k.
func Convolved(g Geometry) Axis {
	a := Axis{OutStride: 1, InStride: g.Stride, OutExtra: g.PadBegin + g.PadEnd - g.Dilation*(g.Kernel-1) - 1 + g.Stride}
	p := Phase{Extra: a.OutExtra}
	for k := range g.Kernel {
		p.Taps = append(p.Taps, Tap{Delta: g.Dilation*k - g.PadBegin, Kernel: []int{k}})
	}
	a.Phases = []Phase{p.inside(g.Stride)}
	return a
}

// Resized returns the axis of a convolution of stride 1 over an input that is
// first repeated scale times, with zeros around it. Kernel elements that read the
// same input are one tap.
func Resized(g Geometry, scale int) Axis {
	a := Axis{OutStride: scale, InStride: 1, OutExtra: g.PadBegin + g.PadEnd - g.Dilation*(g.Kernel-1)}
	for r := range scale {
		p := Phase{Offset: r, Extra: ceilDiv(a.OutExtra-r, scale)}
		for k := range g.Kernel {
			delta := floorDiv(r+g.Dilation*k-g.PadBegin, scale)
			if n := len(p.Taps); n > 0 && p.Taps[n-1].Delta == delta {
				p.Taps[n-1].Kernel = append(p.Taps[n-1].Kernel, k)
				continue
			}
			p.Taps = append(p.Taps, Tap{Delta: delta, Kernel: []int{k}})
		}
		a.Phases = append(a.Phases, p.inside(1))
	}
	return a
}

// inside returns the phase with its interior.
func (p Phase) inside(inStride int) Phase {
	p.Lo, p.Hi = 0, p.Extra
	if n := len(p.Taps); n > 0 {
		p.Lo = max(0, ceilDiv(-p.Taps[0].Delta, inStride))
		p.Hi = min(p.Extra, inStride-1-p.Taps[n-1].Delta)
	}
	return p
}

// Shuffled returns the axis of a pixel_shuffle: phase r is the one tap in[q], taken
// from part r of the channels.
func Shuffled(scale int) Axis {
	a := Axis{OutStride: scale, InStride: 1}
	for r := range scale {
		a.Phases = append(a.Phases, Phase{Offset: r, Taps: []Tap{{Kernel: []int{r}}}}.inside(1))
	}
	return a
}

// Nails returns the axis of a bed of nails: phase 0 is in[q], the others nothing.
func Nails(scale int) Axis {
	a := Axis{OutStride: scale, InStride: 1}
	for r := range scale {
		p := Phase{Offset: r}
		if r == 0 {
			p.Taps = []Tap{{Weight: Ratio{1, 1}}}
		}
		a.Phases = append(a.Phases, p.inside(1))
	}
	return a
}
