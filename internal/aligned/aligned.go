// Package aligned makes arrays whose addresses suit instructions that want them so.
package aligned

import "github.com/upconv/upconv/runtime/move"

// lanes are those of the largest vector.
const lanes = 16

// Copy is a copy of s that begins at a multiple of any vector.
func Copy(s []float32) []float32 {
	c := make([]float32, len(s)+lanes)
	skip := move.Unaligned(c, lanes)
	c = c[skip:][:len(s):len(s)]
	copy(c, s)
	return c
}
