package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// bilinear weighs two inputs of each axis: along x, then along y, then along z,
// each as a*(1-w) + b*w with both products and the sum rounded, on every path. An
// output that lies on an input is that input.
type bilinear struct{ grid }

// lerp is one output of an axis: in[first]*keep + in[second]*add. Both are one
// input, and add is 0, where only that counts.
type lerp struct {
	first, second int
	keep, add     float32
}

func newBilinear(l specs.Layer, _ parameters) engine { return &bilinear{grid{l}} }

// tasks makes one task of each row, with room for two more rows, and works out the
// maps.
func (g *bilinear) tasks(c *call) {
	g.rows(c)
	c.halo = 2 * c.ext[2].Out * g.inner()
	c.maps.resolve(c.ext, g.spec.Coordinate)
}

// resolve works out the maps of a linear resize, and reports whether they are other
// ones than before.
func (m *maps) resolve(e extents, at specs.Coordinate) bool {
	if m.of == e {
		return false
	}
	m.of = e
	for i, e := range e {
		m.pairs[i] = room(m.pairs[i], e.Out)
		m.lerps[i] = room(m.lerps[i], e.Out)
		polyphase.LinearMap(m.pairs[i], e.In, at)
		lerpsOf(m.lerps[i], m.pairs[i])
	}
	return true
}

// lerpsOf are pairs with their weights in float32.
func lerpsOf(lerps []lerp, pairs []polyphase.Pair) {
	for o, p := range pairs {
		lerps[o] = lerp{p.First, p.Second, ratio(p.Weight.Den-p.Weight.Num, p.Weight.Den), ratio(p.Weight.Num, p.Weight.Den)}
	}
}

// ratio is the float32 nearest to a fraction.
func ratio(num, den int64) float32 { return float32(float64(num) / float64(den)) }

func (g *bilinear) run(c *call, w *worker, task int) {
	plane, oz, oy := g.place(c, task)
	row := g.row(c, task)
	z := c.maps.lerps[0][oz]
	g.alongY(c, w, row, plane, z.first, oy)
	if z.add != 0 {
		other := w.halo[len(row):][:len(row)]
		g.alongY(c, w, other, plane, z.second, oy)
		mix(row, other, z)
	}
}

// alongY computes row oy of plane iz of the inputs.
func (g *bilinear) alongY(c *call, w *worker, row []float32, plane, iz, oy int) {
	y := c.maps.lerps[1][oy]
	g.alongX(c, row, g.input(c, plane, iz, y.first))
	if y.add != 0 {
		other := w.halo[:len(row)]
		g.alongX(c, other, g.input(c, plane, iz, y.second))
		mix(row, other, y)
	}
}

// alongX computes a row of outputs from one row of inputs.
func (g *bilinear) alongX(c *call, row, src []float32) {
	n := g.inner()
	if n == 1 {
		alongLine(row, src, c.maps.lerps[2])
		return
	}
	for o, x := range c.maps.lerps[2] {
		to, a, b := row[o*n:][:n], src[x.first*n:][:n], src[x.second*n:][:n]
		if x.add == 0 {
			move.Copy(to, a)
			continue
		}
		for i, v := range a {
			to[i] = float32(v*x.keep) + float32(b[i]*x.add)
		}
	}
}

// alongLine is alongX where the elements of a row are neighbours.
func alongLine(row, src []float32, lerps []lerp) {
	for o, x := range lerps {
		v := src[x.first]
		if x.add != 0 {
			v = float32(v*x.keep) + float32(src[x.second]*x.add)
		}
		row[o] = v
	}
}

// mix weighs row against other.
func mix(row, other []float32, by lerp) {
	for i, v := range row {
		row[i] = float32(v*by.keep) + float32(other[i]*by.add)
	}
}
