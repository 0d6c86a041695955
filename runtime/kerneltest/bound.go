package kerneltest

import "math"

const (
	unit      = 0x1p-24  // u: the largest relative error of one float32 rounding
	tiny      = 0x1p-150 // the largest absolute error of one rounding to a denormal
	unit64    = 0x1p-53  // u of the oracle's own float64 sums
	noProduct = 0        // a fused multiply-add does not round its product
)

// Bound is the running error bound of output i: |got - Exact[i]| <= Bound.
//
// With K terms, running sums s_i and u = 2^-24, a kernel that fuses (one rounding
// for each term) stays within
//
//	u * sum|s_i| * (1 + K*u) + K*2^-150
//
// and one that rounds the product first, then the sum, within
//
//	u * (sum|s_i| + sum|x*w|) * (1 + K*u) + K*2^-150
//
// A rounding errs by u relative to its result, or by 2^-150, half the distance of
// two denormals, where that is more. Float32 sums that are denormal are exact, so
// each term errs absolutely at most once: in the fused sum or in the product. The
// oracle rounds too: 2^-53 * sum|s_i| is added for it. A residual is one more term
// of the sums. An activation multiplies the bound by its steepest slope and adds
// its own error. A kernel that adds up weights before it multiplies, with the running
// sums t_j of the second weight on, adds u*|x|*sum|t_j| for each term: its sums are of
// other numbers. An output without any
// term is its bias exactly: the bound is 0.
func (e *Expect) Bound(i int, fused bool) float64 {
	k := float64(e.Terms(i))
	if e.problem.layer.Add {
		k++
	}
	product := e.Product[i]
	if fused {
		product = noProduct
	}
	bound := unit*(e.Partial[i]+product)*(1+k*unit) + k*tiny + unit64*e.Partial[i]
	if e.Merged != nil {
		bound += e.Merged[i]
	}
	if e.acts != nil {
		return e.acts[i/e.problem.outPlane].through(bound, e.Exact[i])
	}
	return bound
}

// Terms is the number of products that output i adds up.
func (e *Expect) Terms(i int) int { return e.problem.termsAt(i % e.problem.outPlane) }

// Within holds the outputs dst, in the layer's layout, to the running bound. It
// returns the largest error as a fraction of its bound, and an error that counts
// the outputs beyond and names the first.
func (e *Expect) Within(dst []float32, fused bool) (worst float64, err error) {
	c := newComparison(e.problem, e.at, "within the bound")
	for i, want := range e.Exact {
		got := float64(e.value(dst, i))
		off, bound := math.Abs(got-want), e.Bound(i, fused)
		if off == 0 {
			c.same()
			continue
		}
		if bound > 0 {
			worst = max(worst, off/bound)
		}
		if off <= bound { // false for NaN
			c.same()
			continue
		}
		c.differ(i, "is %v, want %v; error %.3g, bound %.3g", got, want, off, bound)
	}
	return worst, c.err()
}

// Equal holds the outputs dst, in the layer's layout, to Exact itself, for data whose
// sums float32 holds exactly. Zeros are equal whatever their sign.
func (e *Expect) Equal(dst []float32) error {
	c := newComparison(e.problem, e.at, "exact")
	for i, want := range e.Exact {
		if got := float64(e.value(dst, i)); got != want {
			c.differ(i, "is %v, want %v", got, want)
			continue
		}
		c.same()
	}
	return c.err()
}

// value is the element of dst that Exact[i] speaks about.
func (e *Expect) value(dst []float32, i int) float32 {
	size := e.problem.outPlane
	return dst[e.problem.at(e.at[i/size], i%size)]
}
