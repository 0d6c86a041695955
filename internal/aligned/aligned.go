// Package aligned makes arrays whose addresses suit instructions that want them so.
package aligned

import "unsafe"

// vector is the size in bytes of the largest vector.
const vector = 64

// Copy is a copy of s that begins at a multiple of any vector.
func Copy(s []float32) []float32 {
	c := make([]float32, len(s)+vector/4)
	skip := (vector - int(uintptr(unsafe.Pointer(&c[0]))%vector)) % vector / 4
	c = c[skip:][:len(s):len(s)]
	copy(c, s)
	return c
}
