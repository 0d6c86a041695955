package runtime

import "github.com/upconv/upconv/specs"

// sums is where a kernel with vectors along output channels leaves the outputs of
// a block: the channels of a position lie together. They are dst itself, where it
// has room for whole blocks and columns, or scratch memory.
type sums struct {
	data       []float32 // from the part's first row and column on
	col        int       // elements from one column of outputs to the next
	row, phase int       // elements from one row q to the next, and from one y phase of a row q to the next
	scratch    bool
}

// sumsOf chooses the place for a block of the part.
func (t *tiled) sumsOf(c *call, w *worker, p *part, block int) sums {
	m, stride := t.kernel.Pack.Channels, t.x.OutStride
	if t.spec.Layout == specs.NHWC && (block+1)*m <= t.out && stride*c.split.cols == c.ext[2].Out {
		d := c.split.dst
		at := t.outputAt(c, p.image) + (p.group*t.out+block*m)*d.channel + p.row*t.y.OutStride*d.row + p.col*stride*d.col
		return sums{data: c.dst[at:], col: d.col, row: t.y.OutStride * d.row, phase: d.row}
	}
	s := sums{data: w.out, col: m, scratch: true}
	if c.split.flat { // each y phase is one run of rows with the columns between them
		s.row = m * stride * c.split.pitch
		s.phase = (p.rowEnd - p.row) * s.row
		return s
	}
	s.phase = m * stride * p.cols
	s.row = t.y.OutStride * s.phase
	return s
}

// target is where the rows of a segment go.
func (s sums) target(t *tiled, c *call, p *part, g *segment) target {
	to := target{
		dst: s.data[(g.row-p.row)*s.row+g.phase.Offset*s.phase:], plane: s.col, row: s.row, col: t.x.OutStride * s.col,
		rows: g.rows, cols: p.cols,
	}
	if s.scratch && c.split.flat {
		to.rows, to.cols = 1, (g.rows-1)*c.split.pitch+p.cols
	}
	to.whole, to.width = to.cols, to.cols*t.x.OutStride
	return to
}

// deliver brings a block from scratch memory to dst.
func (t *tiled) deliver(c *call, p *part, block int, s sums) {
	if !s.scratch {
		return
	}
	m, d := t.kernel.Pack.Channels, c.split.dst
	first := block * m
	channels := min(m, t.out-first)
	row, end := p.row*t.y.OutStride, min(p.rowEnd*t.y.OutStride, c.ext[1].Out)
	from, to := t.outputs(c, p)
	at := t.outputAt(c, p.image) + (p.group*t.out+first)*d.channel + row*d.row + from*d.col
	rows, cols := end-row, to-from
	if cols == c.ext[2].Out && s.row == t.y.OutStride*m*cols && !c.split.flat { // whole rows without gaps are one
		rows, cols = 1, rows*cols
	}
	for r := range rows {
		q, phase := r/t.y.OutStride, r%t.y.OutStride
		t.place(c.dst[at+r*d.row:], s.data[q*s.row+phase*s.phase:], cols, channels, d, m)
	}
}

// place writes columns of channels, m apart in src, to the layout of dst.
func (t *tiled) place(dst, src []float32, cols, channels int, d strides, m int) {
	if t.spec.Layout == specs.NHWC {
		t.move.Rows(dst, src, cols, channels, 0, d.col, m)
		return
	}
	t.move.Transpose(dst, src, cols, channels, d.channel, m)
}

// strides are the distances between neighbours of an array, in elements.
type strides struct{ image, channel, plane, row, col int }

// stridesOf an array of channels, each of depth planes of height rows and width
// columns.
func stridesOf(l specs.Layout, channels, depth, height, width int) strides {
	n := channels * depth * height * width
	if l == specs.NHWC {
		return strides{image: n, channel: 1, plane: height * width * channels, row: width * channels, col: channels}
	}
	return strides{image: n, channel: depth * height * width, plane: height * width, row: width, col: 1}
}
