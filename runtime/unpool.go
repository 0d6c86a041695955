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

// scatter clears one of so many parts of the call's outputs and puts the inputs there.
func (g *unpool) scatter(c *call, task, parts int) {
	dst, src := len(c.dst)/parts, len(c.src)/parts
	to, values := c.dst[task*dst:][:dst], c.src[task*src:][:src]
	move.Clear(to)
	n := g.inner()
	if g.spec.Indices == specs.TensorIndices {
		n = 0
	}
	if c.Indices != nil {
		put(to, values, c.Indices[task*src:][:src], n)
	} else {
		put(to, values, c.Indices32[task*src:][:src], n)
	}
}

// put stores the values of pixels of n channels; with n of 0 indices count elements.
func put[T int32 | int64](to, values []float32, indices []T, n int) {
	if n <= 1 {
		for i, at := range indices {
			to[at] = values[i]
		}
		return
	}
	for i := 0; i < len(values); i += n {
		for ch, at := range indices[i : i+n] {
			to[int(at)*n+ch] = values[i+ch]
		}
	}
}
