package runtime

import (
	"fmt"
	"math"
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// unpooler runs the generated kernel of a max_unpool. A call has two parts, of the same
// tasks: strips of rows of planes. The first looks at all indices and writes nothing
// but numbers into memory of the call; the second writes the planes all of whose
// indices lead into their own blocks, which every pooling gives, row by row from the
// numbers. Other planes are the generic path's, and so is an index that leads nowhere.
type unpooler struct {
	unpool
	kernel Kernel
	block  polyphase.Blocks
}

func newUnpooler(l specs.Layer, k Kernel) engine {
	b, err := polyphase.BlocksOf(&l)
	if err != nil {
		panic(fmt.Sprintf("runtime: kernel %s was chosen for %s: %v", k.Name, l.Canonical(), err))
	}
	return &unpooler{unpool{grid{l}}, k, b}
}

// tasks divides the blocks that lie wholly in the output; what is left of a row or a
// plane goes with the strip beside it. Both parts of a call have the same tasks,
// however many goroutines there are for each.
func (u *unpooler) tasks(c *call) {
	s := pools{to: min(c.ext[2].In, c.ext[2].Out/u.block.X)}
	rows := u.wholeRows(c)
	s.strip = min(max(1, rows), max(1, poolWork/(u.block.Y*u.block.X*max(1, s.to))))
	s.strips = max(1, (rows+s.strip-1)/s.strip)
	c.pools, c.halo, c.out = s, 0, 0
	c.count = u.outer(c) * s.strips
}

// wholeRows are the rows of blocks that lie wholly in the output.
func (u *unpooler) wholeRows(c *call) int { return min(c.ext[1].In, c.ext[1].Out/u.block.Y) }

// numberRow is the number of elements that hold the numbers of a row.
func (u *unpooler) numberRow(c *call) int {
	lanes := u.kernel.Tile.Lanes
	return (c.pools.to + lanes - 1) / lanes * max(1, lanes/4)
}

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
			u.refuse(c, task-task%c.pools.strips)
		}
	}
	return all
}

// anySet reports whether a bit is set.
func anySet(lanes []float32) bool {
	return slices.ContainsFunc(lanes, func(v float32) bool { return math.Float32bits(v) != 0 })
}

func (u *unpooler) run(c *call, _ *worker, task int) {
	plane, strip := task/c.pools.strips, task%c.pools.strips
	if c.survey {
		u.look(c, task, plane, strip)
		return
	}
	foreign, _ := u.numbers(c, task-strip)
	switch {
	case !anySet(foreign):
		u.put(c, task, plane, strip)
	case u.spec.Indices == specs.TensorIndices:
		if task == 0 {
			u.scatter(c, 0, 1)
		}
	case strip == 0:
		u.scatter(c, plane, u.outer(c))
	}
}

// rowsOf are the rows of a strip, those of whole blocks and all: the last strip has
// what is left of the plane.
func (u *unpooler) rowsOf(c *call, strip int) (first, whole, all int) {
	first = strip * c.pools.strip
	whole = min(c.pools.strip, u.wholeRows(c)-first)
	if all = whole; strip == c.pools.strips-1 {
		all = c.ext[1].In - first
	}
	return first, whole, all
}

// look numbers the elements that the indices of a strip lead to.
func (u *unpooler) look(c *call, task, plane, strip int) {
	y, x := &c.ext[1], &c.ext[2]
	first, whole, all := u.rowsOf(c, strip)
	from, cols := (plane*y.In+first)*x.In, c.pools.to
	dst, row := c.numbers[task*u.taskLen(c):][:u.taskLen(c)], u.numberRow(c)
	corner := u.corner(c, plane) + first*u.block.Y*x.Out
	end := from + (whole-1)*x.In + cols
	switch {
	case whole == 0 || cols == 0:
		clear(dst)
	case c.Indices != nil:
		u.kernel.Pool(dst[:u.kernel.Tile.Lanes+whole*row], words(c.Indices[from:end]), nil, 0, 1, 0, whole, 0, cols, 2*cols, 0, row, 2*x.In, 0, 0, corner, x.Out)
	default:
		u.kernel.Pool(dst[:u.kernel.Tile.Lanes+whole*row], words(c.Indices32[from:end]), nil, 0, 0, 1, whole, 0, cols, 2*cols, 0, row, x.In, 0, 0, corner, x.Out)
	}
	u.left(c, first, whole, all, func(row, col int) {
		if !u.owns(c, plane, row, col) {
			dst[0] = 1
		}
	})
}

// corner is the index of the first output of a plane.
func (u *unpooler) corner(c *call, plane int) int {
	if u.spec.Indices == specs.PlaneIndices {
		return 0
	}
	return plane * c.ext[1].Out * c.ext[2].Out
}

// left calls f with each input of a strip whose block does not lie wholly in the
// output.
func (u *unpooler) left(c *call, first, whole, all int, f func(row, col int)) {
	for row := first; row < first+all; row++ {
		from := 0
		if row < first+whole {
			from = c.pools.to
		}
		for col := from; col < c.ext[2].In; col++ {
			f(row, col)
		}
	}
}

// index is that of an input, counted from the first output of its plane.
func (u *unpooler) index(c *call, plane, row, col int) int64 {
	i := (plane*c.ext[1].In+row)*c.ext[2].In + col
	if c.Indices != nil {
		return c.Indices[i] - int64(u.corner(c, plane))
	}
	return int64(c.Indices32[i]) - int64(u.corner(c, plane))
}

// owns reports whether the index of an input leads into its own block.
func (u *unpooler) owns(c *call, plane, row, col int) bool {
	at, line := u.index(c, plane, row, col), int64(c.ext[2].Out)
	return at >= 0 && at < int64(c.ext[1].Out)*line &&
		at/line/int64(u.block.Y) == int64(row) && at%line/int64(u.block.X) == int64(col)
}

// put writes the blocks of a strip, and all that is left of a row or a plane.
func (u *unpooler) put(c *call, task, plane, strip int) {
	y, x := &c.ext[1], &c.ext[2]
	first, whole, all := u.rowsOf(c, strip)
	from, cols := (plane*y.In+first)*x.In, c.pools.to
	out := c.dst[plane*y.Out*x.Out:][:y.Out*x.Out]
	top, width := first*u.block.Y, cols*u.block.X
	rows := whole * u.block.Y
	if whole > 0 && cols > 0 {
		_, numbers := u.numbers(c, task)
		dst := out[top*x.Out:][:(rows-1)*x.Out+width]
		u.kernel.Pool(dst, c.src[from:from+(whole-1)*x.In+cols], numbers[:whole*u.numberRow(c)], 1, 0, 0,
			whole, 0, cols, width, 0, x.Out, x.In, 0, u.numberRow(c), 0, 0)
	}
	for row := top; width < x.Out && row < top+rows; row++ {
		clear(out[row*x.Out+width : (row+1)*x.Out])
	}
	if strip == c.pools.strips-1 {
		clear(out[(top+rows)*x.Out:])
	}
	u.left(c, first, whole, all, func(row, col int) {
		out[u.index(c, plane, row, col)] = c.src[(plane*y.In+row)*x.In+col]
	})
}

// taskLen is the number of elements that a task finds out.
func (u *unpooler) taskLen(c *call) int {
	return u.kernel.Tile.Lanes + c.pools.strip*u.numberRow(c)
}
