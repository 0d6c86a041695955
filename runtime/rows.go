package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/runtime/pack"
)

// run computes one task: some units of a part, for all rows of the part. A part of
// which some rows are read in place is done in pieces that read their inputs from
// one place each.
func (t *tiled) run(c *call, w *worker, task int) {
	s := &c.split
	number, chunk := task/s.chunks, task%s.chunks
	if s.inPlace() {
		p := t.part(c, number)
		for end := p.rowEnd; p.row < end; p.row = p.rowEnd {
			p.rowEnd = s.until(p.row, end)
			t.load(c, w, &p)
			t.some(c, w, &p, chunk)
		}
		return
	}
	if number != w.number {
		w.part, w.number = t.part(c, number), number
		t.load(c, w, &w.part)
	}
	t.some(c, w, &w.part, chunk)
}

// some computes a chunk of the part's units.
func (t *tiled) some(c *call, w *worker, p *part, chunk int) {
	s, phases := &c.split, t.unitPhases()
	for unit := chunk * s.units; unit < min((chunk+1)*s.units, t.unitCount()); unit++ {
		from := unit % phases
		to := from + 1
		if phases == 1 {
			to = len(t.walk.Phases)
		}
		t.unit(c, w, p, unit/phases, t.walk.Phases[from:to])
	}
}

// unit computes the rows of some y phases of one block. Where more is to be done with
// the sums, they come to dst in pieces that stay in the nearest cache until then.
func (t *tiled) unit(c *call, w *worker, p *part, block int, phases []polyphase.Phase) {
	g := segment{block: block}
	channels := t.kernel.Pack.Order == pack.Channels
	if channels { // all rows at once, for each share of the weights
		g.sums = t.sumsOf(c, w, p, block)
		t.passes(c, w, p, g, phases)
	}
	piece, rows, sums := *p, t.pieceRows(p), g.sums
	for piece.row < p.rowEnd {
		piece.rowEnd = min(piece.row+rows, p.rowEnd)
		if channels {
			sums.data = g.sums.data[(piece.row-p.row)*g.sums.row:]
			t.deliver(c, &piece, block, sums)
		} else {
			t.passes(c, w, &piece, g, phases)
		}
		t.complete(c, &piece, block, phases)
		piece.row = piece.rowEnd
	}
}

// passes add up all input channels: of a kernel with vectors along channels a share of
// them for all rows, then the next share.
func (t *tiled) passes(c *call, w *worker, p *part, g segment, phases []polyphase.Phase) {
	share := t.in
	if t.kernel.Pack.Order == pack.Channels {
		share = c.split.pass
	}
	for ; g.first < t.in; g.first += share {
		g.share = min(share, t.in-g.first)
		t.pass(c, w, p, g, phases)
	}
}

// complete mends and finishes the sums in dst.
func (t *tiled) complete(c *call, p *part, block int, phases []polyphase.Phase) {
	if t.kernel.Pack.Rows > 0 { // the phase stands for all
		phases = t.y.Phases
	}
	if t.border != nil {
		for _, phase := range phases {
			t.mendBorder(c, p, block, phase)
		}
	}
	if t.finish != nil {
		t.finishRows(c, p, block, phases)
	}
}

// pass adds up some input channels for all rows of a block.
func (t *tiled) pass(c *call, w *worker, p *part, g segment, phases []polyphase.Phase) {
	for _, phase := range phases {
		end := min(p.rowEnd, count(c.ext[1].Out, phase.Offset, t.y.OutStride))
		for row := p.row; row < end; {
			g.phase, g.row = phase, row
			row = t.segment(c, w, p, g, end)
		}
	}
}

// segment is a run of rows q with the same valid y taps.
type segment struct {
	block, row, rows int
	phase            polyphase.Phase
	from, taps       int // valid taps of the phase
	first, share     int // input channels of the pass
	channels         int // those of them that the segment adds up; none if no tap is valid
	sums             sums
}

// segment computes the rows from row on that have the same valid taps and
// returns the row after them.
func (t *tiled) segment(c *call, w *worker, p *part, g segment, end int) int {
	t.validTaps(c, &g, end)
	switch {
	case g.taps > 0:
		g.channels = g.share
		t.compute(c, w, p, &g)
	case g.first == 0: // the bias alone
		t.compute(c, w, p, &g)
	}
	return g.row + g.rows
}

// validTaps sets the y taps of g's first row, and how many rows share them.
func (t *tiled) validTaps(c *call, g *segment, end int) {
	if t.zeroRows() { // stand for those outside
		g.rows, g.from, g.taps = end-g.row, 0, len(g.phase.Taps)
		return
	}
	in := c.ext[1].In
	from, to := g.phase.Valid(g.row, in, t.y.InStride)
	g.rows, g.from, g.taps = 1, from, to-from
	for g.row+g.rows < end {
		if f, l := g.phase.Valid(g.row+g.rows, in, t.y.InStride); f != from || l != to {
			return
		}
		g.rows++
	}
}

