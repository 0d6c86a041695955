package runtime

import "github.com/upconv/upconv/specs"

// grid sees arrays of either layout as planes of pixels: [outer, z, y, x, inner],
// where outer is N*C and inner 1, or with NHWC outer is N and inner C. Layers that
// treat every channel alike are the same for both.
type grid struct{ spec specs.Layer }

// inner is the number of neighbours that a pixel has in memory, itself included.
func (g *grid) inner() int {
	if g.spec.Layout == specs.NHWC {
		return g.spec.InChannels
	}
	return 1
}

// outer is the number of planes of a call.
func (g *grid) outer(c *call) int { return c.batch * g.spec.InChannels / g.inner() }

// rows makes one task of each row of outputs.
func (g *grid) rows(c *call) {
	c.count = g.outer(c) * c.ext[0].Out * c.ext[1].Out
	c.halo, c.out = 0, 0
}

// place is the plane and the row of outputs of a task.
func (g *grid) place(c *call, task int) (plane, oz, oy int) {
	y, z := c.ext[1].Out, c.ext[0].Out
	return task / y / z, task / y % z, task % y
}

// row is the row of outputs of a task.
func (g *grid) row(c *call, task int) []float32 {
	n := c.ext[2].Out * g.inner()
	return c.dst[task*n:][:n]
}

// input is row (iz, iy) of a plane of inputs.
func (g *grid) input(c *call, plane, iz, iy int) []float32 {
	n := c.ext[2].In * g.inner()
	return c.src[((plane*c.ext[0].In+iz)*c.ext[1].In+iy)*n:][:n]
}
