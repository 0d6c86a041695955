package sim_test

import "math"

func fromBits(b uint32) float32 { return math.Float32frombits(b) }

// bitsOf are the bits of floats: NaN have many.
func bitsOf(s []float32) []uint32 {
	bits := make([]uint32, len(s))
	for i, v := range s {
		bits[i] = math.Float32bits(v)
	}
	return bits
}
