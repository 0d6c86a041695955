package kerneltest

import (
	"math"

	"github.com/upconv/upconv/runtime/activate"
	"github.com/upconv/upconv/specs"
)

// function is an activation as the definition has it, in float64.
type function struct {
	of func(v float64) float64
	// steep is the largest |of(a)-of(b)| / |a-b|.
	steep float64
	// ulps is the error of the float32 function, in units of the last place; 0 for
	// one that only chooses.
	ulps float64
}

// choosers are the activations that return exactly one of their operands.
func choosers(f specs.Function) bool {
	return f == specs.None || f == specs.ReLU || f == specs.ReLU6 || f == specs.Clamp
}

// function is the activation of an output channel.
func (p *problem) function(d *Data, oc int) function {
	a := p.layer.Activation
	switch a.Function {
	case specs.ReLU:
		return function{limit(0, math.Inf(1)), 1, 0}
	case specs.ReLU6:
		return function{limit(0, 6), 1, 0}
	case specs.Clamp:
		return function{limit(float64(a.A), float64(a.B)), 1, 0}
	case specs.LeakyReLU:
		return leaky(float64(a.A))
	case specs.PReLU:
		return leaky(float64(d.Slopes[oc]))
	case specs.Sigmoid:
		return function{func(v float64) float64 { return math.Exp(min(v, 0)) / (1 + math.Exp(-math.Abs(v))) }, 0.25, activate.MaxSigmoid}
	case specs.Tanh:
		return function{math.Tanh, 1, activate.MaxTanh}
	}
	return function{func(v float64) float64 { return v }, 1, 0}
}

func leaky(slope float64) function {
	return function{func(v float64) float64 {
		if v < 0 {
			return slope * v
		}
		return v
	}, max(1, math.Abs(slope)), 0.5}
}

func limit(lo, hi float64) func(float64) float64 {
	return func(v float64) float64 { return min(max(v, lo), hi) }
}

// finishExact adds the residual to the sums of one output plane, whose first
// element is e.Exact[from], and applies the activation.
func (p *problem) finishExact(plane int, d *Data, e *Expect, from int) {
	for i := range p.outPlane {
		if p.layer.Add {
			e.Exact[from+i] += float64(d.Residual[p.at(plane, i)])
			e.Partial[from+i] += math.Abs(e.Exact[from+i])
		}
	}
	if p.layer.Activation.Function == specs.None {
		return
	}
	f := p.function(d, plane%p.layer.OutChannels)
	for i := range p.outPlane {
		e.Exact[from+i] = f.of(e.Exact[from+i])
	}
	e.acts = append(e.acts, f)
}

// through is the bound of an output whose sum has the given bound: the function may
// steepen an error, and rounds once more.
func (f function) through(bound, exact float64) float64 {
	bound *= f.steep
	const place = 2 * unit // of a number just above a power of two
	return bound + f.ulps*max(place*(math.Abs(exact)+bound), 2*tiny)
}

// finishBits does what finishExact does in float32.
func (p *problem) finishBits(plane int, d *Data, out []float32) {
	if p.layer.Add {
		for i := range out {
			out[i] += d.Residual[p.at(plane, i)]
		}
	}
	slopes := []float32{0}
	if d.Slopes != nil {
		slopes[0] = d.Slopes[plane%p.layer.OutChannels]
	}
	activate.Apply(p.layer.Activation, out, slopes)
}
