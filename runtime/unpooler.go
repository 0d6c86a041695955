package runtime

import (
	"fmt"
	"math"
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// unpooler runs the generated kernel of a max_unpool. A call has two parts, of the same
// tasks: strips of rows of planes, or parts of long rows. The first looks at all indices and writes nothing
// but numbers into memory of the call; the second writes the planes all of whose
// indices lead into their own blocks, which every pooling gives, row by row from the
// numbers. Other planes are the generic path's, and so is an index that leads nowhere.
type unpooler struct {
	unpool
	kernel Kernel
	block  polyphase.Blocks
	mover  move.Mover
}

func newUnpooler(l specs.Layer, k Kernel) engine {
	b, err := polyphase.BlocksOf(&l)
	if err != nil {
		panic(fmt.Sprintf("runtime: kernel %s was chosen for %s: %v", k.Name, l.Canonical(), err))
	}
	return &unpooler{unpool{grid{l}}, k, b, move.For(k.ISA)}
}

// tasks divides the blocks that lie wholly in the output; what is left of a row or a
// plane goes with the strip beside it. Both parts of a call have the same tasks,
// however many goroutines there are for each.
func (u *unpooler) tasks(c *call) {
	s := pools{to: min(c.ext[2].In, c.ext[2].Out/u.block.X)}
	rows, lanes, size := u.wholeRows(c), u.kernel.Tile.Lanes, u.block.Y*u.block.X*u.inner()
	if u.pixels() {
		lanes = 1
	}
	s.width = min(max(1, s.to), max(1, moveWork/(size*lanes))*lanes)
	s.across = max(1, (s.to+s.width-1)/s.width)
	s.strip = min(max(1, rows), max(1, moveWork/(size*s.width)))
	s.strips = max(1, (rows+s.strip-1)/s.strip)
	c.pools, c.halo = s, 0
	c.stage(size*s.width, s.across == 1 && s.to*u.block.X == c.ext[2].Out)
	c.count = u.outer(c) * s.strips * s.across
}

// wholeRows are the rows of blocks that lie wholly in the output.
func (u *unpooler) wholeRows(c *call) int { return min(c.ext[1].In, c.ext[1].Out/u.block.Y) }

// numberRow is the number of elements that hold the numbers of a row.
func (u *unpooler) numberRow(c *call) int {
	if u.pixels() {
		return c.pools.width * u.numbersOf(u.inner())
	}
	return u.numbersOf(c.pools.width)
}

// numbersOf is the number of elements that hold the numbers of so many neighbours.
func (u *unpooler) numbersOf(n int) int {
	lanes := u.kernel.Tile.Lanes
	return (n + lanes - 1) / lanes * max(1, lanes/4)
}

// pixels reports whether channels lie together.
func (u *unpooler) pixels() bool { return u.spec.Layout == specs.NHWC }

// numbers are those of a task: first a vector that is 0 where all of its indices lead
// into their own blocks, then rows.
func (u *unpooler) numbers(c *call, task int) (foreign, rows []float32) {
	all, lanes := c.numbers[task*u.taskLen(c):][:u.taskLen(c)], u.kernel.Tile.Lanes
	return all[:lanes], all[lanes:]
}

// start runs the first part. Where all indices lead into their own blocks there is no
// bad one.
func (u *unpooler) start(c *call) error {
	scratch(&c.numbers, c.count*u.taskLen(c))
	all := countable(len(c.dst))
	if all {
		c.survey = true
		c.share()
		c.survey = false
		all = u.settle(c)
	}
	if all {
		return nil
	}
	if !countable(len(c.dst)) || u.spec.Indices == specs.TensorIndices {
		for task := range c.count {
			u.refuse(c, task)
		}
	}
	return u.unpool.start(c)
}

// refuse notes that the plane of a task is not for the kernel.
func (u *unpooler) refuse(c *call, task int) {
	foreign, _ := u.numbers(c, task)
	foreign[0] = 1
}

// settle makes what the first task of each plane found hold for the plane, and reports
// whether all indices lead into their own blocks.
func (u *unpooler) settle(c *call) (all bool) {
	all = true
	for task := range c.count {
		if foreign, _ := u.numbers(c, task); anySet(foreign) {
			all = false
			u.refuse(c, task-task%u.tasksOfPlane(c))
		}
	}
	return all
}

// anySet reports whether a bit is set.
func anySet(lanes []float32) bool {
	return slices.ContainsFunc(lanes, func(v float32) bool { return math.Float32bits(v) != 0 })
}

// tasksOfPlane is the number of tasks of a plane.
func (u *unpooler) tasksOfPlane(c *call) int { return c.pools.strips * c.pools.across }

func (u *unpooler) run(c *call, w *worker, task int) {
	p := u.pieceOf(c, task)
	if c.survey {
		u.look(c, p)
		return
	}
	within := task % u.tasksOfPlane(c)
	foreign, _ := u.numbers(c, task-within)
	switch {
	case !anySet(foreign):
		u.put(c, w, p)
	case u.spec.Indices == specs.TensorIndices:
		if task == 0 {
			u.scatter(c, 0, 1)
		}
	case within == 0:
		u.scatter(c, p.plane, u.outer(c))
	}
}

// piece is the part of a plane that a task has: rows and columns of whole blocks, and
// where it is the last one of them what is left of the rows and of the plane.
type piece struct {
	task, plane, row, rows, col, cols int
	endsRows, endsPlane               bool
}

func (u *unpooler) pieceOf(c *call, task int) piece {
	s, within := &c.pools, task%u.tasksOfPlane(c)
	strip, part := within/s.across, within%s.across
	p := piece{task: task, plane: task / u.tasksOfPlane(c), row: strip * s.strip, col: part * s.width}
	p.rows, p.cols = min(s.strip, u.wholeRows(c)-p.row), min(s.width, s.to-p.col)
	p.endsRows = part == s.across-1
	p.endsPlane = p.endsRows && strip == s.strips-1
	return p
}

// look numbers the elements that the indices of a piece lead to.
func (u *unpooler) look(c *call, p piece) {
	y, x := &c.ext[1], &c.ext[2]
	dst, row := c.numbers[p.task*u.taskLen(c):][:u.taskLen(c)], u.numberRow(c)
	if p.rows == 0 || p.cols == 0 {
		move.Clear(dst)
	} else if u.pixels() {
		u.lookPixels(c, p, dst)
	} else {
		from := (p.plane*y.In+p.row)*x.In + p.col
		end := from + (p.rows-1)*x.In + p.cols
		corner := u.corner(c, p.plane) + p.row*u.block.Y*x.Out + p.col*u.block.X
		dst := dst[:u.kernel.Tile.Lanes+p.rows*row]
		witness.Writes(dst)
		if c.Indices != nil {
			u.kernel.Pool(dst, words(c.Indices[from:end]), nil, 0, 1, 0, p.rows, 0, p.cols, 2*p.cols, 0, row, 2*x.In, 0, 0, corner, x.Out)
		} else {
			u.kernel.Pool(dst, words(c.Indices32[from:end]), nil, 0, 0, 1, p.rows, 0, p.cols, 2*p.cols, 0, row, x.In, 0, 0, corner, x.Out)
		}
	}
	u.left(c, p, func(row, col, ch int) {
		if !u.owns(c, p.plane, row, col, ch) {
			dst[0] = 1
		}
	})
}

// corner is the index of the first output of a plane.
func (u *unpooler) corner(c *call, plane int) int {
	if u.spec.Indices == specs.PlaneIndices {
		return 0
	}
	return plane * c.ext[1].Out * c.ext[2].Out * u.inner()
}

// left calls f with each channel of each input beside or below a piece whose block does not lie wholly
// in the output.
func (u *unpooler) left(c *call, p piece, f func(row, col, ch int)) {
	last := p.row + p.rows
	if p.endsPlane {
		last = c.ext[1].In
	}
	for row := p.row; p.endsRows && row < last; row++ {
		from := 0
		if row < p.row+p.rows {
			from = c.pools.to
		}
		for col := from; col < c.ext[2].In; col++ {
			for ch := range u.inner() {
				f(row, col, ch)
			}
		}
	}
}

// index is that of an input, counted from the first output of its plane: of elements or
// of pixels.
func (u *unpooler) index(c *call, plane, row, col, ch int) int64 {
	i := u.input(c, plane, row, col, ch)
	if c.Indices != nil {
		return c.Indices[i] - int64(u.corner(c, plane))
	}
	return int64(c.Indices32[i]) - int64(u.corner(c, plane))
}

// input is the place of an input.
func (u *unpooler) input(c *call, plane, row, col, ch int) int {
	return ((plane*c.ext[1].In+row)*c.ext[2].In+col)*u.inner() + ch
}

// apart is the distance between the indices of neighbouring outputs of a row.
func (u *unpooler) apart() int {
	if u.spec.Indices == specs.TensorIndices {
		return u.inner()
	}
	return 1
}

// owns reports whether the index of an input leads into its own block.
func (u *unpooler) owns(c *call, plane, row, col, ch int) bool {
	at, line, apart := u.index(c, plane, row, col, ch), int64(c.ext[2].Out), int64(u.apart())
	if apart > 1 {
		if at%apart != int64(ch) {
			return false
		}
		at /= apart
	}
	return at >= 0 && at < int64(c.ext[1].Out)*line &&
		at/line/int64(u.block.Y) == int64(row) && at%line/int64(u.block.X) == int64(col)
}

// put writes the blocks of a piece, and all that is left beside or below it.
func (u *unpooler) put(c *call, w *worker, p piece) {
	y, x, n := &c.ext[1], &c.ext[2], u.inner()
	line := x.Out * n
	out := c.dst[p.plane*y.Out*line:][:y.Out*line]
	top, end, width := p.row*u.block.Y, (p.row+p.rows)*u.block.Y, p.cols*u.block.X*n
	if p.rows > 0 && p.cols > 0 {
		at := p.col * u.block.X * n
		dst := out[top*line+at : (end-1)*line+at+width]
		if witness.Enabled {
			_, numbers := u.numbers(c, p.task)
			witness.Reads(numbers[:p.rows*u.numberRow(c)])
			witness.WritesSpan(dst, witness.Span{Planes: 1, Rows: p.rows * u.block.Y, Step: line, Width: width})
		}
		switch {
		case c.past && u.vectors(dst, p.cols, line):
			u.blocks(c, dst, p, 0, p.rows, 1)
		case c.past:
			w.stream(u.mover, dst, p.rows, func(out []float32, first, n int) { u.blocks(c, out, p, first, n, 0) })
		default:
			u.blocks(c, dst, p, 0, p.rows, 0)
		}
	}
	for row := top; p.endsRows && c.pools.to*u.block.X < x.Out && row < end; row++ {
		move.Clear(out[row*line+c.pools.to*u.block.X*n : (row+1)*line])
	}
	if p.endsPlane {
		move.Clear(out[end*line:])
	}
	u.left(c, p, func(row, col, ch int) {
		at := int(u.index(c, p.plane, row, col, ch))
		if u.spec.Indices == specs.PlaneIndices {
			at = at*n + ch
		}
		out[at] = c.src[u.input(c, p.plane, row, col, ch)]
	})
}

// vectors reports whether the kernel can write the rows of dst past the caches itself: they
// are whole vectors, and begin at multiples of one.
func (u *unpooler) vectors(dst []float32, cols, line int) bool {
	lanes := u.kernel.Tile.Lanes
	return !u.pixels() && cols%lanes == 0 && line%lanes == 0 && move.Unaligned(dst, lanes) == 0
}

// blocks writes n rows of the blocks of a piece, from one on, to dst; past is 1 where they go
// past the caches.
func (u *unpooler) blocks(c *call, dst []float32, p piece, first, n, past int) {
	if u.pixels() {
		u.pixelBlocks(c, dst, p, first, n)
		return
	}
	_, numbers := u.numbers(c, p.task)
	x, row := &c.ext[2], u.numberRow(c)
	from := (p.plane*c.ext[1].In+p.row+first)*x.In + p.col
	u.kernel.Pool(dst, c.src[from:from+(n-1)*x.In+p.cols], numbers[first*row:(first+n)*row], 1, 0, 0,
		n, 0, p.cols, p.cols*u.block.X, past, x.Out, x.In, 0, row, 0, 0)
}

// taskLen is the number of elements that a task finds out.
func (u *unpooler) taskLen(c *call) int {
	return u.kernel.Tile.Lanes + c.pools.strip*u.numberRow(c)
}
