package runtime

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/specs"
)

// pooler runs the generated kernel of a max_pool on the columns whose windows lie
// inside the input; the others are the generic path's. Work is a grid of (plane, strip
// of rows of outputs).
type pooler struct {
	pool
	kernel  Kernel
	windows polyphase.Windows
}

func newPooler(l specs.Layer, k Kernel) engine {
	w, err := polyphase.WindowsOf(&l)
	if err != nil {
		panic(fmt.Sprintf("runtime: kernel %s was chosen for %s: %v", k.Name, l.Canonical(), err))
	}
	return &pooler{pool{grid{l}}, k, w}
}

// pools is how the work of one call of a pooler or an unpooler is divided.
type pools struct {
	strip, strips int // rows of a task, tasks of a plane
	from, to      int // columns that the kernel computes
	width, across int // of an unpooler: columns of a task, tasks of a strip
}

func (p *pooler) tasks(c *call) {
	y, x := &c.ext[1], &c.ext[2]
	var s pools
	s.from, s.to = windowsInside(x, p.windows.Span())
	s.strip = max(1, poolWork/(y.Kernel*x.Kernel*x.Out))
	if have := p.outer(c); c.n > 1 && have < tasksEach*c.n {
		strips := (tasksEach*c.n + have - 1) / have
		s.strip = min(s.strip, (y.Out+strips-1)/strips)
	}
	s.strips = (y.Out + s.strip - 1) / s.strip
	c.pools, c.halo, c.out = s, 0, 0
	c.count = p.outer(c) * s.strips
}

// windowsInside are the outputs of an axis, [from, to), whose windows of so many
// elements lie inside the input.
func windowsInside(e *specs.Extent, span int) (from, to int) {
	from = min(e.Out, (e.PadBegin+e.Stride-1)/e.Stride)
	if rest := e.In + e.PadBegin - span; rest >= 0 {
		return from, max(from, min(e.Out, rest/e.Stride+1))
	}
	return from, from
}

func (p *pooler) run(c *call, _ *worker, task int) {
	s := &c.pools
	plane, first := task/s.strips, task%s.strips*s.strip
	last := min(first+s.strip, c.ext[1].Out)
	from, to := s.from, s.to
	if c.Indices != nil && !countable(len(c.src)) {
		from, to = 0, 0
	}
	for oy := first; oy < last; {
		rows := p.alike(c, oy, last)
		p.inside(c, plane, oy, rows, from, to)
		oy += rows
	}
	for oy := first; oy < last; oy++ {
		row := plane*c.ext[1].Out + oy
		p.columns(c, row, 0, from)
		p.columns(c, row, to, c.ext[2].Out)
	}
}

// alike counts the rows of outputs from oy on whose windows have as many rows.
func (p *pooler) alike(c *call, oy, last int) (rows int) {
	y := &c.ext[1]
	count := windowOf(y, oy).count
	if count < y.Kernel {
		return 1
	}
	for rows = 1; oy+rows < last && windowOf(y, oy+rows).count == count; rows++ {
	}
	return rows
}

// inside computes columns of some rows whose windows lie inside the input, in parts
// that are short calls.
func (p *pooler) inside(c *call, plane, oy, rows, from, to int) {
	window, lanes := windowOf(&c.ext[1], oy), p.kernel.Tile.Lanes
	step := max(1, poolWork/(window.count*c.ext[2].Kernel*lanes)) * lanes
	for ; from < to; from += step {
		p.part(c, plane, oy, rows, from, min(step, to-from), window)
	}
}

// part finds the maxima of some columns, then, where that is wanted, their places:
// both steps read inputs that the first one has brought close. A goroutine that is asked
// to stop does so on entry.
//
//go:noinline
func (p *pooler) part(c *call, plane, oy, rows, from, cols int, window window) {
	y, x := &c.ext[1], &c.ext[2]
	left := from*x.Stride - x.PadBegin
	place, width := window.first*x.In+left, x.In-left
	end := (window.first+(rows-1)*y.Stride+(window.count-1)*window.step)*x.In + x.In
	src := c.src[plane*y.In*x.In:][place:end]
	whole := cols
	if lanes := p.kernel.Tile.Lanes; lanes > 1 {
		whole = max(0, min(cols, width/x.Stride-p.windows.Groups()+1)) / lanes * lanes
	}
	at := (plane*y.Out+oy)*x.Out + from
	to := at + (rows-1)*x.Out + cols
	srcRow, srcTap := y.Stride*x.In, window.step*x.In
	if witness.Enabled {
		witness.Reads(src)
		witness.WritesSpan(c.dst[at:to], witness.Span{Planes: 1, Rows: rows, Step: x.Out, Width: cols})
	}
	p.kernel.Pool(c.dst[at:to], src, nil, 1, 0, 0, rows, whole, cols, width, window.count, x.Out, srcRow, srcTap, 0, 0, 2*cols)
	if c.Indices == nil {
		return
	}
	if p.spec.Indices == specs.TensorIndices {
		place += plane * y.In * x.In
	}
	dst := words(c.Indices[at:to])
	if witness.Enabled {
		witness.WritesSpan(dst, witness.Span{Planes: 1, Rows: rows, Step: 2 * x.Out, Width: 2 * cols})
	}
	p.kernel.Pool(dst, src, c.dst[at:to], 0, 1, 0, rows, whole, cols, width, window.count, 2*x.Out, srcRow, srcTap, x.Out, place, 2*cols)
}
