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

// pixelBlocks writes n rows of the blocks of a piece, from one on, to dst.
func (u *unpooler) pixelBlocks(c *call, dst []float32, p piece, first, n int) {
	_, numbers := u.numbers(c, p.task)
	x, inner, row := &c.ext[2], u.inner(), u.numberRow(c)
	from := u.input(c, p.plane, p.row+first, p.col, 0)
	src := c.src[from : from+(n-1)*x.In*inner+p.cols*inner]
	u.kernel.Pool(dst, src, numbers[first*row:(first+n-1)*row+p.cols*u.numbersOf(inner)], 1, 0, 0,
		n, 0, inner, p.cols*u.block.X*inner, p.cols, x.Out*inner, x.In*inner, 0, row, 0, 0)
}
