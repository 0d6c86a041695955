package runtime

import (
	"github.com/upconv/upconv/internal/fma"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
)

// border recomputes outputs near the ends of rows for layers with weights that
// are not finite: kernels multiply the zero columns around a row with weights,
// which adds nothing, unless the weight is an infinity or a NaN. Padding must
// contribute no term, so those outputs are computed again from the terms alone.
type border struct {
	x       polyphase.Axis // not in the kernel's frame
	weights pack.Weights
}

// mendBorder recomputes the border columns of the part's rows of one y phase and
// block.
func (t *tiled) mendBorder(c *call, p *part, block int, phase polyphase.Phase) {
	m := t.kernel.Pack.Channels
	y, x := &c.ext[1], &c.ext[2]
	from, to := t.outputs(c, p)
	yPadded := t.zeroRows()
	d, deep := c.split.dst, t.deep(c, p.image)
	for oc := block * m; oc < min((block+1)*m, t.out); oc++ {
		plane := c.dst[t.outputAt(c, p.image)+(p.group*t.out+oc)*d.channel:]
		for q := p.row; q < min(p.rowEnd, count(y.Out, phase.Offset, t.y.OutStride)); q++ {
			oy := q*t.y.OutStride + phase.Offset
			edge := deep || yPadded && len(phase.Inside(q, y.In, t.y.InStride)) < t.y.MaxTaps()
			for ox := from; ox < to; ox++ {
				r, qx := t.border.x.Position(ox)
				ph := t.border.x.Phases[r]
				if taps := ph.Inside(qx, x.In, t.border.x.InStride); edge || len(taps) < t.border.x.MaxTaps() {
					plane[oy*d.row+ox*d.col] = t.exact(c, p, oc, oy, qx, taps)
				}
			}
		}
	}
}

// exact adds up the terms of one output as the kernel does.
func (t *tiled) exact(c *call, p *part, oc, oy, qx int, taps []polyphase.Tap) float32 {
	y := &c.ext[1]
	m := t.kernel.Pack.Channels
	acc := t.biasOf(p.group, oc/m)[oc%m*t.kernel.Pack.BiasRepeat()]
	all := &t.border.weights
	ry, qy := t.y.Position(oy)
	stepY, stepX := t.y.InStride, t.border.x.InStride
	for i := range t.in {
		src, ok := t.inputAt(c, p, i)
		if !ok {
			continue
		}
		w := all.Data[all.At(p.group, i, oc):]
		for _, ty := range t.y.Phases[ry].Inside(qy, y.In, stepY) {
			for _, tx := range taps {
				a, b := t.input(c, src, stepY*qy+ty.Delta, stepX*qx+tx.Delta), w[ty.Kernel[0]*all.KernelX+tx.Kernel[0]]
				if t.kernel.Tile.Fused {
					acc = fma.Float32(a, b, acc)
				} else {
					acc += float32(a * b)
				}
			}
		}
	}
	return acc
}
