package runtime

import "github.com/upconv/upconv/specs"

// lookPixels numbers the elements that the indices of a piece lead to.
func (u *unpooler) lookPixels(c *call, p piece, dst []float32) {
	x, n, row := &c.ext[2], u.inner(), u.numberRow(c)
	from := u.input(c, p.plane, p.row, p.col, 0)
	end := from + (p.rows-1)*x.In*n + p.cols*n
	apart, kind := u.apart(), 0
	if u.spec.Indices == specs.TensorIndices {
		kind = -1
	}
	corner := u.corner(c, p.plane) + (p.row*u.block.Y*x.Out+p.col*u.block.X)*apart
	dst = dst[:u.kernel.Tile.Lanes+(p.rows-1)*row+p.cols*u.numbersOf(n)]
	if c.Indices != nil {
		u.kernel.Pool(dst, words(c.Indices[from:end]), nil, 0, 1, 0, p.rows, 0, n, 2*n, p.cols, row, 2*x.In*n, apart, kind, corner, x.Out*apart)
		return
	}
	u.kernel.Pool(dst, words(c.Indices32[from:end]), nil, 0, 0, 1, p.rows, 0, n, 2*n, p.cols, row, x.In*n, apart, kind, corner, x.Out*apart)
}

// putPixels writes the blocks of a piece; out is its plane.
func (u *unpooler) putPixels(c *call, p piece, out []float32) {
	x, n, row := &c.ext[2], u.inner(), u.numberRow(c)
	_, numbers := u.numbers(c, p.task)
	from := u.input(c, p.plane, p.row, p.col, 0)
	src := c.src[from : from+(p.rows-1)*x.In*n+p.cols*n]
	line, width := x.Out*n, p.cols*u.block.X*n
	at := p.row*u.block.Y*line + p.col*u.block.X*n
	dst := out[at : at+(p.rows*u.block.Y-1)*line+width]
	u.kernel.Pool(dst, src, numbers[:(p.rows-1)*row+p.cols*u.numbersOf(n)], 1, 0, 0,
		p.rows, 0, n, width, p.cols, line, x.In*n, 0, row, 0, 0)
}
