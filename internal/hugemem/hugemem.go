// Package hugemem allocates large arrays so that the operating system can back
// them with huge pages: walking page tables for megabytes of weights costs more
// than reading them.
package hugemem

// page is the size of a huge page in float32.
const page = 2 << 20 / 4

// Floats returns n zeros. Arrays of at least a huge page begin at a huge page
// boundary of virtual memory; memory is ordinary and garbage collected.
func Floats(n int) []float32 {
	if n < page {
		return make([]float32, n)
	}
	return advise(n)
}
