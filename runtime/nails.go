package runtime

import (
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// nails puts every input into the first place of a block of zeros.
type nails struct{ grid }

func newNails(l specs.Layer, _ parameters) engine { return &nails{grid{l}} }

func (g *nails) tasks(c *call) { g.rows(c) }

func (g *nails) run(c *call, _ *worker, task int) {
	plane, oz, oy := g.place(c, task)
	row := g.row(c, task)
	move.Clear(row)
	z, y, x := c.ext[0].Scale, c.ext[1].Scale, c.ext[2].Scale
	if oz%z != 0 || oy%y != 0 {
		return
	}
	n := g.inner()
	src := g.input(c, plane, oz/z, oy/y)
	for at := 0; len(src) > 0; at += x * n {
		move.Copy(row[at:][:n], src)
		src = src[n:]
	}
}
