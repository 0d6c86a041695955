// Package move copies rows: into the padded copy of a layer's input and out of
// scratch memory into its output.
package move

//go:generate go run ../../internal/selfgen move

// Func copies rows of width elements, which lie srcRow apart in src and dstRow
// apart in dst, and writes pad zeros after each.
type Func func(dst, src []float32, rows, width, pad, dstRow, srcRow int)

// Rows is the portable Func.
func Rows(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
	for r := range rows {
		copy(dst[r*dstRow:][:width], src[r*srcRow:][:width])
		clear(dst[r*dstRow+width:][:pad])
	}
}

// For returns the Func of an instruction set, and Rows where there is none. The
// processor must have the instruction set.
func For(isa string) Func {
	if f, ok := assembly()[isa]; ok {
		return f
	}
	return Rows
}
