package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
)

// run computes one task: some units of a part, for all rows of the part.
func (t *tiled) run(c *call, w *worker, task int) {
	s := &c.split
	number, chunk := task/s.chunks, task%s.chunks
	if number != w.number {
		w.part, w.number = t.part(c, number), number
		t.load(c, w, &w.part)
	}
	for unit := chunk * s.units; unit < min((chunk+1)*s.units, t.unitCount()); unit++ {
		phase := t.y.Phases[unit%len(t.y.Phases)]
		t.unit(c, w, &w.part, unit/len(t.y.Phases), phase)
	}
}

// unit computes the rows of one y phase of one block.
func (t *tiled) unit(c *call, w *worker, p *part, block int, phase polyphase.Phase) {
	end := min(p.rowEnd, count(c.ext[1].Out, phase.Offset, t.y.OutStride))
	for row := p.row; row < end; {
		row = t.segment(c, w, p, phase, block, row, end)
	}
	if t.border != nil {
		t.mendBorder(c, p, block, phase)
	}
}

// segment is a run of rows q with the same valid y taps.
type segment struct {
	block, row, rows int
	phase            polyphase.Phase
	from, taps       int // valid taps of the phase
	channels         int // 0 if no tap is valid
}

// segment computes the rows from row on that have the same valid taps and
// returns the row after them.
func (t *tiled) segment(c *call, w *worker, p *part, phase polyphase.Phase, block, row, end int) int {
	if t.kernel.Tile.Shifted > 0 { // rows of zeros stand for those outside
		g := segment{block: block, row: row, rows: end - row, phase: phase, taps: len(phase.Taps)}
		if g.taps > 0 {
			g.channels = t.in
		}
		t.compute(c, w, p, &g)
		return end
	}
	in := c.ext[1].In
	from, to := phase.Valid(row, in, 1)
	g := segment{block: block, row: row, rows: 1, phase: phase, from: from, taps: to - from}
	for row+g.rows < end {
		if f, l := phase.Valid(row+g.rows, in, 1); f != from || l != to {
			break
		}
		g.rows++
	}
	if g.taps > 0 {
		g.channels = t.in
	}
	t.compute(c, w, p, &g)
	return row + g.rows
}

// compute chooses between rows straight into dst and a run over the flattened
// strip, whose rows are then copied out of scratch memory.
func (t *tiled) compute(c *call, w *worker, p *part, g *segment) {
	m := t.kernel.Pack.Channels
	wholeBlock := (g.block+1)*m <= t.out
	if wholeBlock && t.fitsDst(c) && !t.flatPays(c, g) {
		t.direct(c, p, g)
		return
	}
	per := t.flatRows(&c.split)
	for r := 0; r < g.rows; r += per {
		part := *g
		part.row, part.rows = g.row+r, min(per, g.rows-r)
		t.flat(c, w, p, &part)
	}
}

// scratchElements bounds the outputs of a flattened run, to stay in the second
// level cache.
const scratchElements = 64 << 10

// fitsDst reports whether the kernel's rows are the layer's rows.
func (t *tiled) fitsDst(c *call) bool {
	return t.kernel.Pack.Order == pack.Planar || (t.crop == 0 && t.x.OutStride*c.split.cols == c.ext[2].Out)
}

// flatPays estimates the time of the segment as rows and as one run.
func (t *tiled) flatPays(c *call, g *segment) bool {
	s := &c.split
	rows := g.rows * t.steps(s.width)
	flat := t.steps((g.rows-1)*s.pitch + s.width)
	return flat+flat/flatOverhead < rows
}

// flatOverhead: copying rows out of scratch memory costs about one part in 16.
const flatOverhead = 16

// steps is the time of a row of cols columns, in half cycles of one step of its
// tiles: the row is filled with tiles, then with ever narrower ones, which take
// longer for their size (plan.step is the same model).
func (t *tiled) steps(cols int) int {
	tile, least := t.kernel.Tile, 1
	if t.kernel.Pack.Order == pack.Planar {
		least = tile.Lanes
	}
	n := 0
	for width := tile.Columns / least; width > 0; width /= 2 {
		tiles := cols / (width * least)
		if width == 1 {
			tiles = (cols + least - 1) / least
		}
		cols -= min(cols, tiles*width*least)
		n += tiles * t.step(width)
	}
	return n
}

