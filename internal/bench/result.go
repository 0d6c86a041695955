package bench

// Result is one layer on one path. Rates count two operations for every pair of
// an input and a weight, also for those that padding crops away; bytes are those
// of input, indices, weights and output, once each. All limits are measured in the same
// rounds, by as many pinned threads as the layer has.
type Result struct {
	Layer       string  `json:"layer"`
	Kernel      string  `json:"kernel"`
	ISA         string  `json:"isa"`
	Threads     int     `json:"threads"`
	NS          int64   `json:"ns"` // median
	FLOPs       int64   `json:"flops"`
	Bytes       int64   `json:"bytes"`
	GFLOPS      float64 `json:"gflops"`
	PeakGFLOPS  float64 `json:"peak_gflops"`            // multiply-adds of the path's instruction set; of the widest where it has none
	CopyGBs     float64 `json:"copy_gbs"`               // read and written while arrays of the output's size are copied
	OutputGBs   float64 `json:"output_gbs"`             // as if the layer had copied its output; of one that moves values, what it reads and writes
	Bound       Bound   `json:"bound"`                  // the limit that is nearer
	Share       float64 `json:"share"`                  // of that limit, median over the rounds
	Scaling     float64 `json:"scaling,omitempty"`      // time on one thread over that on Threads
	PeakScaling float64 `json:"peak_scaling,omitempty"` // rate of Threads multiply-add loops over that of one
	TimesLoop   float64 `json:"times_loop,omitempty"`   // time of the plain loop over NS
}

// Bound is a limit of the machine.
type Bound string

const (
	BoundFMA  Bound = "fma"  // the peak of multiply-adds
	BoundCopy Bound = "copy" // copying an array of the output's size
	BoundNone Bound = ""     // the peak cannot be measured
)

// bound is the limit that takes longer: flops at rate peak, or a copy of floats at
// gbs.
func bound(flops, peak float64, floats int, gbs float64) Bound {
	switch {
	case peak == 0:
		return BoundNone
	case copyBytes(floats)/gbs > flops/peak:
		return BoundCopy
	default:
		return BoundFMA
	}
}

// copyBytes are those that copying n floats reads and writes.
func copyBytes(n int) float64 { return 8 * float64(n) }

// bytes are those that a layer's rate counts where copying limits it: as if it had
// copied its output, or of a layer that moves values those that it has to move.
func (t *timing) bytes() float64 {
	if !t.a.c.Layer.Op.Weighted() {
		return 4*float64(len(t.a.src)+len(t.a.dst)) + 8*float64(len(t.a.indices))
	}
	return copyBytes(len(t.a.dst))
}

// result sums up a timing.
func (t *timing) result(c Case) Result {
	ns := median(t.ns)
	weights, _ := c.weights() // which prepare has checked
	r := Result{
		Layer: c.Name, Kernel: t.kernel, ISA: t.isa, Threads: t.threads, NS: int64(ns), FLOPs: c.FLOPs(),
		Bytes:  int64(4*(len(t.a.src)+len(t.a.dst)+weights) + 8*len(t.a.indices)),
		GFLOPS: float64(c.FLOPs()) / ns, PeakGFLOPS: median(t.peak), CopyGBs: median(t.gbs), OutputGBs: t.bytes() / ns,
		Scaling: median(t.scaling), PeakScaling: median(t.peakScaling),
	}
	r.Bound = bound(float64(r.FLOPs), r.PeakGFLOPS, len(t.a.dst), r.CopyGBs)
	r.Share = t.share(r.Bound, float64(r.FLOPs))
	return r
}

// share is the median over the rounds: each measured the limits anew.
func (t *timing) share(b Bound, flops float64) float64 {
	var shares []float64
	for i, ns := range t.ns {
		switch b {
		case BoundFMA:
			shares = append(shares, flops/ns/t.peak[i])
		case BoundCopy:
			shares = append(shares, t.bytes()/ns/t.gbs[i])
		}
	}
	return median(shares)
}

// compareLoop fills in TimesLoop where the plain loop was timed.
func compareLoop(results []Result) []Result {
	for _, loop := range results {
		if loop.ISA != LoopISA {
			continue
		}
		for i := range results {
			results[i].TimesLoop = float64(loop.NS) / float64(results[i].NS)
		}
	}
	return results
}
