package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// seen is the input of kernels that do not see the layer's own: of a resize_conv with
// a border or an interpolation. Rows of it are made in the cache when a part loads
// its inputs, and no more of it is ever there. What an element is made of and in
// which steps is what the layers nearest and bilinear do, so it has their bits.
type seen struct {
	layout specs.Layout
	inputs [2]polyphase.Input // y, x
}

// newSeen returns nil for a layer whose kernels see its own input.
func newSeen(l specs.Layer) *seen {
	_, inputs, _ := polyphase.Seen(&l)
	s := &seen{layout: l.Layout, inputs: [2]polyphase.Input{{Scale: 1}, {Scale: 1}}}
	if l.Op != specs.ResizeConv || l.Rank == specs.MaxRank {
		return nil
	}
	copy(s.inputs[2-l.Rank:], inputs)
	if s.inputs[0].Own() && s.inputs[1].Own() {
		return nil
	}
	return s
}

// look sets the sizes of what is seen, and the maps of its elements.
func (s *seen) look(c *call) {
	for i, in := range s.inputs {
		axis := specs.MaxRank - len(s.inputs) + i
		c.ext[axis].In = in.Size(c.asked[axis].In)
	}
	m := &c.maps
	if m.of == c.asked {
		return
	}
	m.of = c.asked
	for i, in := range s.inputs {
		axis := specs.MaxRank - len(s.inputs) + i
		n := c.ext[axis].In
		m.pairs[axis], m.lerps[axis] = room(m.pairs[axis], n), room(m.lerps[axis], n)
		in.Map(m.pairs[axis], c.asked[axis].In)
		lerpsOf(m.lerps[axis], m.pairs[axis])
	}
}

// room is the memory that making rows of in channels takes: two rows on their way,
// and planes of inputs where those do not lie together.
func (s *seen) room(c *call, in, rows int) int {
	n := 2 * c.ext[2].In
	if s.layout == specs.NHWC {
		n += in * min(rows+1, c.asked[1].In) * c.asked[2].In
	}
	return n
}

// rowsOf are the rows [first, end) of inputs that rows [from, to) of what is seen are
// made of.
func rowsOf(y []lerp) (first, end int) {
	for i, at := range y {
		if i == 0 {
			first, end = at.first, at.second+1
		}
		first, end = min(first, at.first), max(end, at.second+1)
	}
	return first, end
}

// coarse are planes of the layer's own inputs: element (channel, y, x) is
// data[at+channel*plane+y*row+x].
type coarse struct {
	data           []float32
	at, plane, row int
}

// planesOf are the part's inputs as planes: src itself, or a copy of rows [first, end)
// in memory.
func (t *tiled) planesOf(c *call, p *part, first, end int, memory []float32) coarse {
	s, width := c.split.src, c.asked[2].In
	at, _ := t.inputAt(c, p, 0)
	if s.col == 1 {
		return coarse{c.src, at, s.channel, s.row}
	}
	plane := (end - first) * width
	for y := first; y < end; y++ {
		t.move.Transpose(memory[(y-first)*width:], c.src[at+y*s.row:], width, t.in, plane, s.col)
	}
	return coarse{memory, -first * width, plane, width}
}

// loadSeen makes the rows of the part, with zeros for those outside what is seen and
// around each row.
func (t *tiled) loadSeen(c *call, w *worker, p *part) {
	s, x := &c.split, &c.ext[2]
	left, from, n := 0, 0, x.In
	p.lead = t.lead(s, x.In)
	if s.across > 1 {
		from = p.col + t.least
		p.lead, left = 0, min(max(0, -from), s.pitch)
		from += left
		n = max(0, min(x.In, from-left+s.pitch)-from)
	}
	p.plane = planeOf((p.endRow - p.firstRow) * s.pitch)
	size := p.lead + t.in*p.plane + t.slack()
	halo, spare := w.halo[:size], w.halo[size:]
	move.Clear(halo[:p.lead])
	top, bottom := p.inside(c.ext[1].In)
	first, end := rowsOf(c.maps.lerps[1][top:bottom])
	m := newMaker(c.maps.lerps[1], c.maps.lerps[2][from:][:n], spare)
	m.from = t.planesOf(c, p, first, end, spare[2*n:])
	for ic := range t.in {
		plane := halo[p.lead+ic*p.plane:][:p.plane]
		move.Clear(plane[:(top-p.firstRow)*s.pitch])
		m.begin(ic)
		for r := top; r < bottom; r++ {
			row := plane[(r-p.firstRow)*s.pitch:][:s.pitch]
			move.Clear(row[:left])
			m.row(row[left:][:n], r)
			move.Clear(row[left+n:])
		}
		move.Clear(plane[(bottom-p.firstRow)*s.pitch:])
	}
	move.Clear(halo[p.lead+t.in*p.plane:])
	p.inputs = halo
}

// input is an element of what the kernel sees, of the channel that begins at place at
// of src.
func (t *tiled) input(c *call, at, y, x int) float32 {
	s := c.split.src
	if t.seen == nil {
		return c.src[at+y*s.row+x*s.col]
	}
	ly, lx := c.maps.lerps[1][y], c.maps.lerps[2][x]
	along := func(row int) float32 {
		src := c.src[at+row*s.row:]
		if lx.add == 0 {
			return src[lx.first*s.col]
		}
		return float32(src[lx.first*s.col]*lx.keep) + float32(src[lx.second*s.col]*lx.add)
	}
	v := along(ly.first)
	if ly.add != 0 {
		v = float32(v*ly.keep) + float32(along(ly.second)*ly.add)
	}
	return v
}