// step is the time of one step of a tile of width least widths: two multiply-adds
// and two loads a cycle, at least the latency of four cycles.
func (t *tiled) step(width int) int {
	const latency = 8
	sums := t.kernel.Pack.Channels * t.kernel.Pack.Section
	if t.kernel.Pack.Order == pack.Phases {
		vectors := sums / t.kernel.Tile.Lanes
		return max(vectors*width, vectors+width, latency)
	}
	return max(sums*width, sums+2*width, latency)
}

// direct runs the kernel on rows of dst.
func (t *tiled) direct(c *call, p *part, g *segment) {
	y, x := &c.ext[1], &c.ext[2]
	plane := y.Out * x.Out
	oc := (p.image*t.groups+p.group)*t.out + g.block*t.kernel.Pack.Channels
	width := min(x.Out-p.col*t.x.OutStride, p.cols*t.x.OutStride)
	at := oc*plane + (g.row*t.y.OutStride+g.phase.Offset)*x.Out + p.col*t.x.OutStride
	t.call(c, p, g, target{
		dst: c.dst[at : (oc+t.kernel.Pack.Channels)*plane], plane: plane, row: t.y.OutStride * x.Out,
		rows: g.rows, cols: p.cols, whole: t.whole(width), width: width,
	})
}

// whole is the number of columns of which all phases are inside width outputs.
func (t *tiled) whole(width int) int { return width / t.x.OutStride }

// flat runs the kernel over the segment's rows as if they were one, with the
// columns between them computed and thrown away, and copies the rows to dst.
func (t *tiled) flat(c *call, w *worker, p *part, g *segment) {
	s, m, stride := &c.split, t.kernel.Pack.Channels, t.x.OutStride
	cols := t.flatCols(s, g.rows)
	plane := cols * stride
	out := w.out[:m*plane]
	t.call(c, p, g, target{dst: out, plane: plane, rows: 1, cols: cols, whole: cols, width: plane})
	y, width := &c.ext[1], c.ext[2].Out
	from, to := t.outputs(c, p)
	if from >= to {
		return // the crop takes all columns of the part
	}
	skip := from + t.crop - p.col*stride
	oc := g.block * m
	first := (p.image*t.groups+p.group)*t.out + oc
	row := g.row*t.y.OutStride + g.phase.Offset
	for ch := range min(m, t.out-oc) {
		dst := c.dst[((first+ch)*y.Out+row)*width+from : (first+ch+1)*y.Out*width]
		t.move(dst, out[ch*plane+skip:(ch+1)*plane], g.rows, to-from, 0, t.y.OutStride*width, s.pitch*stride)
	}
}

// outputs are the places [from, to) in a row of dst that the part's columns give.
func (t *tiled) outputs(c *call, p *part) (from, to int) {
	stride := t.x.OutStride
	return max(0, p.col*stride-t.crop), min(c.ext[2].Out, (p.col+p.cols)*stride-t.crop)
}

// target is where a run of the kernel writes.
type target struct {
	dst                      []float32
	plane, row               int // elements from one channel or row to the next
	rows, whole, cols, width int // as for Func
}

// call runs the kernel, in pieces of columns so that no call takes long.
func (t *tiled) call(c *call, p *part, g *segment, to target) {
	s := &c.split
	src, srcTap := t.source(c, p, g)
	weights := t.weights[t.packed.At(p.group, g.block, g.phase.Offset)+g.from*t.packed.Panel:]
	bias := t.biasOf(p.group, g.block)
	weightStep := len(g.phase.Taps) * t.packed.Panel
	rows := max(1, s.perCall/max(1, to.cols))
	for r := 0; r < to.rows; r += rows {
		for col := 0; col < to.cols; col += s.perCall {
			n := min(s.perCall, to.cols-col)
			whole := min(n, max(0, to.whole-col))
			width := to.width - col*t.x.OutStride
			inputs := src
			if g.taps > 0 {
				inputs = src[r*s.pitch+col:]
			}
			t.kernel.Run(to.dst[r*to.row+col*t.x.OutStride:], inputs, weights, bias,
				min(rows, to.rows-r), whole, n, min(width, n*t.x.OutStride), g.channels, g.taps,
				to.plane, to.row, p.plane, s.pitch, srcTap, weightStep)
		}
	}
}

// source is the slice that starts at the first input of the first tap, and the
// distance between taps.
func (t *tiled) source(c *call, p *part, g *segment) (src []float32, srcTap int) {
	if g.taps == 0 {
		return p.inputs[:0], 0
	}
	first := g.row + g.phase.Taps[g.from].Delta
	return p.inputs[t.origin(c, p, first):], t.y.Step() * c.split.pitch
}
