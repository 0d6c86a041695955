package runtime

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Layer is a layer ready to run: a kernel and packed weights. It is immutable
// and may be used from many goroutines at once.
type Layer struct {
	spec    specs.Layer
	kernel  Kernel
	weights int // how many there are
	threads int
	grain   grain
	cache   int // bytes of outputs above which they are written past the caches; 0: never
	engine  engine
	idle    idle
	rest    []*Layer // of three axes those of the other z phases, which run one after the other
}

// engine computes a layer on one path.
type engine interface {
	// tasks splits a call for c.n goroutines into parts that write different outputs.
	tasks(c *call)
	// run computes one part in a worker's scratch memory.
	run(c *call, w *worker, task int)
}

// starter is an engine with something to do before the tasks of a call, whose sizes
// are c.asked: it may refuse the arguments, and nothing is written yet.
type starter interface{ start(c *call) error }

func newLayer(spec specs.Layer, k Kernel, p parameters, o options) *Layer {
	engines := []engine{nil}
	switch {
	case k.ISA == "generic":
		engines[0] = newGeneric(spec, p)
	case !spec.Op.Weighted():
		engines[0] = newUnweighted(spec, k)
	default:
		engines = newTiled(spec, k, p)
	}
	return layerOf(spec, k, len(p.weights), o, engines)
}

// layerOf is a layer of so many weights that engines compute one after the other.
func layerOf(spec specs.Layer, k Kernel, weights int, o options, engines []engine) *Layer {
	l := &Layer{spec: spec, kernel: k, weights: weights / len(engines), threads: o.threads, grain: defaultGrain, cache: o.cache, engine: engines[0]}
	for _, e := range engines[1:] {
		l.rest = append(l.rest, layerOf(spec, k, l.weights, o, []engine{e}))
	}
	return l
}

// Spec is the layer as it was specified.
func (l *Layer) Spec() specs.Layer { return l.spec }

// Kernel is the name of the kernel that runs.
func (l *Layer) Kernel() string { return l.kernel.Name }

// ISA is the instruction set of the kernel that runs.
func (l *Layer) ISA() string { return l.kernel.ISA }

// OutputShape is the shape of the output for an input of the given shape.
func (l *Layer) OutputShape(s Shape) (Shape, error) {
	e, err := resolve(&l.spec, s)
	if err != nil {
		return Shape{}, err
	}
	out := Shape{Batch: s.Batch}
	for i := range l.spec.Rank {
		out.Input[i] = e[specs.MaxRank-l.spec.Rank+i].Out
	}
	return out, nil
}

// SrcLen is the number of input elements: batch * C_in * spatial sizes.
func (l *Layer) SrcLen(s Shape) (int, error) {
	n, _, err := l.lengths(s)
	return n, err
}

// DstLen is the number of output elements: batch * C_out * spatial sizes.
func (l *Layer) DstLen(s Shape) (int, error) {
	_, n, err := l.lengths(s)
	return n, err
}

func (l *Layer) lengths(s Shape) (src, dst int, err error) {
	e, err := resolve(&l.spec, s)
	if err != nil {
		return 0, 0, err
	}
	return e.lengths(&l.spec, s.Batch)
}

// Forward computes dst [N, C_out, out...] from src [N, C_in, in...], or with the
// layout NHWC dst [N, out..., C_out] from src [N, in..., C_in]. dst may hold
// anything before; it must not overlap src. Errors leave dst untouched:
// a shape the layer cannot have, a slice of the wrong length (both lengths are
// named), overlapping slices. After the first call of a shape Forward allocates
// nothing but the helpers that it may start (see WithThreads).
//
// Layers that take more than src are run with Run.
func (l *Layer) Forward(dst, src []float32, s Shape) error {
	return l.Run(Args{Dst: dst, Src: src}, s)
}

// product spells the size of an array in the order of the layout.
func (l *Layer) product(batch, channels, z, y, x int) string {
	if l.spec.Layout == specs.NHWC {
		return fmt.Sprintf("batch %d * sizes %d*%d*%d * channels %d", batch, z, y, x, channels)
	}
	return fmt.Sprintf("batch %d * channels %d * sizes %d*%d*%d", batch, channels, z, y, x)
}
