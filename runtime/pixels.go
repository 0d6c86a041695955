package runtime

// pixels is the generic path of a layer with weights for arrays
// [N, spatial..., C]: the channels of a position are neighbours.
type pixels struct{ filter }

// tasks makes one task of each row of outputs.
func (g *pixels) tasks(c *call) {
	c.count = c.batch * c.ext[0].Out * c.ext[1].Out
	c.halo, c.out = 0, 0
}

// run adds up the input rows that reach one output row.
func (g *pixels) run(c *call, _ *worker, task int) {
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	oy, oz, n := task%y.Out, task/y.Out%z.Out, task/y.Out/z.Out
	width := x.Out * g.spec.OutChannels
	row := c.dst[task*width:][:width]
	for i := 0; i < len(row); i += len(g.bias) {
		copy(row[i:], g.bias)
	}
	line := x.In * g.spec.InChannels
	src := c.src[n*z.In*y.In*line:]
	for i := range g.in {
		w := g.weights[i*g.kernel*g.spec.OutChannels:]
		g.lines(c, oz, oy, func(input, kernel int) {
			g.addRow(row, src[input*line:][:line], w[kernel*x.Kernel*g.spec.OutChannels:], i)
		})
	}
	g.finish(c, row, task*width, g.slopes)
}

// addRow adds channel i of each group of a row of inputs to a row of outputs; w
// holds [k, C_out].
func (g *pixels) addRow(row, src, w []float32, i int) {
	x, in, out := &g.axes[2], g.spec.InChannels, g.spec.OutChannels
	for _, p := range x.Phases {
		n := count(len(row)/out, p.Offset, x.OutStride)
		for _, t := range p.Taps {
			from, to := t.Range(n, len(src)/in, x.InStride)
			tap := w[t.Kernel[0]*out:][:out]
			for q := from; q < to; q++ {
				o := (x.OutStride*q + p.Offset) * out
				g.addPixel(row[o:o+out], src[(x.InStride*q+t.Delta)*in+i:], tap)
			}
		}
	}
}

// addPixel adds one input channel of each group to the outputs of its group.
func (g *pixels) addPixel(dst, src, w []float32) {
	if g.out == 1 {
		for c := range dst {
			dst[c] += float32(src[c*g.in] * w[c])
		}
		return
	}
	for c := 0; c < len(dst); c += g.out {
		v := src[c/g.out*g.in]
		to, by := dst[c:c+g.out], w[c:c+g.out]
		for i := range to {
			to[i] += float32(v * by[i])
		}
	}
}
