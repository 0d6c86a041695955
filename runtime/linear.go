package runtime

import (
	"math"

	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// linear runs a generated kernel that weighs values, or finds them by a table. Work is a grid of (planes, strip
// of groups of rows, part of the columns). Planes whose rows keep their number follow
// each other like rows of one plane.
type linear struct {
	spec   specs.Layer
	kernel Kernel
	mover  move.Mover
}

func newLinear(l specs.Layer, k Kernel) *linear { return &linear{l, k, move.For(k.ISA)} }

// together is the number of values of a pixel that lie together.
func (l *linear) together() int { return (&grid{l.spec}).inner() }

// pixels reports whether entries of the table are for whole pixels.
func (l *linear) pixels() bool { return l.spec.Layout == specs.NHWC && !l.elements() }

// inner is the number of values of a column.
func (l *linear) inner() int {
	if l.pixels() {
		return l.together()
	}
	return 1
}

// columns is the number of columns that an entry of the table is for.
func (l *linear) columns() int {
	if l.pixels() {
		return 1
	}
	return l.kernel.Tile.Lanes
}

// weighing is how the work of one call is divided.
type weighing struct {
	planes, each int // planes; those of a task
	strip        int // groups of rows of a task
	strips       int // of a plane
	vectors      int // entries of the table, in a task
	across       int // parts of a row
}

// group is a run of rows of outputs that are made of one pair of rows of inputs:
// first those that are the first row of the pair, then those between the two.
type group struct {
	first, out     int // rows of inputs and of outputs
	copies, blends int
	weights        int // where those of its blends begin
}

// bands are groups that one call can do: the next lies step rows of inputs further
// and has the same weights.
type band struct {
	group
	from, groups, step int
}

// linearMap is what a kernel reads of the maps.
type linearMap struct {
	groups  int
	bands   []band
	weights []float32 // along y: of the first and of the second row, for each blend
	table   []float32 // along x: see LinearFunc
	record  int       // elements of one of its entries
	steps   []float32
	bases   []int // where the window of each entry begins in a row
	ends    []int // and where what is read of it ends
	wide    int   // 1: windows are longer than a vector
}

func (l *linear) tasks(c *call) {
	y, x := &c.ext[1], &c.ext[2]
	inner, lanes := l.inner(), l.columns()
	planes := c.batch * l.spec.InChannels / l.together()
	if y.In == y.Out {
		y.In, y.Out, planes = planes*y.In, planes*y.Out, 1
	}
	if l.resolve(&c.maps, c.ext) {
		l.lay(&c.maps)
	}
	if l.elements() {
		x.In, x.Out = x.In*l.together(), x.Out*l.together()
	}
	m := &c.maps.linear
	rows := (y.Out + m.groups - 1) / m.groups // of a group
	s := weighing{planes: planes, each: 1}
	s.vectors = min(len(m.bases), max(1, linearWork/(rows*lanes*inner)))
	s.across = (len(m.bases) + s.vectors - 1) / s.vectors
	s.strip = min(m.groups, max(1, linearWork/(rows*s.vectors*lanes*inner)))
	want := tasksEach * c.n
	if c.n > 1 {
		strips := max(1, (want+planes*s.across-1)/(planes*s.across))
		s.strip = min(s.strip, (m.groups+strips-1)/strips)
	}
	if s.strips = (m.groups + s.strip - 1) / s.strip; s.strips == 1 && s.across == 1 {
		s.each = min(planes, max(1, linearWork/(y.Out*x.Out*inner)))
	}
	if c.n > 1 {
		s.each = min(s.each, (planes+want-1)/want)
	}
	c.weighing, c.halo = s, m.ends[len(m.ends)-1]
	c.stage(m.mostRows()*x.Out*inner, s.across == 1)
	if len(m.weights) > 0 && !l.moves() { // the second row of a pair
		c.halo *= 2
	}
	c.count = (planes + s.each - 1) / s.each * s.strips * s.across
}

// lay makes the tables of what the maps say.
func (l *linear) lay(m *maps) {
	m.linear.alongY(m.lerps[1])
	switch {
	case l.spec.Layout == specs.NCHW:
		m.linear.vectors(m.lerps[2], l.columns())
	case l.elements():
		m.spread(l.together())
		m.linear.vectors(m.spreads, l.columns())
	case l.moves():
		m.linear.pixels(m.lerps[2], l.together(), 1)
	default:
		m.linear.pixels(m.lerps[2], l.together(), 2)
	}
	if l.spec.Op == specs.BedOfNails {
		m.linear.keepBits(l.columns())
	}
}

// resolve works out the maps for other sizes than before; it reports whether there
// are any. Outputs of a nearest resize lie on an input.
func (l *linear) resolve(m *maps, e extents) bool {
	switch l.spec.Op {
	case specs.Bilinear:
		return m.resolve(e, l.spec.Coordinate)
	case specs.BedOfNails:
		return m.nail(e)
	}
	if !m.locate(e, l.spec.Coordinate, l.spec.Rounding) {
		return false
	}
	for axis, index := range m.index {
		m.lerps[axis] = room(m.lerps[axis], len(index))
		for o, i := range index {
			m.lerps[axis][o] = lerp{first: i, second: i, keep: 1}
		}
	}
	return true
}

// alongY makes bands of the rows of outputs.
func (m *linearMap) alongY(rows []lerp) {
	m.groups, m.bands, m.weights = 0, m.bands[:0], m.weights[:0]
	for o := 0; o < len(rows); m.groups++ {
		g := group{first: rows[o].first, out: o, weights: len(m.weights)}
		for ; o < len(rows) && rows[o].first == g.first && rows[o].add == 0; o++ {
			g.copies++
		}
		for ; o < len(rows) && rows[o].first == g.first && rows[o].add != 0; o++ {
			g.blends++
			m.weights = append(m.weights, rows[o].keep, rows[o].add)
		}
		if !m.extend(g) {
			m.bands = append(m.bands, band{group: g, from: m.groups, groups: 1})
		}
	}
}

// mostRows is the number of rows of outputs of the largest group.
func (m *linearMap) mostRows() (most int) {
	for i := range m.bands {
		most = max(most, m.bands[i].copies+m.bands[i].blends)
	}
	return most
}

// extend counts g among the last band if it goes on like it.
func (m *linearMap) extend(g group) bool {
	if len(m.bands) == 0 {
		return false
	}
	b := &m.bands[len(m.bands)-1]
	last, step := b.first+(b.groups-1)*b.step, b.step
	if b.groups == 1 {
		step = g.first - last
	}
	if g.first != last+step || g.copies != b.copies || g.blends != b.blends || !m.sameWeights(b.weights, g.weights, 2*g.blends) {
		return false
	}
	b.step, b.groups, m.weights = step, b.groups+1, m.weights[:g.weights]
	return true
}

func (m *linearMap) sameWeights(a, b, n int) bool {
	for i := range n {
		if m.weights[a+i] != m.weights[b+i] {
			return false
		}
	}
	return true
}

// pixels makes the tables of pixels of so many values, of each of which so many
// neighbours are read.
func (m *linearMap) pixels(columns []lerp, inner, neighbours int) {
	n := len(columns)
	m.record, m.wide = 2, 0
	m.table, m.steps, m.bases, m.ends = room(m.table, 2*n), room(m.steps, n), room(m.bases, n), room(m.ends, n)
	for o, x := range columns {
		m.bases[o], m.ends[o] = x.first*inner, (x.first+neighbours)*inner
		m.table[2*o], m.table[2*o+1] = 1, -1
		if x.add != 0 {
			m.table[2*o], m.table[2*o+1] = x.keep, x.add
		}
	}
	m.walk()
}

// walk makes the steps from window to window.
func (m *linearMap) walk() {
	for v := range m.steps {
		m.steps[v] = 0
		if v > 0 {
			m.steps[v-1] = integer(m.bases[v] - m.bases[v-1])
		}
	}
}

// vectors makes the tables of vectors of so many columns of outputs.
func (m *linearMap) vectors(columns []lerp, lanes int) {
	vectors := (len(columns) + lanes - 1) / lanes
	m.table, m.steps, m.bases = room(m.table, 3*lanes*vectors), room(m.steps, vectors), room(m.bases, vectors)
	m.ends, m.record, m.wide = room(m.ends, vectors), 3*lanes, 0
	for v := range vectors {
		first, last := windowed(columns[v*lanes : min((v+1)*lanes, len(columns))])
		m.bases[v], m.ends[v] = first, last+2
		if last-m.bases[v] >= lanes {
			m.wide = 1
		}
		places := m.table[3*lanes*v:]
		keep, add := places[lanes:], places[2*lanes:]
		for i := range lanes {
			places[i], keep[i], add[i] = 0, 1, -1
			if o := v*lanes + i; o < len(columns) {
				places[i] = integer(columns[o].first - m.bases[v])
				if columns[o].add != 0 {
					keep[i], add[i] = columns[o].keep, columns[o].add
				}
			}
		}
	}
	m.walk()
	for v := range vectors {
		if m.wide == 0 {
			m.ends[v] = m.bases[v] + lanes + 1
		}
	}
}

// windowed are the first and the last of the places of a vector.
func windowed(columns []lerp) (first, last int) {
	first, last = columns[0].first, columns[0].first
	for _, x := range columns {
		first, last = min(first, x.first), max(last, x.first)
	}
	return first, last
}

// integer is a float32 with the bits of n.
func integer(n int) float32 { return math.Float32frombits(uint32(n)) }

func (l *linear) run(c *call, w *worker, task int) {
	s, m := &c.weighing, &c.maps.linear
	across, task := task%s.across, task/s.across
	strip, first := task%s.strips, task/s.strips*s.each
	from, to := strip*s.strip, min((strip+1)*s.strip, m.groups)
	for plane := first; plane < min(first+s.each, s.planes); plane++ {
		for i := range m.bands {
			b := &m.bands[i]
			if lo, hi := max(from, b.from), min(to, b.from+b.groups); lo < hi {
				l.groups(c, w, plane, b.part(lo-b.from, hi-lo), across*s.vectors)
			}
		}
	}
}

// part is n groups of the band, from one on.
func (b *band) part(from, n int) band {
	p := *b
	p.first, p.out, p.groups = b.first+from*b.step, b.out+from*(b.copies+b.blends), n
	return p
}

// groups computes the columns of some vectors of b's rows. Vectors read whole windows
// of a row: what lies beyond it does not count, but has to be there, so that rows
// near the end of src are copied.
func (l *linear) groups(c *call, w *worker, plane int, b band, vector int) {
	y, m, width := &c.ext[1], &c.maps.linear, c.ext[2].In*l.inner()
	base := m.bases[vector]
	reach := m.ends[min(vector+c.weighing.vectors, len(m.ends))-1] - base
	pair := 0
	if b.blends > 0 && !l.moves() {
		pair = width
	}
	at, step := (plane*y.In+b.first)*width+base, b.step*width
	whole := b.inside(len(c.src)-(at+pair+reach), step)
	if l.pixels() { // whose calls have a group each
		for g := range whole {
			from := at + g*step
			l.call(c, w, plane, b.part(g, 1), vector, c.src[from:from+pair+reach], 0, pair)
		}
	} else if whole > 0 {
		l.call(c, w, plane, b.part(0, whole), vector, c.src[at:at+(whole-1)*step+pair+reach], step, pair)
	}
	for g := whole; g < b.groups; g++ {
		move.Copy(w.halo[:reach], c.src[at+g*step:])
		apart := 0
		if pair > 0 {
			apart = reach
			move.Copy(w.halo[reach:2*reach], c.src[at+g*step+pair:])
		}
		l.call(c, w, plane, b.part(g, 1), vector, w.halo[:reach+apart], 0, apart)
	}
}

// inside is how many groups of the band lie in src, where so many elements follow
// what the first one reads.
func (b *band) inside(follow, step int) int {
	switch {
	case follow < 0:
		return 0
	case step == 0:
		return b.groups
	}
	return min(b.groups, follow/step+1)
}

// call computes the columns of some entries of b's rows, in calls of at most linearWork
// outputs: of some groups, or of some rows of one.
func (l *linear) call(c *call, w *worker, plane int, b band, vector int, src []float32, srcRow, pair int) {
	most := max(1, linearWork/(c.weighing.vectors*l.columns()*l.inner())) // rows
	if most >= b.groups*(b.copies+b.blends) {
		l.once(c, w, plane, b, vector, src, srcRow, pair)
		return
	}
	for g, each := 0, max(1, most/(b.copies+b.blends)); g < b.groups; g += each {
		p := b.part(g, min(each, b.groups-g))
		if p.groups > 1 || p.copies+p.blends <= most || l.wholeGroups() {
			l.once(c, w, plane, p, vector, src[g*srcRow:], srcRow, pair)
			continue
		}
		for r := 0; r < p.copies+p.blends; r += most {
			l.once(c, w, plane, p.rows(r, most), vector, src[g*srcRow:], srcRow, pair)
		}
	}
}

// rows are up to n rows of a band of one group, from one on.
func (b *band) rows(from, n int) band {
	p := *b
	p.copies = min(n, max(0, b.copies-from))
	p.blends = min(n, b.copies+b.blends-from) - p.copies
	p.out, p.weights = b.out+from, b.weights+2*max(0, from-b.copies)
	return p
}

// once asks the kernel for the columns of some entries of b's rows. A goroutine that is
// asked to stop does so on entry.
//
//go:noinline
func (l *linear) once(c *call, w *worker, plane int, b band, vector int, src []float32, srcRow, pair int) {
	y, m, inner, lanes := &c.ext[1], &c.maps.linear, l.inner(), l.columns()
	end := min(vector+c.weighing.vectors, len(m.bases))
	first := vector * lanes
	cols := min(end*lanes, c.ext[2].Out) - first
	rows, width := b.copies+b.blends, c.ext[2].Out*inner
	if b.blends == 0 {
		pair = 0
	}
	at := (plane*y.Out+b.out)*width + first*inner
	channels := inner
	if l.elements() {
		channels = 0
	}
	dst := c.dst[at : at+(b.groups*rows-1)*width+cols*inner]
	if witness.Enabled {
		witness.Reads(src)
		witness.WritesSpan(dst, witness.Span{Planes: 1, Rows: b.groups * rows, Step: width, Width: cols * inner})
	}
	weights, table, steps := m.weights[b.weights:b.weights+2*b.blends], m.table[m.record*vector:m.record*end], m.steps[vector:end]
	if c.past {
		w.stream(l.mover, dst, b.groups, func(out []float32, first, n int) {
			l.kernel.Linear(out, src[first*srcRow:], weights, table, steps, n, b.copies, b.blends, cols, width, rows*width, srcRow, pair, m.wide, channels)
		})
		return
	}
	l.kernel.Linear(dst, src, weights, table, steps, b.groups, b.copies, b.blends, cols, width, rows*width, srcRow, pair, m.wide, channels)
}
