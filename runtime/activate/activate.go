// Package activate owns the functions that layers apply to their outputs, bit for
// bit: every path computes them with the same operations in the same order.
//
// Sigmoid and Tanh use additions, subtractions, products and divisions of float32,
// each rounded, comparisons, and additions to the exponent: vector kernels can
// repeat them exactly. The largest errors against the exact function, over all
// float32, are MaxSigmoid and MaxTanh.
package activate

import (
	"math"

	"github.com/upconv/upconv/specs"
)

// The largest errors of Sigmoid and Tanh in units of the last place of the exact
// result, denormals included. A test measures them.
const (
	MaxSigmoid = 2.5
	MaxTanh    = 1.5
)

// Apply replaces the values of row by the function of them. slopes are those of
// prelu: one value for the whole row, or one for each channel of a row of pixels
// [x, C]; other functions ignore them.
func Apply(a specs.Activation, row, slopes []float32) {
	switch a.Function {
	case specs.ReLU:
		leak(row, 0)
	case specs.ReLU6:
		clamp(row, 0, 6)
	case specs.LeakyReLU:
		scale(row, a.A)
	case specs.PReLU:
		prelu(row, slopes)
	case specs.Sigmoid:
		each(row, Sigmoid)
	case specs.Tanh:
		each(row, Tanh)
	case specs.Clamp:
		clamp(row, a.A, a.B)
	}
}

func each(row []float32, f func(float32) float32) {
	for i, v := range row {
		row[i] = f(v)
	}
}

// leak puts low in place of what is negative; NaN is not.
func leak(row []float32, low float32) {
	for i, v := range row {
		if v < 0 {
			row[i] = low
		}
	}
}

// scale multiplies what is negative.
func scale(row []float32, slope float32) {
	for i, v := range row {
		if v < 0 {
			row[i] = slope * v
		}
	}
}

func prelu(row, slopes []float32) {
	if len(slopes) == 1 {
		scale(row, slopes[0])
		return
	}
	for ; len(row) > 0; row = row[len(slopes):] {
		for i, slope := range slopes {
			if v := row[i]; v < 0 {
				row[i] = slope * v
			}
		}
	}
}

// clamp keeps NaN.
func clamp(row []float32, lo, hi float32) {
	for i, v := range row {
		if v < lo {
			row[i] = lo
		} else if v > hi {
			row[i] = hi
		}
	}
}

// Sigmoid is 1/(1+exp(-x)); NaN stays. With e = exp(-|x|) it is 1/(1+e), or
// e/(1+e) where x is negative, so that small results keep their digits.
func Sigmoid(x float32) float32 {
	if x != x {
		return x
	}
	e := exp(-abs(x))
	n := float32(1)
	if x < 0 {
		n = e
	}
	return n / float32(1+e)
}

// Tanh is the hyperbolic tangent; NaN stays, and so does the sign of 0. Up to
// tanhSmall it is the odd polynomial of Cephes, beyond 1 - 2/(1+exp(2|x|)).
func Tanh(x float32) float32 {
	if x != x {
		return x
	}
	a := abs(x)
	var y float32
	if a < tanhSmall {
		z := float32(a * a)
		p := tanhPolynomial[0]
		for _, c := range tanhPolynomial[1:] {
			p = float32(p*z) + c
		}
		y = float32(float32(p*z)*a) + a
	} else {
		e := exp(-float32(a + a)) // 1 - 2/(1+1/e), without a large number
		y = 1 - float32(float32(e+e)/float32(1+e))
	}
	const sign = 1 << 31
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&sign)
}

func abs(x float32) float32 {
	return math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
}

// exp is e^x for x <= 0, denormals included: 2^n * exp(r) with |r| <= ln(2)/2 and
// the polynomial of Cephes.
func exp(x float32) float32 {
	if x < lowest {
		return 0
	}
	n := float32(float32(x*log2e)+round) - round
	r := float32(x-float32(n*ln2High)) - float32(n*ln2Low)
	p := expPolynomial[0]
	for _, c := range expPolynomial[1:] {
		p = float32(p*r) + c
	}
	y := float32(float32(float32(p*float32(r*r))+r) + 1)
	half := int32(n) >> 1 // in two steps: 2^n alone can be less than float32 holds
	return float32(y*power(half)) * power(int32(n)-half)
}

// power is 2^n for a normal result.
func power(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }
