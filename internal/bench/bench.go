package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/upconv/upconv/internal/peak"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Result is one layer on one path. Rates count two operations for every pair of
// an input and a weight, also for those that padding crops away; bytes are those
// of input, weights and output, once each.
type Result struct {
	Layer      string  `json:"layer"`
	Kernel     string  `json:"kernel"`
	ISA        string  `json:"isa"`
	Threads    int     `json:"threads"`
	NS         int64   `json:"ns"` // median
	FLOPs      int64   `json:"flops"`
	Bytes      int64   `json:"bytes"`
	GFLOPS     float64 `json:"gflops"`
	PeakGFLOPS float64 `json:"peak_gflops"` // of the kernel's instruction set, one thread; of the widest for go and generic
	CopyGBs    float64 `json:"copy_gbs"`    // copying arrays of the output's size, one thread
	Share      float64 `json:"share"`       // median over the rounds of GFLOPS / (PeakGFLOPS * threads)
}

// Options say how long and on what to measure.
type Options struct {
	Kernels []runtime.Kernel
	ISAs    []string
	Threads int
	Rounds  int           // rounds of a layer; each also measures the machine
	Slice   time.Duration // least time of one measurement
}

// Run times a case on the paths of o that exist for it, in turns.
func Run(ctx context.Context, c Case, o Options) ([]Result, error) {
	runs, err := prepare(c, o)
	if err != nil {
		return nil, err
	}
	for range o.Rounds {
		for i := range runs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := runs[i].round(o.Slice); err != nil {
				return nil, err
			}
		}
	}
	var results []Result
	for i := range runs {
		results = append(results, runs[i].result(c, o))
	}
	return results, nil
}

// timing is one path of a case while it is measured.
type timing struct {
	layer         *runtime.Layer
	shape         runtime.Shape
	dst, src      []float32
	flops         float64
	threads       int
	ns, peak, gbs []float64 // one a round
	share         []float64
}

func prepare(c Case, o Options) ([]timing, error) {
	reg, err := runtime.NewRegistry(o.Kernels)
	if err != nil {
		return nil, err
	}
	weights, ok := specs.Product(c.Layer.WeightsShape()...)
	if !ok {
		return nil, fmt.Errorf("bench: %s: the weights are too large", c.Name)
	}
	w := noise(weights)
	var runs []timing
	for _, isa := range o.ISAs {
		l, err := reg.New(c.Layer, w, nil, runtime.WithISA(isa), runtime.WithThreads(o.Threads))
		if err != nil {
			continue // this path does not exist for the layer or the processor
		}
		t, err := newTiming(l, c, o.Threads)
		if err != nil {
			return nil, err
		}
		runs = append(runs, t)
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("bench: %s: no path of %v exists", c.Name, o.ISAs)
	}
	return runs, nil
}

func newTiming(l *runtime.Layer, c Case, threads int) (timing, error) {
	srcLen, err := l.SrcLen(c.Shape)
	if err != nil {
		return timing{}, err
	}
	dstLen, err := l.DstLen(c.Shape)
	return timing{layer: l, shape: c.Shape, dst: make([]float32, dstLen), src: noise(srcLen), flops: float64(c.FLOPs()), threads: threads}, err
}

// FLOPs are the operations of a case.
func (c Case) FLOPs() int64 {
	n := int64(2 * c.Shape.Batch)
	for _, d := range c.Layer.WeightsShape() {
		n *= int64(d)
	}
	for _, d := range c.Shape.Input[:c.Layer.Rank] {
		n *= int64(d)
	}
	return n
}

// round times the layer and the machine in turns, for about slice.
func (t *timing) round(slice time.Duration) error {
	t.gbs = append(t.gbs, peak.Copy(len(t.dst), slice/4))
	var ns, rates []float64
	for start := time.Now(); len(ns) == 0 || time.Since(start) < slice; {
		rate, ok := peak.FMA(t.layer.ISA())
		if !ok {
			rate, _ = peak.FMA(peak.Best())
		}
		s := time.Now()
		if err := t.layer.Forward(t.dst, t.src, t.shape); err != nil {
			return err
		}
		ns = append(ns, float64(time.Since(s).Nanoseconds()))
		rates = append(rates, rate)
	}
	t.ns = append(t.ns, median(ns))
	t.peak = append(t.peak, median(rates))
	if rate := median(rates); rate > 0 {
		t.share = append(t.share, t.flops/median(ns)/(rate*float64(t.threads)))
	}
	return nil
}

func (t *timing) result(c Case, o Options) Result {
	ns := median(t.ns)
	weights, _ := specs.Product(c.Layer.WeightsShape()...)
	return Result{
		Layer: c.Name, Kernel: t.layer.Kernel(), ISA: t.layer.ISA(), Threads: o.Threads,
		NS: int64(ns), FLOPs: c.FLOPs(), Bytes: int64(4 * (len(t.src) + len(t.dst) + weights)),
		GFLOPS: t.flops / ns, PeakGFLOPS: median(t.peak), CopyGBs: median(t.gbs), Share: median(t.share),
	}
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
