package runtime

import "github.com/upconv/upconv/specs"

// split is how the work of one call is divided and where its inputs are read.
type split struct {
	cols    int  // columns q of a row in the kernel's frame
	rows    int  // rows q of the tallest y phase
	copied  bool // rows are copied to have zero columns around them
	left    int  // zero columns before the first row
	pitch   int  // elements from one row to the next
	width   int  // columns q of a part
	across  int  // parts of a row
	strip   int  // rows q of a part
	strips  int
	units   int // pairs of a channel block and a y phase that a task computes
	chunks  int // tasks of a part
	perCall int // columns that one call of the kernel computes at most
}

const (
	stripElements = 128 << 10 // inputs of a strip, to stay in the second level cache beside the weights
	// gatherChannels is the number of input channels from which a strip is copied
	// in any case: planes far apart, often by a power of two, share few cache sets.
	gatherChannels = 32

	callWork = 3 << 20 // multiply-adds of one call into assembly: under 100 microseconds at 32 a nanosecond
)

func (t *tiled) tasks(c *call) {
	if n := t.kernel.Tile.Fold; n > 0 {
		c.ext[1], c.ext[2] = one, specs.Extent{In: 1, Out: n, Kernel: n, Stride: n, Dilation: 1}
	}
	y, x := &c.ext[1], &c.ext[2]
	s := split{cols: count(t.crop+x.Out, 0, t.x.OutStride), rows: count(y.Out, 0, t.y.OutStride), pitch: x.In, across: 1}
	s.width = s.cols
	right := max(0, s.cols+t.most-x.In)
	s.left = max(0, -t.least)
	s.copied = s.left > 0 || right > 0 || t.kernel.Tile.Slack || t.in >= gatherChannels
	if s.copied {
		s.pitch += max(s.left, right)
	}
	if t.kernel.Tile.Shifted > 0 {
		s.pitch = s.cols
	} else {
		t.splitColumns(c, &s)
	}
	t.splitRows(c, &s)
	parts := c.batch * t.groups * s.strips * s.across
	t.splitUnits(c, &s, parts)
	perColumn := t.in * t.packed.Panel * t.y.MaxTaps()
	tile := t.kernel.Tile.Columns
	s.perCall = max(1, callWork/max(1, perColumn)/tile) * tile
	c.split = s
	t.reserve(c)
	c.count = parts * s.chunks
}

// splitColumns cuts rows whose copied inputs or whose outputs do not fit the cache,
// and a single long row that several workers can share, into parts of whole tiles.
func (t *tiled) splitColumns(c *call, s *split) {
	fit := scratchElements / (t.kernel.Pack.Channels * t.x.OutStride)
	if s.copied {
		fit = min(fit, stripElements/max(1, t.in*t.y.MaxTaps()))
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
	reach := t.mostY - t.leastY
	s.strip = min(max(stripElements/max(1, t.in*s.pitch)-reach, 1+reach), s.rows)
	if c.n > 1 {
		have := c.batch * t.groups * s.across * t.packed.Blocks * t.y.EvenPhases()
		strips := max(1, min((tasksEach*c.n+have-1)/have, s.rows/minStrip))
		s.strip = min(s.strip, (s.rows+strips-1)/strips)
	}
	if t.kernel.Tile.Shifted > 0 {
		s.strip = s.rows
	}
	s.strips = (s.rows + s.strip - 1) / s.strip
}

const (
	// minStrip is the least number of rows worth a strip of its own.
	minStrip = 8
	// tasksEach is the number of tasks of a worker, so that one that comes late or
	// is slow costs the others little.
	tasksEach = 8
)

// unitCount is the number of units of a part: the block that is computed and the y
// phase are independent of all others.
func (t *tiled) unitCount() int { return t.packed.Blocks * len(t.y.Phases) }

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
	image, group     int
	row, rowEnd      int
	col, cols        int       // columns q from col on
	inputs           []float32 // the strip's inputs
	plane            int       // elements from one input channel to the next
	firstRow, endRow int       // input rows that inputs holds
}

func (t *tiled) part(c *call, number int) part {
	s := &c.split
	strip, number := number%s.strips, number/s.strips
	across, number := number%s.across, number/s.across
	p := part{image: number / t.groups, group: number % t.groups}
	p.row, p.rowEnd = strip*s.strip, min((strip+1)*s.strip, s.rows)
	p.col = across * s.width
	p.cols = min(s.width, s.cols-p.col)
	p.firstRow = min(max(0, p.row+t.leastY), c.ext[1].In)
	p.endRow = max(p.firstRow, min(c.ext[1].In, p.rowEnd+t.mostY))
	if t.kernel.Tile.Shifted > 0 {
		p.firstRow, p.endRow = t.leastY, t.leastY+t.kernel.Tile.Shifted/s.pitch
	}
	return p
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
		rows := min(s.strip+t.mostY-t.leastY, y.In)
		c.halo = max(0, s.pitch-c.ext[2].In) + t.in*rows*s.pitch + t.slack()
	}
	rows := min(t.flatRows(s), s.strip)
	c.out = t.kernel.Pack.Channels * t.x.OutStride * t.flatCols(s, rows)
}

// flatRows is the number of rows of a flattened run.
func (t *tiled) flatRows(s *split) int {
	return max(1, scratchElements/(t.kernel.Pack.Channels*t.x.OutStride*s.pitch))
}

// flatCols is the length of a flattened run of rows, in columns.
func (t *tiled) flatCols(s *split, rows int) int {
	cols := (rows-1)*s.pitch + s.width
	if t.kernel.Tile.Slack {
		cols = (cols + t.kernel.Tile.Lanes - 1) / t.kernel.Tile.Lanes * t.kernel.Tile.Lanes
	}
	return cols
}
