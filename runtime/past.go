package runtime

import "github.com/upconv/upconv/runtime/move"

// Outputs that are more than the last level cache holds are written past it. A store of
// theirs would first read the line from memory, only to be written back later, and drive out what
// the cache still has a use for. Rows are made in the first level cache, a few at a time,
// and copied from there.

// pastWork is the number of outputs that are made at a time, unless a row has more: a
// quarter of the first level cache.
const pastWork = 2 << 10

// mostPast is the most outputs of a row that the caches near a processor hold well.
const mostPast = 4 * pastWork

// large reports whether the outputs of the call are more than the cache holds.
func (c *call) large() bool {
	const float32Bytes = 4
	outputs := c.batch * c.layer.spec.OutChannels
	for _, e := range c.asked {
		outputs *= e.Out
	}
	return c.layer.cache > 0 && outputs > c.layer.cache/float32Bytes
}

// stage decides whether outputs are written past the caches, and makes room for them. What
// is made together of a row of inputs has so many outputs; whole says that they follow each other in
// dst, and those of the next row them.
func (c *call) stage(row int, whole bool) {
	c.past, c.out = whole && row <= mostPast && c.large(), 0
	if c.past {
		c.out = max(row, pastWork)
	}
}

// stream makes dst, the outputs of so many rows, past the caches: fill makes those of n rows
// from one on.
func (w *worker) stream(m move.Mover, dst []float32, rows int, fill func(out []float32, first, n int)) {
	row := len(dst) / rows
	each := max(1, pastWork/row)
	for first := 0; first < rows; first += each {
		n := min(each, rows-first)
		out := w.out[:n*row]
		fill(out, first, n)
		m.Stream(dst[first*row:][:n*row], out, first+n == rows)
	}
}
