// Package fma computes the fused multiply-add of float32 without hardware.
package fma

import "math"

// Float32 is a*b + c rounded once to float32. The product is exact in float64;
// the sum is rounded to odd there, so that the last rounding is the only one
// (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
func Float32(a, b, c float32) float32 {
	p, z := float64(a)*float64(b), float64(c)
	s := p + z
	t := s - p
	lost := (p - (s - t)) + (z - t) // what rounding s dropped, exactly
	bits := math.Float64bits(s)
	if lost == 0 || math.IsNaN(lost) || math.IsInf(s, 0) || bits&1 == 1 {
		return float32(s)
	}
	if (lost > 0) == (s > 0) {
		bits++
	} else {
		bits--
	}
	return float32(math.Float64frombits(bits))
}
