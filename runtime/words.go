package runtime

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// words are the bits of integers as a kernel sees them, 32 to an element: of 64 bits
// the low ones come first. That is how they lie in memory where littleEndian holds.
func words[T int32 | int64](s []T) []float32 {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])/unsafe.Sizeof(float32(0))))
}

// countable reports whether kernels can work on indices of an array: they count in 32
// bits.
func countable(elements int) bool { return littleEndian && elements <= math.MaxInt32 }

// littleEndian reports whether the low bits of an integer come first. Elsewhere layers
// with indices run on the generic path.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1
