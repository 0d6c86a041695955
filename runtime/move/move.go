// Package move copies and transposes rows: into the padded copy of a layer's input
// and out of scratch memory into its output.
package move

import "github.com/upconv/upconv/internal/witness"

//go:generate go run ../../internal/selfgen move

// Most is the number of elements that one call into assembly moves, and one copy of the
// compiler's: neither can be interrupted, and a collection of garbage waits for it.
const Most = 32 << 10

// Mover moves rows of elements, Most of them at a time.
type Mover struct {
	// Rows copies rows of width elements, which lie srcRow apart in src and dstRow
	// apart in dst, and writes pad zeros after each.
	Rows func(dst, src []float32, rows, width, pad, dstRow, srcRow int)
	// Transpose writes element c of row r of src to element r of row c of dst, for
	// rows x cols elements of src; rows lie srcRow apart in src and dstRow in dst.
	Transpose func(dst, src []float32, rows, cols, dstRow, srcRow int)
	// Stream copies src to dst past the caches, where there are instructions for that. After
	// the last copy of several, which says so, others may see all of them.
	Stream func(dst, src []float32, last bool)
}

// For returns the Mover of an instruction set, and the portable one where there is
// none. The processor must have the instruction set.
func For(isa string) Mover {
	if m, ok := assembly()[isa]; ok {
		if m = m.short(); witness.Enabled {
			return witnessed(m)
		}
		return m
	}
	return Mover{Rows: copyRows, Transpose: transpose, Stream: func(dst, src []float32, _ bool) { Copy(dst, src) }}
}

// witnessed tells the race detector what m reads and writes.
func witnessed(m Mover) Mover {
	return Mover{
		Rows: func(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
			witness.ReadsSpan(src, witness.Span{Planes: 1, Rows: rows, Step: srcRow, Width: width})
			witness.WritesSpan(dst, witness.Span{Planes: 1, Rows: rows, Step: dstRow, Width: width + pad})
			m.Rows(dst, src, rows, width, pad, dstRow, srcRow)
		},
		Transpose: func(dst, src []float32, rows, cols, dstRow, srcRow int) {
			witness.ReadsSpan(src, witness.Span{Planes: 1, Rows: rows, Step: srcRow, Width: cols})
			witness.WritesSpan(dst, witness.Span{Planes: 1, Rows: cols, Step: dstRow, Width: rows})
			m.Transpose(dst, src, rows, cols, dstRow, srcRow)
		},
		Stream: func(dst, src []float32, last bool) {
			witness.Reads(src)
			witness.Writes(dst)
			m.Stream(dst, src, last)
		},
	}
}

func copyRows(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
	for r := range rows {
		Copy(dst[r*dstRow:][:width], src[r*srcRow:])
		Clear(dst[r*dstRow+width:][:pad])
	}
}

// transposeBlock is the number of rows that are transposed together: what they
// write to a line of dst stays in the cache.
const transposeBlock = 16

func transpose(dst, src []float32, rows, cols, dstRow, srcRow int) {
	for from := 0; from < rows; from += transposeBlock {
		to := min(from+transposeBlock, rows)
		for c := range cols {
			out := dst[c*dstRow+from : c*dstRow+to]
			at := from*srcRow + c
			for i := range out {
				out[i] = src[at]
				at += srcRow
			}
		}
	}
}
