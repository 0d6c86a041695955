//go:build race

package witness

import (
	"runtime"
	"unsafe"
)

// Enabled reports whether this build has the race detector.
const Enabled = true

// Reads tells that the elements are read.
func Reads(s []float32) {
	if len(s) > 0 {
		runtime.RaceReadRange(unsafe.Pointer(unsafe.SliceData(s)), len(s)*elementSize)
	}
}

// Writes tells that the elements are written.
func Writes(s []float32) {
	if len(s) > 0 {
		runtime.RaceWriteRange(unsafe.Pointer(unsafe.SliceData(s)), len(s)*elementSize)
	}
}

// WritesSpan tells that the elements of a span of s are written.
func WritesSpan(s []float32, of Span) { of.each(s, Writes) }

// ReadsSpan tells that the elements of a span of s are read.
func ReadsSpan(s []float32, of Span) { of.each(s, Reads) }

const elementSize = 4

func (of Span) each(s []float32, do func([]float32)) {
	for p := range of.Planes {
		for r := range of.Rows {
			do(s[p*of.Plane+r*of.Step:][:of.Width])
		}
	}
}
