package runtime

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Scratch is the memory in bytes that Forward keeps for each goroutine beside the
// packed weights: a copy of the inputs of a strip of rows, where the kernel wants
// one, and outputs on their way to dst. It is at most the layer's input with the
// zeros around it, and one MiB. What a resize_conv keeps once for a call, its enlarged
// input, is not counted.
func (l *Layer) Scratch(s Shape) (bytes int, err error) {
	e, err := resolve(&l.spec, s)
	if err != nil {
		return 0, err
	}
	src, dst, err := e.lengths(&l.spec, s.Batch)
	if err != nil {
		return 0, err
	}
	c := newCall(l)
	c.begin(s.Batch, e, src+dst)
	floats := 0
	for _, n := range []int{1, c.goroutines()} { // the first where there is no help
		c.plan(n)
		floats = max(floats, c.halo+c.out)
	}
	const float32Bytes = 4
	return float32Bytes * floats, nil
}

// Scratch is what Layer.Scratch is for a layer that runs on kernel k with one
// goroutine. It needs no weights. Errors name what is wrong with the layer or the
// shape; k must be a kernel for it.
func (k Kernel) Scratch(l specs.Layer, s Shape) (bytes int, err error) {
	if err := checkLayer(l); err != nil {
		return 0, err
	}
	if !k.serves(l) {
		return 0, fmt.Errorf("runtime: kernel %s does not serve %s", k.Name, l.Canonical())
	}
	if !l.Op.Weighted() {
		layer := Layer{spec: l, kernel: k, threads: 1, grain: defaultGrain, engine: newMover(l, k)}
		return layer.Scratch(s)
	}
	engine, w := withoutWeights(l, k)
	weights := w.Groups * w.In * w.Out * w.KernelY * w.KernelX
	layer := Layer{spec: l, kernel: k, weights: weights, threads: 1, grain: defaultGrain, engine: engine}
	return layer.Scratch(s)
}
