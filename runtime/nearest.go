package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// nearest repeats the input that its maps say.
type nearest struct{ grid }

func newNearest(l specs.Layer, _ parameters) engine { return &nearest{grid{l}} }

// maps are what the axes of a resize read, worked out for the sizes of a call and
// kept while they stay.
type maps struct {
	of      extents
	index   [specs.MaxRank][]int
	pairs   [specs.MaxRank][]polyphase.Pair
	lerps   [specs.MaxRank][]lerp
	spreads []lerp // of the elements of pixels along x
	linear  linearMap
}

// tasks makes one task of each row, and works out the maps.
func (g *nearest) tasks(c *call) {
	g.rows(c)
	c.maps.locate(c.ext, g.spec.Coordinate, g.spec.Rounding)
}

// locate works out the maps of a nearest resize, and reports whether they are other
// ones than before.
func (m *maps) locate(e extents, at specs.Coordinate, r specs.Rounding) bool {
	if m.of == e {
		return false
	}
	m.of = e
	for i, e := range e {
		m.index[i] = room(m.index[i], e.Out)
		polyphase.NearestMap(m.index[i], e.In, at, r)
	}
	return true
}

// room returns a slice of n elements, in the memory of s if that is enough.
func room[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func (g *nearest) run(c *call, _ *worker, task int) {
	plane, oz, oy := g.place(c, task)
	row, src := g.row(c, task), g.input(c, plane, c.maps.index[0][oz], c.maps.index[1][oy])
	n := g.inner()
	if n == 1 {
		for o, i := range c.maps.index[2] {
			row[o] = src[i]
		}
		return
	}
	for o, i := range c.maps.index[2] {
		move.Copy(row[o*n:][:n], src[i*n:])
	}
}
