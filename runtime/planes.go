package runtime

import "github.com/upconv/upconv/internal/polyphase"

// planes is the generic path of a layer with weights for arrays [N, C, spatial...].
type planes struct{ filter }

// tasks makes one task of each image and output channel.
func (g *planes) tasks(c *call) {
	c.count = c.batch * g.spec.OutChannels
	c.halo, c.out = 0, 0
}

// run computes all rows of one output channel of one image.
func (g *planes) run(c *call, _ *worker, task int) {
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	n, oc := task/g.spec.OutChannels, task%g.spec.OutChannels
	at := task * z.Out * y.Out * x.Out
	for oz := range z.Out {
		for oy := range y.Out {
			row := c.dst[at:][:x.Out]
			g.row(c, row, n, oc, oz, oy)
			g.finish(c, row, at, g.slopes[oc:oc+1])
			at += x.Out
		}
	}
}

// row adds up the input rows that reach one output row.
func (g *planes) row(c *call, row []float32, n, oc, oz, oy int) {
	fill(row, g.bias[oc])
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	bz, tz := g.axes[0].Inside(oz, z.In)
	by, ty := g.axes[1].Inside(oy, y.In)
	for i := range g.in {
		w := g.weights[(oc*g.in+i)*g.kernel:]
		src := c.src[(n*g.spec.InChannels+oc/g.out*g.in+i)*z.In*y.In*x.In:]
		for _, a := range tz {
			for _, b := range ty {
				input, kernel := (bz+a.Delta)*y.In+by+b.Delta, a.Kernel[0]*y.Kernel+b.Kernel[0]
				addRow(row, src[input*x.In:][:x.In], w[kernel*x.Kernel:][:x.Kernel], &g.axes[2])
			}
		}
	}
}

// addRow adds one row of inputs to a row of outputs.
func addRow(row, src, w []float32, x *polyphase.Axis) {
	for r := range x.Phases {
		p := &x.Phases[r]
		n := count(len(row), p.Offset, x.OutStride)
		for i := range p.Taps {
			t := &p.Taps[i]
			from, to := t.Range(n, len(src), x.InStride)
			if from < to {
				addTap(row[x.OutStride*from+p.Offset:], src[x.InStride*from+t.Delta:], w[t.Kernel[0]], to-from, x.OutStride, x.InStride)
			}
		}
	}
}

// addTap adds n inputs, step apart, times w to outputs that are stride apart.
func addTap(row, src []float32, w float32, n, stride, step int) {
	if step == 1 {
		o := 0
		for _, v := range src[:n] {
			row[o] += float32(v * w)
			o += stride
		}
		return
	}
	i := 0
	for o := range row[:n] { // a stride of the input comes with none of the output
		row[o] += float32(src[i] * w)
		i += step
	}
}
