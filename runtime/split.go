package runtime

import (
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// split is how the work of one call is divided and where its inputs are read.
type split struct {
	depth   int  // planes of outputs of an image, of the layer's z phase
	images  int  // planes of all images
	cols    int  // columns q of a row in the kernel's frame
	rows    int  // rows q of the tallest y phase
	copied  bool // rows are copied to have zero columns around them
	left    int  // zero columns before the first row
	pitch   int  // elements from one row to the next
	src     strides
	dst     strides
	width   int // columns q of a part
	across  int // parts of a row
	strip   int // rows q of a part
	strips  int
	units   int // pairs of a channel block and a y phase that a task computes
	chunks  int // tasks of a part
	pass    int // input channels that one pass over a block adds up
	columns int // columns of all rows that one call of the kernel may compute
	perCall int // columns of a row that it computes, in whole tiles

	flat bool // a block's sums in scratch memory have the columns between rows, so that rows are one run

	inside, insideEnd int // rows q that a masked kernel reads in place; others from a copy

	trimmed bool // parts of rows have columns at both ends that are computed and thrown away
}

const (
	stripElements = 128 << 10 // inputs of a strip, to stay in the second level cache beside the weights
	// gatherChannels is the number of input channels from which a strip is copied
	// in any case: planes far apart, often by a power of two, share few cache sets.
	gatherChannels = 32
)

func (t *tiled) tasks(c *call) {
	if n := t.kernel.Tile.Fold; n > 0 {
		c.ext[1], c.ext[2] = one, specs.Extent{In: 1, Out: n, Kernel: n, Stride: n, Dilation: 1}
	}
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	if t.seen != nil {
		t.seen.look(c)
	}
	s := split{depth: count(z.Out, t.depth.Offset, t.depth.stride), cols: count(t.crop+x.Out, 0, t.x.OutStride), rows: count(y.Out, 0, t.y.OutStride), pitch: x.In, across: 1}
	s.src = stridesOf(t.spec.Layout, t.spec.InChannels, z.In, c.asked[1].In, c.asked[2].In)
	s.dst = stridesOf(t.spec.Layout, t.groups*t.out, z.Out, y.Out, x.Out)
	s.width, s.pass, s.columns = s.cols, t.passChannels(), t.callColumns()
	tile := t.kernel.Tile.Columns
	s.perCall = max(1, s.columns/tile) * tile
	if t.kernel.Tile.Masked {
		t.readInPlace(c, &s)
	}
	right := max(0, s.cols+t.most-x.In)
	if s.left = max(0, -t.least); t.strides() {
		s.left, right, s.pitch = 0, 0, s.cols+t.most-t.least
	}
	outside := t.kernel.Pack.Rows > 0 && (t.leastY < 0 || s.rows+t.mostY > y.In)
	s.copied = s.left > 0 || right > 0 || outside || t.kernel.Tile.Slack || t.kernel.Tile.Masked || t.in >= gatherChannels || s.src.col > 1 || t.made()
	if s.copied && !t.kernel.Tile.Masked {
		s.pitch += max(s.left, right)
	}
	if t.kernel.Tile.Shifted > 0 {
		s.pitch = s.cols
	} else if !t.kernel.Tile.Masked {
		t.splitColumns(c, &s)
	}
	if s.images = c.batch * s.depth; s.images == 0 { // the z phase has no output
		c.split, c.count, c.halo, c.out = s, 0, 0, 0
		return
	}
	t.splitRows(c, &s)
	parts := s.images * t.groups * s.strips * s.across
	t.splitUnits(c, &s, parts)
	c.split = s
	t.reserve(c)
	c.count = parts * s.chunks
}

// splitColumns cuts rows whose copied inputs or whose outputs do not fit the cache,
// and a single long row that several workers can share, into parts of whole tiles.
func (t *tiled) splitColumns(c *call, s *split) {
	fit := scratchElements / t.outputsOf(1, 1)
	if s.copied {
		taps := t.y.MaxTaps()
		if t.kernel.Pack.Rows > 0 {
			taps = t.mostY - t.leastY + 1
		}
		fit = min(fit, stripElements/max(1, t.in*t.lines()*taps))
	}
	if c.n > 1 && s.rows == 1 {
		fit = min(fit, max(minColumns, s.cols/(2*c.n)))
	}
	tile := t.kernel.Tile.Columns
	if fit = max(fit, tile); s.cols <= fit+fit/2 {
		return
	}
	parts := (s.cols + fit/2) / fit
	s.width = (s.cols/parts + tile - 1) / tile * tile
	s.across = (s.cols + s.width - 1) / s.width
	s.copied = true
	s.pitch = s.width + t.most - t.least
}

// minColumns is the least number of columns worth a part of their own.
const minColumns = 512

// splitRows chooses strips whose inputs fit the cache, and more of them when the
// units are too few to feed all workers.
func (t *tiled) splitRows(c *call, s *split) {
	reach := (t.mostY - t.leastY) / t.y.InStride
	s.strip = min(max(stripElements/max(1, t.in*s.pitch*t.lines()*t.y.InStride)-reach, 1+reach), s.rows)
	if c.n > 1 {
		have := s.images * t.groups * s.across * t.packed.Blocks * min(t.y.EvenPhases(), t.unitPhases())
		strips := max(1, min((tasksEach*c.n+have-1)/have, s.rows/minStrip))
		s.strip = min(s.strip, (s.rows+strips-1)/strips)
	}
	switch {
	case t.kernel.Tile.Shifted > 0:
		s.strip = s.rows
	case t.kernel.Pack.Order == pack.Channels:
		s.strip = min(s.strip, max(1, scratchElements/t.outputsOf(1, s.width)))
	}
	if c.n == 1 && s.inPlace() {
		s.strip = s.rows
	}
	s.strips = (s.rows + s.strip - 1) / s.strip
	s.flat = t.kernel.Pack.Order == pack.Channels && t.spec.Layout == specs.NCHW && t.flatPays(s, s.strip)
}

// outputsOf is the number of outputs of a block in rows and columns q that are in
// scratch memory at a time.
func (t *tiled) outputsOf(rows, cols int) int {
	phases := t.rowPhases()
	if t.kernel.Pack.Order == pack.Channels {
		phases = t.y.OutStride
	}
	return t.kernel.Pack.Channels * rows * phases * cols * t.x.OutStride
}

// passChannels is the number of input channels that one call adds up, before another
// goes on from its sums: those whose weights for one block and y phase stay in the first
// level cache, where all rows are computed before the next, or as many as a call may have.
func (t *tiled) passChannels() int {
	if t.kernel.Pack.Order != pack.Channels {
		return evenly(t.in, t.kernel.Tile.Pass)
	}
	panel := t.x.MaxTaps() * t.kernel.Pack.Section * t.kernel.Pack.Channels * t.y.MaxTaps()
	n := max(pack.LeastPass, pack.PassElements/max(1, panel))
	return evenly(t.in, n)
}

// evenly is how many of in channels a pass has, at most so many unless that is 0.
func evenly(in, most int) int {
	if most == 0 || in <= most {
		return max(1, in)
	}
	passes := (in + most - 1) / most
	return (in + passes - 1) / passes
}

const (
	// minStrip is the least number of rows worth a strip of its own.
	minStrip = 8
	// tasksEach is the number of tasks of a worker, so that one that comes late or
	// is slow costs the others little.
	tasksEach = 8
)

// unitCount is the number of units of a part: a block and a y phase that are
// computed independently of all others.
func (t *tiled) unitCount() int { return t.packed.Blocks * t.unitPhases() }

// unitPhases is the number of units of a block: one if its y phases share memory.
func (t *tiled) unitPhases() int {
	if t.kernel.Pack.Order == pack.Channels {
		return 1
	}
	return len(t.walk.Phases)
}

// splitUnits makes several tasks of a part when parts are few. Each worker that
// takes one loads the part's inputs for itself, once: reading them from the cache of
// the processor that loaded them takes longer.
func (t *tiled) splitUnits(c *call, s *split, parts int) {
	s.units, s.chunks = t.unitCount(), 1
	if c.n == 1 {
		return
	}
	want := min(int64((tasksEach*c.n+parts-1)/parts), c.work/(c.layer.grain.task*int64(parts)))
	if want > 1 {
		s.units = max(1, s.units/int(want))
		s.chunks = (t.unitCount() + s.units - 1) / s.units
	}
}

// part is what tasks with the same inputs compute: some columns of rows [row, rowEnd).
type part struct {
	image, group     int // of three axes image counts planes of outputs
	row, rowEnd      int
	col, cols        int       // columns q from col on
	inputs           []float32 // the strip's inputs
	lead             int       // elements before the first row that inputs holds
	plane            int       // elements from one input channel to the next
	firstRow, endRow int       // input rows that inputs holds; those outside are zeros
}

func (t *tiled) part(c *call, number int) part {
	s := &c.split
	strip, number := number%s.strips, number/s.strips
	across, number := number%s.across, number/s.across
	p := part{image: number / t.groups, group: number % t.groups}
	p.row, p.rowEnd = strip*s.strip, min((strip+1)*s.strip, s.rows)
	p.col = across * s.width
	p.cols = min(s.width, s.cols-p.col)
	return p
}

// readRows sets the input rows that the part's rows q read.
func (t *tiled) readRows(c *call, p *part) {
	step := t.y.InStride
	p.firstRow = min(max(0, step*p.row+t.leastY), c.ext[1].In)
	p.endRow = max(p.firstRow, min(c.ext[1].In, step*(p.rowEnd-1)+1+t.mostY))
	switch {
	case t.kernel.Tile.Shifted > 0:
		p.firstRow, p.endRow = t.leastY, t.leastY+t.kernel.Tile.Shifted/c.split.pitch
	case t.kernel.Pack.Rows > 0:
		p.firstRow, p.endRow = p.row+t.leastY, p.rowEnd+t.mostY
	}
}

// reserve computes how much scratch memory a part takes: the inputs of its strip
// and the outputs of a flattened run.
func (t *tiled) reserve(c *call) {
	s, y := &c.split, &c.ext[1]
	c.halo = 0
	switch {
	case t.kernel.Tile.Shifted > 0:
		c.halo = t.in*(t.most-t.least+1)*t.kernel.Tile.Shifted + t.slack()
	case s.copied:
		rows := (s.strip-1)*t.y.InStride + 1
		if s.inPlace() {
			rows = max(s.inside, s.rows-s.insideEnd)
		}
		if rows += t.mostY - t.leastY; !t.zeroRows() {
			rows = min(rows, y.In)
		}
		c.halo = t.lead(s, c.ext[2].In) + t.in*mostPlane(rows*t.lines()*s.pitch) + t.slack()
		if t.seen != nil {
			c.halo += t.seen.room(c, t.in, rows)
		}
	}
	if t.kernel.Pack.Order == pack.Channels {
		cols := s.width
		if s.flat {
			cols = s.pitch
		}
		c.out = t.outputsOf(s.strip, cols)
		return
	}
	rows := min(t.flatRows(s), s.strip)
	c.out = t.kernel.Pack.Channels * t.rowPhases() * t.x.OutStride * t.flatCols(s, rows)
}

// planeOf is the distance between planes of n elements: no multiple of so many cache
// lines that the same place in neighbouring planes falls into few sets.
func planeOf(n int) int {
	if n%setLines == 0 {
		n += line
	}
	return n
}

// mostPlane is the longest distance between planes of up to n elements: fewer may need
// more.
func mostPlane(n int) int { return max(n, n/setLines*setLines+line) }

const (
	line     = 16       // elements of a cache line
	setLines = 8 * line // and of so many lines
)

// flatRows is the number of rows of a flattened run.
func (t *tiled) flatRows(s *split) int {
	if t.kernel.Tile.Masked {
		return 1 // the masks are those of one row
	}
	return max(1, scratchElements/(t.kernel.Pack.Channels*t.rowPhases()*t.x.OutStride*s.pitch))
}

// flatCols is the length of a flattened run of rows, in columns.
func (t *tiled) flatCols(s *split, rows int) int {
	if t.strides() { // rows that step over inputs stay rows
		return rows * s.width
	}
	cols := (rows-1)*s.pitch + s.width
	if s.trimmed {
		return s.pitch
	}
	if t.kernel.Tile.Slack {
		cols = (cols + t.kernel.Tile.Lanes - 1) / t.kernel.Tile.Lanes * t.kernel.Tile.Lanes
	}
	return cols
}
