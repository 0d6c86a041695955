//go:build !linux

package kerneltest

// mapping is the memory of a Buffer: without guard pages, canaries at both ends.
type mapping struct {
	lead int // canaries before and after the slice
}

// newMapping makes room for n elements and the canaries.
func newMapping(n int) (m mapping, room []float32, err error) {
	const canaries = 64
	return mapping{lead: canaries}, make([]float32, n+2*canaries), nil
}

// holds reports whether a fault at addr belongs to the buffer: never, here.
func (m *mapping) holds(uintptr) bool { return false }

// seal would make a write to the buffer a fault.
func (m *mapping) seal() error { return nil }

// Close frees nothing: the buffer is ordinary memory.
func (m *mapping) Close() error { return nil }
