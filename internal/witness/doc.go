// Package witness shows the race detector what assembly reads and writes: it sees no
// instruction that the Go compiler did not compile. Callers of assembly name the
// elements before each call, under "if witness.Enabled", which is a constant: builds
// without -race contain nothing of it.
package witness

// Span is rows of width elements each, step apart, repeated for planes that lie plane
// apart. Zero rows or planes are none.
type Span struct {
	Planes, Plane int
	Rows, Step    int
	Width         int
}
