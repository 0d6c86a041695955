package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/upconv/upconv/internal/peak"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// Options say how long and on what to measure.
type Options struct {
	Kernels []runtime.Kernel
	ISAs    []string // instruction sets, generic, and LoopISA
	Threads int
	Rounds  int           // rounds of a layer; each also measures the machine
	Slice   time.Duration // least time of one measurement
}

// Run times a case on the paths of o that exist for it, in turns.
func Run(ctx context.Context, c Case, o Options) ([]Result, error) {
	m, err := newMachine(o.Threads)
	if err != nil {
		return nil, err
	}
	defer m.stop()
	runs, err := prepare(c, o)
	if err != nil {
		return nil, err
	}
	for range o.Rounds {
		for i := range runs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := runs[i].round(m, o.Slice); err != nil {
				return nil, err
			}
		}
	}
	var results []Result
	for i := range runs {
		results = append(results, runs[i].result(c))
	}
	return compareLoop(results), nil
}

// Served reports whether one of the kernels runs the case on this processor.
func Served(c Case, kernels []runtime.Kernel) (bool, error) {
	reg, err := runtime.NewRegistry(kernels)
	if err != nil {
		return false, err
	}
	return reg.Candidates(c.Layer, cpu.Detect())[0].ISA != "generic", nil
}

// machine measures the limits that results are held against.
type machine struct{ one, all *peak.Loops }

func newMachine(threads int) (*machine, error) {
	all, err := peak.StartLoops(threads)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	one, err := peak.StartLoops(1)
	return &machine{one: one, all: all}, err
}

func (m *machine) stop() {
	m.one.Stop()
	m.all.Stop()
}

// fma is the rate of an instruction set, or of the widest for paths that have none
// of their own; 0 when nothing can be measured.
func fma(l *peak.Loops, isa string) float64 {
	rate, ok := l.FMA(isa)
	if !ok {
		rate, _ = l.FMA(peak.Best())
	}
	return rate
}

// prepare makes the timings of all paths that exist.
func prepare(c Case, o Options) ([]timing, error) {
	weights, err := c.weights()
	if err != nil {
		return nil, err
	}
	a, err := newArrays(c, noise(weights))
	if err != nil {
		return nil, err
	}
	var runs []timing
	for _, isa := range o.ISAs {
		t, ok, err := newTiming(a, isa, o)
		if err != nil {
			return nil, err
		}
		if ok {
			runs = append(runs, t)
		}
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("bench: %s: no path of %v exists", c.Name, o.ISAs)
	}
	return runs, nil
}

// arrays are what all paths of a case work on.
type arrays struct {
	c                 Case
	dst, src, weights []float32
	indices           []int64 // of a max_unpool, as a max_pool finds them
}

func newArrays(c Case, weights []float32) (arrays, error) {
	l, err := generic(c.Layer, weights)
	if err != nil {
		return arrays{}, err
	}
	srcLen, err := l.SrcLen(c.Shape)
	if err != nil {
		return arrays{}, err
	}
	dstLen, err := l.DstLen(c.Shape)
	if err != nil {
		return arrays{}, err
	}
	a := arrays{c: c, dst: make([]float32, dstLen), src: noise(srcLen), weights: weights}
	if c.Layer.Op == specs.MaxUnpool {
		a.indices, err = pooledIndices(c, dstLen, srcLen)
	}
	return a, err
}

// pooledIndices are those of a max_pool with the windows that a max_unpool undoes, of
// noise.
func pooledIndices(c Case, inputs, outputs int) ([]int64, error) {
	pool, shape := specs.NewLayer(specs.MaxPool, c.Layer.Rank), runtime.Shape{Batch: c.Shape.Batch}
	pool.Indices, pool.Layout, pool.InChannels, pool.OutChannels = c.Layer.Indices, c.Layer.Layout, c.Layer.InChannels, c.Layer.OutChannels
	for i, a := range c.Layer.Spatial() {
		e, err := c.Layer.Extent(i, c.Shape.Input[i])
		if err != nil {
			return nil, err
		}
		pool.Axes[i] = specs.Axis{Kernel: a.Kernel, Stride: a.Stride, Dilation: 1, PadBegin: a.PadBegin, PadEnd: a.PadEnd}
		shape.Input[i] = e.Out
	}
	l, err := generic(pool, nil)
	if err != nil {
		return nil, err
	}
	indices := make([]int64, outputs)
	return indices, l.Run(runtime.Args{Dst: make([]float32, outputs), Src: noise(inputs), Indices: indices}, shape)
}

// generic builds a layer that no kernel is needed for.
func generic(l specs.Layer, weights []float32) (*runtime.Layer, error) {
	reg, err := runtime.NewRegistry()
	if err != nil {
		return nil, err
	}
	return reg.New(l, weights, nil, runtime.WithISA("generic"))
}

// weights is the number of weights of a case.
func (c Case) weights() (int, error) {
	if !c.Layer.Op.Weighted() {
		return 0, nil
	}
	n, ok := specs.Product(c.Layer.WeightsShape()...)
	if !ok {
		return 0, fmt.Errorf("bench: %s: the weights are too large", c.Name)
	}
	return n, nil
}

// FLOPs are the operations of a case: two for each input that meets a weight of a
// conv_transpose, and for each tap of an output of other ops; none where values are
// moved. A resize_conv that merges taps counts what is left of them.
func (c Case) FLOPs() int64 {
	l := &c.Layer
	if !l.Op.Weighted() {
		return 0
	}
	shape := l.WeightsShape()
	n := int64(2*c.Shape.Batch) * int64(shape[0]) * int64(shape[1])
	axes, merges := polyphase.Axes(l)
	for i, in := range c.Shape.Input[:l.Rank] {
		kernel := l.Axes[i].Kernel
		if l.Op == specs.ConvTranspose {
			n *= int64(in * kernel)
			continue
		}
		e, err := l.Extent(i, in)
		if err != nil {
			panic(fmt.Sprintf("bench: %s: %v", c.Name, err)) // cases are valid
		}
		if merges {
			n *= int64(e.Out * axes[i].Taps() / axes[i].OutStride)
		} else {
			n *= int64(e.Out * kernel)
		}
	}
	return n
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// noise is deterministic data in [-0.5, 0.5).
func noise(n int) []float32 {
	s, x := make([]float32, n), uint32(1)
	for i := range s {
		x = x*1664525 + 1013904223
		s[i] = float32(x>>8)/(1<<24) - 0.5
	}
	return s
}
