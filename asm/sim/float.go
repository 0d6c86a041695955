package sim

import (
	"math"

	"github.com/upconv/upconv/internal/fma"
)

const (
	quiet      = 1 << 22    // the bit of a NaN that does not signal
	indefinite = 0xffc00000 // what an invalid operation gives
)

func isNaN(b uint32) bool { return b&0x7fffffff > 0x7f800000 }

// propagate is the result of an operation on floats: the first operand that is a
// NaN, made quiet; or what the operation gives.
func propagate(result float32, operands ...uint32) uint32 {
	for _, b := range operands {
		if isNaN(b) {
			return b | quiet
		}
	}
	if r := bitsOf(result); !isNaN(r) {
		return r
	}
	return indefinite
}

// multiplyAdd is a*b + c, rounded once.
func multiplyAdd(a, b, c uint32) uint32 {
	return propagate(fma.Float32(floatOf(a), floatOf(b), floatOf(c)), a, b, c)
}

// negated is -a; a NaN stays as it is.
func negated(a uint32) uint32 {
	if isNaN(a) {
		return a
	}
	return a ^ 1<<31
}

// product is a*b. In float64 it is exact, so that only the last step rounds.
func product(a, b uint32) uint32 {
	return propagate(float32(float64(floatOf(a))*float64(floatOf(b))), a, b)
}

func bitsOf(v float32) uint32 { return math.Float32bits(v) }

func floatOf(b uint32) float32 { return math.Float32frombits(b) }
