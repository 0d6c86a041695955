package runtime

import (
	"math"

	"github.com/upconv/upconv/specs"
)

// pool finds the largest input of each window: of equal ones the first, in the
// order of z, y and x; NaN is larger than any number.
type pool struct{ grid }

func newPool(l specs.Layer, _ parameters) engine { return &pool{grid{l}} }

func (g *pool) tasks(c *call) { g.rows(c) }

// window is the part of a window that lies inside the input on one axis.
type window struct{ first, step, count int }

func windowOf(e *specs.Extent, o int) window {
	start, skip := o*e.Stride-e.PadBegin, 0
	if start < 0 {
		skip = (-start + e.Dilation - 1) / e.Dilation
	}
	w := window{start + skip*e.Dilation, e.Dilation, e.Kernel - skip}
	if w.first+(w.count-1)*w.step >= e.In {
		w.count = (e.In-1-w.first)/w.step + 1
	}
	return w
}

func (g *pool) run(c *call, _ *worker, task int) { g.columns(c, task, 0, c.ext[2].Out) }

// columns computes some pixels of the row of outputs of a task.
func (g *pool) columns(c *call, task, from, to int) {
	plane, oz, oy := g.place(c, task)
	n := g.inner()
	row := g.row(c, task)
	var indices []int64
	if c.Indices != nil {
		indices = c.Indices[task*len(row):][:len(row)]
	}
	z, y := windowOf(&c.ext[0], oz), windowOf(&c.ext[1], oy)
	for ox := from; ox < to; ox++ {
		x := windowOf(&c.ext[2], ox)
		if n == 1 {
			at := g.largest(c, plane, z, y, x)
			row[ox] = c.src[at]
			if indices != nil {
				indices[ox] = int64(g.index(c, plane, at))
			}
			continue
		}
		largest := best{row[ox*n:][:n], nil, false}
		if indices != nil {
			largest.indices = indices[ox*n:][:n]
		}
		g.windows(c, plane, z, y, x, &largest)
	}
}

// best are the maxima of a pixel so far.
type best struct {
	values  []float32
	indices []int64 // nil: not wanted
	started bool
}

// largest is the place in src of the maximum of a window, where the elements of a
// row are neighbours.
func (g *pool) largest(c *call, plane int, z, y, x window) (at int) {
	best, size := int32(math.MinInt32), &c.ext
	for kz := range z.count {
		for ky := range y.count {
			i := ((plane*size[0].In+z.first+kz*z.step)*size[1].In+y.first+ky*y.step)*size[2].In + x.first
			for range x.count {
				if r := rank(c.src[i]); r > best {
					at, best = i, r
				}
				i += x.step
			}
		}
	}
	return at
}

// rank is larger for what is larger, as pool has it: all zeros are equal, and so are all NaN,
// which are larger than any number. Integers are chosen without a branch that cannot be
// foreseen.
func rank(v float32) int32 {
	if v != v {
		return math.MaxInt32
	}
	bits := int32(math.Float32bits(v + 0)) // -0 + 0 is 0
	return bits ^ bits>>31&math.MaxInt32   // negative numbers the other way round
}

// index is what the layer calls pixel at of src, which lies in the given plane.
func (g *pool) index(c *call, plane, at int) int {
	if g.spec.Indices == specs.PlaneIndices {
		return at - plane*c.ext[0].In*c.ext[1].In*c.ext[2].In
	}
	return at * g.inner()
}

// windows looks at all inputs of a window.
func (g *pool) windows(c *call, plane int, z, y, x window, to *best) {
	size, n := &c.ext, g.inner()
	for kz := range z.count {
		for ky := range y.count {
			line := ((plane*size[0].In+z.first+kz*z.step)*size[1].In + y.first + ky*y.step) * size[2].In
			for kx := range x.count {
				at := line + x.first + kx*x.step
				to.offer(c.src[at*n:][:n], g.index(c, plane, at), g.spec.Indices == specs.TensorIndices)
			}
		}
	}
}

// offer takes what is larger than the maxima so far. The index is that of every
// channel of the pixel, or of the first of them.
func (b *best) offer(values []float32, index int, perChannel bool) {
	for i, v := range values {
		old := b.values[i]
		if b.started && !(v > old || v != v && old == old) {
			continue
		}
		b.values[i] = v
		if b.indices != nil {
			b.indices[i] = int64(index)
			if perChannel {
				b.indices[i] += int64(i)
			}
		}
	}
	b.started = true
}
