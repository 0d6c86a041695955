package activate

import "math"

const (
	log2e = 1.44269504088896341 // 1/ln 2
	// ln2High has few digits, so that its product with a small whole number is exact.
	ln2High = 0.693359375
	ln2Low  = -2.12194440e-4
	// round is 1.5 * 2^23: adding and subtracting it rounds to a whole number.
	round = 12582912
	// lowest is where exp is less than half the smallest denormal.
	lowest = -104
	// tanhSmall is where the polynomial of tanh ends.
	tanhSmall = 0.625
)

// The polynomials of Cephes, the highest power first.
var (
	expPolynomial  = [...]float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
	tanhPolynomial = [...]float32{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}
)

// The places of Constants. Polynomials have one place for each coefficient.
const (
	Sign          = iota // the bit of the sign
	Magnitude            // all other bits
	One                  // 1
	Half                 // 1/2
	Lowest               // exp is 0 below
	Log2E                // 1/ln 2
	Round                // added and subtracted, it rounds to a whole number
	Ln2High              // ln 2, with few digits
	Ln2Low               // what that lacks
	Power                // added to n, the lowest bits are those of the exponent of 2^n
	TanhSmall            // where the polynomial of tanh ends
	ExpPolynomial        // its first coefficient
	ExpEnd        = ExpPolynomial + len(expPolynomial)
	// TanhPolynomial is its first coefficient.
	TanhPolynomial = ExpEnd
	TanhEnd        = TanhPolynomial + len(tanhPolynomial)
)

// Constants are the numbers of Sigmoid and Tanh, for vector functions that repeat
// their operations.
func Constants() []float32 {
	const bias = 127
	c := make([]float32, TanhEnd)
	for place, v := range map[int]float32{
		Sign: math.Float32frombits(1 << 31), Magnitude: math.Float32frombits(1<<31 - 1), One: 1, Half: 0.5,
		Lowest: lowest, Log2E: log2e, Round: round, Ln2High: ln2High, Ln2Low: ln2Low, Power: round + bias, TanhSmall: tanhSmall,
	} {
		c[place] = v
	}
	copy(c[ExpPolynomial:], expPolynomial[:])
	copy(c[TanhPolynomial:], tanhPolynomial[:])
	return c
}
