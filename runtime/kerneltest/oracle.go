package kerneltest

import (
	"math"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Expect is what the definition says about the outputs of a layer: the value and
// the largest error that the contract allows.
type Expect struct {
	// Exact holds the outputs [N, C_out, out...], whatever the layer's layout,
	// summed in float64.
	Exact []float64
	// Partial holds for each output the sum of |s_i|, where s_i is the running
	// sum after term i in the documented order.
	Partial []float64
	// Product holds for each output the sum of |x*w|.
	Product []float64
	// Merged holds for each output what rounded sums of weights may change; nil for a
	// path that multiplies with the weights themselves.
	Merged []float64

	problem *problem
	at      []int      // the planes that the slices hold, in order
	acts    []function // of the outputs, for layers with an activation
}

// Oracle computes the layer by its definition: every input element stamps the
// kernel, scaled by its value, onto the output, and stamps add up. src is
// [N, C_in, in...], or [N, in..., C_in] as the layer's layout says, weights are [C_in, C_out/groups, k...], bias is [C_out], or
// nil when the layer has none. It fails when a size does not fit. OracleOf is for
// layers that take more.
func Oracle(l specs.Layer, shape runtime.Shape, src, weights, bias []float32) (*Expect, error) {
	return OracleOf(l, shape, &Data{Src: src, Weights: weights, Bias: bias})
}

// OracleOf is Oracle for the layer's data. A residual, in the layer's layout like
// src, is added to the sums, then the activation is applied.
func OracleOf(l specs.Layer, shape runtime.Shape, d *Data) (*Expect, error) {
	p, err := newProblem(l, shape)
	if err != nil {
		return nil, err
	}
	if err := p.checkWeighted(d); err != nil {
		return nil, err
	}
	return p.expect(p.planes(), d), nil
}

// expect computes the given output planes.
func (p *problem) expect(planes []int, d *Data) *Expect {
	n := len(planes) * p.outPlane
	e := &Expect{
		Exact: make([]float64, n), Partial: make([]float64, n), Product: make([]float64, n),
		problem: p, at: planes,
	}
	src := p.enlarge(d.Src)
	for i, plane := range planes {
		from, to := i*p.outPlane, (i+1)*p.outPlane
		sums := &sums{e.Exact[from:to], e.Partial[from:to], e.Product[from:to]}
		if d.Bias != nil {
			fill(sums.exact, float64(d.Bias[plane%p.layer.OutChannels]))
		}
		p.scatter(plane, src, d.Weights, sums)
		p.finishExact(plane, d, e, from)
	}
	return e
}

// sums are the running sums of one output plane.
type sums struct{ exact, partial, product []float64 }

// add is exact but for the float64 sum: a product of two float32 fits a float64.
func (s *sums) add(base int, row []stamp, w []float32, x float32) {
	for _, k := range row {
		o := base + k.out
		product := float64(x) * float64(w[k.kernel])
		s.exact[o] += product
		s.partial[o] += math.Abs(s.exact[o])
		s.product[o] += math.Abs(product)
	}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}
