package runtime

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Scratch is the memory in bytes that Forward keeps for each goroutine beside the
// packed weights: a copy of the inputs of a strip of rows, where the kernel wants
// one, and outputs on their way to dst. It is at most the layer's input with the
// zeros around it, and one MiB; in place of the input of a resize_conv that does not add
// up weights, its enlarged one. What that keeps once for a call on the generic path is
// not counted, nor are the bytes, one for each input, of a max_unpool.
func (l *Layer) Scratch(s Shape) (bytes int, err error) {
	e, err := resolve(&l.spec, s)
	if err != nil {
		return 0, err
	}
	src, dst, err := e.lengths(&l.spec, s.Batch)
	if err != nil {
		return 0, err
	}
	floats := l.scratch(s.Batch, e, src+dst)
	for _, z := range l.rest {
		floats = max(floats, z.scratch(s.Batch, e, src+dst))
	}
	const float32Bytes = 4
	return float32Bytes * floats, nil
}

// scratch is what a goroutine of compute takes, in floats.
func (l *Layer) scratch(batch int, e extents, floats int) int {
	c := newCall(l)
	c.begin(batch, e, floats)
	most := 0
	for _, n := range []int{1, c.goroutines()} { // the first where there is no help
		c.plan(n)
		most = max(most, c.halo+c.out)
	}
	return most
}

// Scratch is what Layer.Scratch is for a layer that runs on kernel k with one
// goroutine. It needs no weights. Errors name what is wrong with the layer or the
// shape; k must be a kernel for it.
func (k Kernel) Scratch(l specs.Layer, s Shape) (bytes int, err error) {
	if err := checkLayer(l, specs.Limits{}); err != nil {
		return 0, err
	}
	if !k.serves(l) {
		return 0, fmt.Errorf("runtime: kernel %s does not serve %s", k.Name, l.Canonical())
	}
	if !l.Op.Weighted() {
		return layerOf(l, k, 0, options{threads: 1}, []engine{newUnweighted(l, k)}).Scratch(s)
	}
	var engines []engine
	weights := 0
	for _, z := range filterDepth(&l) {
		engine, w := withoutWeights(l, k, z)
		weights += w.Groups * w.In * w.Out * w.KernelY * w.KernelX
		engines = append(engines, engine)
	}
	return layerOf(l, k, weights, options{threads: 1}, engines).Scratch(s)
}
