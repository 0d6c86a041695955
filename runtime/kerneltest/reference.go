package kerneltest

import (
	"math"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Bits are the outputs of a layer in float32, in the documented order: what every
// kernel of that kind returns, bit for bit. Values are [N, C_out, out...], whatever
// the layer's layout.
type Bits struct {
	Values []float32

	problem *problem
	at      []int
}

// Reference computes the layer in float32 with the documented order: fused has
// one rounding for each term, otherwise the product is rounded, then the sum.
// Sizes are those of [Oracle].
func Reference(l specs.Layer, shape runtime.Shape, src, weights, bias []float32, fused bool) (*Bits, error) {
	return ReferenceOf(l, shape, &Data{Src: src, Weights: weights, Bias: bias}, fused)
}

// ReferenceOf is Reference for the layer's data. Every path rounds the sum with the
// residual, then applies the activation of package activate.
func ReferenceOf(l specs.Layer, shape runtime.Shape, d *Data, fused bool) (*Bits, error) {
	p, err := newProblem(l, shape)
	if err != nil {
		return nil, err
	}
	if err := p.checkWeighted(d); err != nil {
		return nil, err
	}
	return p.reference(p.planes(), d, fused), nil
}

// reference computes the given output planes.
func (p *problem) reference(planes []int, d *Data, fused bool) *Bits {
	b := &Bits{Values: make([]float32, len(planes)*p.outPlane), problem: p, at: planes}
	src := p.enlarge(d.Src)
	for i, plane := range planes {
		out := b.Values[i*p.outPlane:][:p.outPlane]
		if d.Bias != nil {
			fill(out, d.Bias[plane%p.layer.OutChannels])
		}
		if fused {
			p.scatter(plane, src, d.Weights, fusedSums(out))
		} else {
			p.scatter(plane, src, d.Weights, roundedSums(out))
		}
		p.finishBits(plane, d, out)
	}
	return b
}

// Equal compares dst, in the layer's layout, bit for bit; but zeros are equal whatever
// their sign, and so are all NaN.
func (b *Bits) Equal(dst []float32) error {
	c := newComparison(b.problem, b.at, "bit for bit")
	size := b.problem.outPlane
	for i, want := range b.Values {
		got := dst[b.problem.at(b.at[i/size], i%size)]
		if got == want || got != got && want != want {
			c.same()
			continue
		}
		c.differ(i, "is %v (%#08x), want %v (%#08x)", got, math.Float32bits(got), want, math.Float32bits(want))
	}
	return c.err()
}

// roundedSums rounds every product to float32, then the sum.
type roundedSums []float32

func (s roundedSums) add(base int, row []stamp, w []float32, x float32) {
	for _, k := range row {
		s[base+k.out] = float32(x*w[k.kernel]) + s[base+k.out]
	}
}

// fusedSums rounds once.
type fusedSums []float32

func (s fusedSums) add(base int, row []stamp, w []float32, x float32) {
	for _, k := range row {
		s[base+k.out] = fma32(x, w[k.kernel], s[base+k.out])
	}
}

// fma32 is x*y + z with one rounding. The product is exact in float64. The sum is
// rounded there to odd (Boldo and Melquiond, "Emulation of a FMA and correctly
// rounded sums: proved algorithms using rounding to odd", 2008), after which
// rounding to float32 errs no second time. The runtime has the same function for
// borders; tests share no arithmetic with what they test.
func fma32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	if math.IsInf(s, 0) || math.IsNaN(s) {
		return float32(s)
	}
	t := s - p
	rest := (p - (s - t)) + (c - t) // s + rest == p + c exactly (Knuth's TwoSum)
	bits := math.Float64bits(s)
	if rest != 0 && bits&1 == 0 {
		if rest > 0 == (s > 0) {
			bits++
		} else {
			bits--
		}
	}
	return float32(math.Float64frombits(bits))
}