// compute chooses between rows straight into dst and a run over the flattened
// strip, whose rows are then copied out of scratch memory. A row q of which not
// all y phases are outputs is never computed straight into dst.
func (t *tiled) compute(c *call, w *worker, p *part, g *segment) {
	m := t.kernel.Pack.Channels
	if t.kernel.Pack.Order == pack.Channels {
		t.call(c, p, g, g.sums.target(t, c, p, g))
		return
	}
	wholeBlock := (g.block+1)*m <= t.out
	done := 0
	if wholeBlock && t.fitsDst(c) && !c.split.trimmed && !t.flatPays(&c.split, g.rows) {
		part := *g
		if done = t.wholeRows(c, g); done > 0 {
			part.rows = done
			t.direct(c, p, &part)
		}
	}
	per := t.flatRows(&c.split)
	for r := done; r < g.rows; r += per {
		part := *g
		part.row, part.rows = g.row+r, min(per, g.rows-r)
		t.flat(c, w, p, &part)
	}
}

// wholeRows is the number of the segment's rows q that are all outputs.
func (t *tiled) wholeRows(c *call, g *segment) int {
	if t.kernel.Pack.Rows == 0 {
		return g.rows
	}
	return min(g.rows, max(0, c.ext[1].Out/t.y.OutStride-g.row))
}

// scratchElements bounds the outputs of a flattened run, to stay in the second
// level cache.
const scratchElements = 64 << 10

// fitsDst reports whether the kernel's rows are the layer's rows.
func (t *tiled) fitsDst(c *call) bool {
	if c.split.dst.col > 1 {
		return false
	}
	return t.kernel.Pack.Order == pack.Planar || (t.crop == 0 && t.x.OutStride*c.split.cols == c.ext[2].Out)
}

// flatPays estimates the time of the segment as rows and as one run.
func (t *tiled) flatPays(s *split, rows int) bool {
	if t.kernel.Tile.Masked || t.kernel.Tile.Row > 0 || t.strides() {
		return false
	}
	flat := t.steps((rows-1)*s.pitch + s.width)
	if t.kernel.Pack.Order == pack.Planar || t.kernel.Pack.Order == pack.Phases {
		flat += flat / flatOverhead
	}
	return flat < rows*t.steps(s.width)
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
	sums := t.kernel.Pack.Channels * t.kernel.Pack.Section * t.rowPhases()
	if t.kernel.Pack.Order != pack.Planar {
		vectors := sums / t.kernel.Tile.Lanes
		return max(vectors*width, vectors+width, latency)
	}
	return max(sums*width, sums+2*width, latency)
}

