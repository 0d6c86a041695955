package runtime

import (
	"fmt"

	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// unpool puts every input where its index says; all else is 0. Of several inputs
// for one place the last one in the order of memory stays.
type unpool struct{ grid }

func newUnpool(l specs.Layer, _ parameters) engine { return &unpool{grid{l}} }

// start checks every index, as the 64 bits that it has, before anything is
// written.
func (g *unpool) start(c *call) error {
	size, what := c.asked[0].Out*c.asked[1].Out*c.asked[2].Out, "plane"
	if g.spec.Indices == specs.TensorIndices {
		size, what = len(c.dst), "array"
	}
	i, index := beyond(c.Indices, size)
	if c.Indices == nil {
		i, index = beyond(c.Indices32, size)
	}
	if i >= 0 {
		return fmt.Errorf("runtime: index %d is %d; the output %s has %d elements", i, index, what, size)
	}
	return nil
}

// beyond finds the first index outside [0, size): its place, or -1.
func beyond[T int32 | int64](indices []T, size int) (place int, index int64) {
	for i, v := range indices {
		if int64(v) < 0 || int64(v) >= int64(size) {
			return i, int64(v)
		}
	}
	return -1, 0
}

// tasks makes one task of each plane, or of the whole array where an index may lead
// anywhere in it.
func (g *unpool) tasks(c *call) {
	c.count = g.outer(c)
	if g.spec.Indices == specs.TensorIndices {
		c.count = 1
	}
	c.halo, c.out = 0, 0
}

func (g *unpool) run(c *call, _ *worker, task int) { g.scatter(c, task, c.count) }

// scatter puts the inputs of one of so many parts of the call's outputs where they lead.
func (g *unpool) scatter(c *call, task, parts int) {
	dst, src := len(c.dst)/parts, len(c.src)/parts
	to, values := c.dst[task*dst:][:dst], c.src[task*src:][:src]
	if c.Indices != nil {
		follow(g, c, to, values, c.Indices[task*src:][:src])
	} else {
		follow(g, c, to, values, c.Indices32[task*src:][:src])
	}
}

// clearedWork is the number of outputs that are cleared at a time: half of the first level
// cache.
const clearedWork = 4 << 10

// follow clears outputs a few rows ahead of the inputs that lead into them, as those of a
// pooling do: when the values come they are in the cache. Once an input leads farther it
// clears all that is left, as it does at first where a row has more outputs than the cache.
func follow[T int32 | int64](g *unpool, c *call, to, values []float32, indices []T) {
	n, cleared := g.inner(), 0
	rows, width := len(values)/n/c.ext[2].In, n*c.ext[2].In
	if g.spec.Indices == specs.TensorIndices {
		n = 1
	}
	each := len(to) / rows
	if each > clearedWork || len(to) <= clearedWork {
		move.Clear(to)
		put(to, values, indices, n)
		return
	}
	step := max(1, clearedWork/max(1, each))
	for row := 0; row < rows; row += step {
		last := min(row+step, rows)
		from, end := row*width, last*width
		cleared = clearUpTo(to, cleared, g.ahead(c, last-1))
		if from += put(to[:cleared], values[from:end], indices[from:end], n); from < end {
			cleared = clearUpTo(to, cleared, len(to))
			put(to, values[from:end], indices[from:end], n)
		}
	}
	clearUpTo(to, cleared, len(to))
}

// ahead is the end of the outputs that the window of an input in a row of a part has.
func (g *unpool) ahead(c *call, row int) int {
	z, y, x := &c.ext[0], &c.ext[1], &c.ext[2]
	plane := row / y.In / z.In
	rows := (plane*z.Out+windowEnd(z, row/y.In%z.In)-1)*y.Out + windowEnd(y, row%y.In)
	return rows * x.Out * g.inner()
}

// windowEnd is the end of the outputs of an axis that the window of an input has.
func windowEnd(e *specs.Extent, i int) int { return min(e.Out, i*e.Stride-e.PadBegin+e.Kernel) }

// clearUpTo clears the elements up to end of which the first are cleared, and returns how
// many are then.
func clearUpTo(to []float32, cleared, end int) int {
	if end <= cleared {
		return cleared
	}
	move.Clear(to[cleared:end])
	return end
}

// put stores the values of pixels of n channels, up to the first pixel that leads beyond to,
// and returns how many those are; with n of 1 indices count elements.
func put[T int32 | int64](to, values []float32, indices []T, n int) int {
	if n == 1 {
		for i, at := range indices {
			if uint64(at) >= uint64(len(to)) {
				return i
			}
			to[at] = values[i]
		}
		return len(values)
	}
	for i := 0; i < len(values); i += n {
		pixel := values[i:][:n]
		for ch, at := range indices[i:][:len(pixel)] {
			at := int(at)*n + ch
			if uint(at) >= uint(len(to)) {
				return i
			}
			to[at] = pixel[ch]
		}
	}
	return len(values)
}
