package runtime

import (
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// generic computes any layer from its phases, one row of outputs at a time, on
// any processor. It rounds the product and the sum of each term, like the
// generated Go kernels, and in the same order.
type generic struct {
	spec    specs.Layer
	axes    [specs.MaxRank]polyphase.Axis // z, y, x
	weights []float32
	bias    []float32
}

func newGeneric(l specs.Layer, weights, bias []float32) *generic {
	g := &generic{spec: l, weights: slices.Clone(weights), bias: slices.Clone(bias)}
	for i, a := range geometries(&l) {
		g.axes[i] = polyphase.Transposed(a)
	}
	return g
}

// genericKernel names the generic path for a layer.
func genericKernel(l specs.Layer) Kernel {
	return Kernel{Name: l.Canonical() + "_generic", ISA: "generic", Layer: l}
}

// tasks makes one task of each image and output channel.
func (g *generic) tasks(c *call) {
	c.count = c.batch * g.spec.OutChannels
	c.halo, c.out = 0, 0
}

// run computes all rows of one output channel of one image.
func (g *generic) run(c *call, _ *worker, task int) {
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	plane := c.dst[task*z.Out*y.Out*x.Out:]
	for oz := range z.Out {
		for oy := range y.Out {
			row := plane[(oz*y.Out+oy)*x.Out:][:x.Out]
			g.row(c, row, task/g.spec.OutChannels, task%g.spec.OutChannels, oz, oy)
		}
	}
}

// row adds up the input rows that reach one output row: by input channel, then
// by ascending z, y and x, as every path does.
func (g *generic) row(c *call, row []float32, n, oc, oz, oy int) {
	fill(row, g.biasOf(oc))
	groups := g.spec.GroupCount()
	in, out := g.spec.InChannels/groups, g.spec.OutChannels/groups
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	for i := range in {
		ic := oc/out*in + i
		w := g.weights[(ic*out+oc%out)*z.Kernel*y.Kernel*x.Kernel:]
		src := c.src[(n*g.spec.InChannels+ic)*z.In*y.In*x.In:]
		zPhase, qz := g.axes[0].Position(oz)
		for _, tz := range g.axes[0].Phases[zPhase].Inside(qz, z.In) {
			yPhase, qy := g.axes[1].Position(oy)
			for _, ty := range g.axes[1].Phases[yPhase].Inside(qy, y.In) {
				at := (qz+tz.Delta)*y.In + qy + ty.Delta
				k := tz.Kernel[0]*y.Kernel + ty.Kernel[0]
				addRow(row, src[at*x.In:][:x.In], w[k*x.Kernel:][:x.Kernel], g.axes[2])
			}
		}
	}
}

func (g *generic) biasOf(oc int) float32 {
	if len(g.bias) == 0 {
		return 0
	}
	return g.bias[oc]
}

func fill(row []float32, v float32) {
	for i := range row {
		row[i] = v
	}
}

// addRow adds one row of inputs to a row of outputs.
func addRow(row, src, w []float32, x polyphase.Axis) {
	for _, p := range x.Phases {
		n := count(len(row), p.Offset, x.OutStride)
		for _, t := range p.Taps {
			from, to := max(0, -t.Delta), min(n, len(src)-t.Delta)
			addTap(row, src, w[t.Kernel[0]], from, to, p.Offset, x.OutStride, t.Delta)
		}
	}
}

// addTap adds src[q+delta]*w to row[stride*q+phase] for q in [from, to).
func addTap(row, src []float32, w float32, from, to, phase, stride, delta int) {
	if from >= to {
		return
	}
	in := src[from+delta : to+delta]
	o := stride*from + phase
	for _, v := range in {
		row[o] += float32(v * w)
		o += stride
	}
}
