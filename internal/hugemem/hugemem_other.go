//go:build !linux

package hugemem

// advise has nothing to ask for here.
func advise(n int) []float32 { return make([]float32, n) }
