package move

import "unsafe"

// Unaligned is the number of elements before the first that lies at a multiple of a vector
// of so many lanes, a power of two.
func Unaligned(s []float32, lanes int) int {
	const float32Bytes = 4
	return int(-(uintptr(unsafe.Pointer(unsafe.SliceData(s))) / float32Bytes) & uintptr(lanes-1))
}
