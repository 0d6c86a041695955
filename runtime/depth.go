package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// Kernels know two axes. A layer of three is computed one plane of outputs at a time:
// every plane of a z phase is an image of two axes whose channels are the planes that
// the z taps read, tap by tap within each channel of the layer. So terms keep their
// order: channels, then ascending z, y and x. Planes beyond the input are zeros.

// depth is a z phase of a layer, which has at least one tap.
type depth struct {
	polyphase.Phase
	stride, inStride int
	rank             int
}

// filterDepth lists the z phases of a layer. A phase that no kernel element reaches
// gets a tap that is never inside.
func filterDepth(l *specs.Layer) (phases []depth) {
	z := seenAxes(l)[0]
	for _, p := range z.Phases {
		if len(p.Taps) == 0 {
			p.Taps = []polyphase.Tap{{Delta: never}}
		}
		phases = append(phases, depth{p, z.OutStride, z.InStride, l.Rank})
	}
	return phases
}

// never is a displacement that leaves any input.
const never = -1 << 31

// weights are those of the phase's taps: [C_in, taps, C_out/groups, y, x], or for a conv
// [C_out, C_in/groups, taps, y, x].
func (z depth) weights(l specs.Layer, all []float32) []float32 {
	if z.rank < specs.MaxRank {
		return all
	}
	kernel, inner := l.Axes[0].Kernel, 1
	size := l.Axes[1].Kernel * l.Axes[2].Kernel
	if l.Op == specs.ConvTranspose {
		inner = l.OutChannels / l.GroupCount()
	}
	taps := make([]float32, 0, len(all)/kernel*len(z.Taps))
	for ; len(all) > 0; all = all[inner*kernel*size:] {
		for _, t := range z.Taps {
			for i := range inner {
				taps = append(taps, planeOfKernel(all[i*kernel*size:], t, size)...)
			}
		}
	}
	return taps
}

// planeOfKernel are the elements of a kernel, size a plane, that a z tap takes: zeros
// for one that has none.
func planeOfKernel(kernel []float32, t polyphase.Tap, size int) []float32 {
	if len(t.Kernel) == 0 {
		return make([]float32, size)
	}
	return kernel[t.Kernel[0]*size:][:size]
}

// outputAt is where dst holds the first element of an image: of the layer's, or of
// one plane of it.
func (t *tiled) outputAt(c *call, image int) int {
	d, planes := c.split.dst, c.split.depth
	return image/planes*d.image + (image%planes*t.depth.stride+t.depth.Offset)*d.plane
}

// inputAt is where src holds channel i of the part, as the kernel sees channels; ok is
// false for a plane that lies outside the input.
func (t *tiled) inputAt(c *call, p *part, i int) (at int, ok bool) {
	s, planes, taps := c.split.src, c.split.depth, t.depth.Taps
	z := p.image%planes*t.depth.inStride + taps[i%len(taps)].Delta
	channel := p.group*(t.in/len(taps)) + i/len(taps)
	return p.image/planes*s.image + channel*s.channel + z*s.plane, z >= 0 && z < c.ext[0].In
}

// deep reports whether some of an image's planes lie outside the input.
func (t *tiled) deep(c *call, image int) bool {
	from, to := t.depth.Valid(image%c.split.depth, c.ext[0].In, t.depth.inStride)
	return to-from < len(t.depth.Taps)
}
