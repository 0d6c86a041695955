//go:build !race

package witness

// Enabled reports whether this build has the race detector.
const Enabled = false

// Reads tells that the elements are read.
func Reads([]float32) {}

// Writes tells that the elements are written.
func Writes([]float32) {}

// WritesSpan tells that the elements of a span of s are written.
func WritesSpan([]float32, Span) {}

// ReadsSpan tells that the elements of a span of s are read.
func ReadsSpan([]float32, Span) {}