// direct runs the kernel on rows of dst.
func (t *tiled) direct(c *call, p *part, g *segment) {
	x, d, m := &c.ext[2], c.split.dst, t.kernel.Pack.Channels
	width := min(x.Out-p.col*t.x.OutStride, p.cols*t.x.OutStride)
	first := t.outputAt(c, p.image) + (p.group*t.out+g.block*m)*d.channel
	at := first + (g.row*t.y.OutStride+g.phase.Offset)*d.row + p.col*t.x.OutStride
	t.call(c, p, g, target{
		dst: c.dst[at : first+(m-1)*d.channel+d.plane], plane: d.channel, row: t.y.OutStride / t.rowPhases() * d.row, col: t.x.OutStride,
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
	phases := t.rowPhases()
	out := w.out[:m*phases*plane]
	to := target{dst: out, plane: phases * plane, row: plane, col: stride, rows: 1, cols: cols, whole: cols, width: plane}
	if t.strides() {
		to.rows, to.row, to.cols, to.whole, to.width = g.rows, s.width, s.width, s.width, s.width
	}
	t.call(c, p, g, to)
	first, end := t.outputs(c, p)
	if first >= end {
		return // the crop takes all columns of the part
	}
	skip := first + t.crop - p.col*stride
	if s.trimmed {
		skip += s.left * stride
	}
	for phase := range phases {
		rows := min(g.rows, count(c.ext[1].Out, g.phase.Offset+phase, t.y.OutStride)-g.row)
		if rows > 0 { // else the phase ends a row before the others
			t.takeRows(c, p, g, phase, rows, first, end, out[phase*plane+skip:])
		}
	}
}

// takeRows copies rows of one y phase of a flattened run to places [from, to) of
// rows of dst.
func (t *tiled) takeRows(c *call, p *part, g *segment, phase, rows, from, to int, out []float32) {
	s, d, m := &c.split, c.split.dst, t.kernel.Pack.Channels
	pitch, plane := s.pitch*t.x.OutStride, t.rowPhases()*t.flatCols(s, g.rows)*t.x.OutStride
	if t.strides() {
		pitch = s.width
	}
	channels := min(m, t.out-g.block*m)
	row := g.row*t.y.OutStride + g.phase.Offset + phase
	dst := c.dst[t.outputAt(c, p.image)+(p.group*t.out+g.block*m)*d.channel+row*d.row+from*d.col:]
	if d.col > 1 {
		for r := range rows {
			t.move.Transpose(dst[r*t.y.OutStride*d.row:], out[r*pitch:], channels, to-from, d.col, plane)
		}
		return
	}
	for ch := range channels {
		t.move.Rows(dst[ch*d.channel:], out[ch*plane:], rows, to-from, 0, t.y.OutStride*d.row, pitch)
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
	plane, row, col          int // elements from one channel, row of outputs or column q to the next
	rows, whole, cols, width int // as for Func
}

// constant are the arguments that all calls of a segment have.
type constant struct {
	src, weights, bias               []float32
	srcTap, step, termStep, termSkip int
}

// call runs the kernel, in pieces of columns and of input channels so that no call takes
// long.
func (t *tiled) call(c *call, p *part, g *segment, to target) {
	s := &c.split
	var k constant
	k.src, k.srcTap = t.source(c, p, g)
	k.weights, k.step, k.termStep, k.termSkip = t.weightsOf(p, g)
	k.bias = t.biasOf(p.group, g.block)
	rows := max(1, s.columns/max(1, to.cols))
	for r := 0; r < to.rows; r += rows {
		for col := 0; col < to.cols; col += s.perCall {
			for first := 0; first == 0 || first < g.channels; first += s.pass {
				t.once(c, p, g, &to, &k, r, min(rows, to.rows-r), col, first)
			}
		}
	}
}

// once is one call of the kernel: for n rows from row r, columns from col and channels
// from first on. A goroutine that is asked to stop does so on entry: it cannot in the
// kernel, and what the compiler puts around that does not look.
//
//go:noinline
func (t *tiled) once(c *call, p *part, g *segment, to *target, k *constant, r, n, col, first int) {
	s := &c.split
	cols := min(s.perCall, to.cols-col)
	whole := min(cols, max(0, to.whole-col))
	width := min(to.width-col*t.x.OutStride, cols*t.x.OutStride)
	src := k.src
	if g.taps > 0 {
		src = src[first*p.plane+r*t.y.InStride*t.lines()*s.pitch+col:]
	}
	dst := to.dst[r*to.row*t.rowPhases()+col*to.col:]
	if witness.Enabled {
		witness.Reads(k.weights)
		witness.WritesSpan(dst, t.outputSpan(*to, n, width))
	}
	t.kernel.Run(dst, src, k.weights[first*k.step:], k.bias, n, whole, cols, width, min(s.pass, g.channels-first), g.taps,
		to.plane, to.row, p.plane, s.pitch, k.srcTap, k.step, k.termStep, k.termSkip, min(g.first+first, 1))
}

// outputSpan are the elements that a call of the kernel writes, which belong to it
// alone.
func (t *tiled) outputSpan(to target, rows, width int) witness.Span {
	m := t.kernel.Pack.Channels
	if t.kernel.Pack.Order == pack.Channels { // the places of a row are the rows of channels
		return witness.Span{Planes: rows, Plane: to.row, Rows: width, Step: to.plane, Width: m}
	}
	return witness.Span{Planes: m, Plane: to.plane, Rows: rows * t.rowPhases(), Step: to.row, Width: width}
}

// weightsOf are the weights of a segment and the distances between them.
func (t *tiled) weightsOf(p *part, g *segment) (weights []float32, step, termStep, termSkip int) {
	taps := len(g.phase.Taps)
	weights = t.weights[t.packed.At(p.group, g.block, g.phase.Offset):][:taps*t.in*t.packed.Panel]
	if l := t.kernel.Pack; l.Order == pack.Channels {
		step = l.TermStep(1, taps)
		return weights, step, t.in * step, g.first*step + l.TermStep(1, g.from)
	}
	return weights[g.from*t.packed.Panel:], taps * t.packed.Panel, 0, 0
}

// source is the slice that starts at the first input of the first tap, and the
// distance between taps.
func (t *tiled) source(c *call, p *part, g *segment) (src []float32, srcTap int) {
	if g.taps == 0 {
		return p.inputs[:0], 0
	}
	first := t.y.InStride*g.row + g.phase.Taps[g.from].Delta
	return p.inputs[g.first*p.plane+t.origin(c, p, first):], t.y.Step() * t.lines() * c.split.pitch
}
