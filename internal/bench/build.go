package bench

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"time"

	"github.com/upconv/upconv/runtime"
)

// BuildResult is what it takes to build a layer once: choosing a kernel and packing
// the weights, beside a plain copy of them into new memory.
type BuildResult struct {
	Layer     string  `json:"layer"`
	Kernel    string  `json:"kernel"`
	ISA       string  `json:"isa"`
	Weights   int64   `json:"weights"`    // bytes
	BuildNS   int64   `json:"build_ns"`   // median
	CopyNS    int64   `json:"copy_ns"`    // median
	TimesCopy float64 `json:"times_copy"` // median over the rounds of the ratio of both
}

// Build times building a case on the paths of o that exist for it, in turns with
// copies of its weights.
func Build(ctx context.Context, c Case, o Options) ([]BuildResult, error) {
	n, err := c.weights()
	if err != nil {
		return nil, err
	}
	reg, err := runtime.NewRegistry(o.Kernels)
	if err != nil {
		return nil, err
	}
	weights := noise(n)
	var results []BuildResult
	for _, isa := range o.ISAs {
		l, err := reg.New(c.Layer, weights, nil, runtime.WithISA(isa))
		if err != nil {
			continue // this path does not exist for the layer or the processor
		}
		r := BuildResult{Layer: c.Name, Kernel: l.Kernel(), ISA: isa, Weights: int64(4 * n)}
		if err := r.time(ctx, reg, c, weights, o); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	if len(results) == 0 {
		return nil, fmt.Errorf("bench: %s: no path of %v exists", c.Name, o.ISAs)
	}
	return results, nil
}

// time takes the medians over the rounds; a round takes the medians over its turns.
func (r *BuildResult) time(ctx context.Context, reg *runtime.Registry, c Case, weights []float32, o Options) error {
	var builds, copies, ratios []float64
	var copied []float32
	defer goruntime.KeepAlive(copied)
	for range o.Rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		var build, plain []float64
		for start := time.Now(); len(build) == 0 || time.Since(start) < o.Slice; {
			before := time.Now()
			copied = slices.Clone(weights)
			between := time.Now()
			if _, err := reg.New(c.Layer, weights, nil, runtime.WithISA(r.ISA)); err != nil {
				return err
			}
			build = append(build, float64(time.Since(between)))
			plain = append(plain, float64(between.Sub(before)))
		}
		builds, copies = append(builds, median(build)), append(copies, median(plain))
		ratios = append(ratios, median(build)/median(plain))
	}
	r.BuildNS, r.CopyNS, r.TimesCopy = int64(median(builds)), int64(median(copies)), median(ratios)
	return nil
}
