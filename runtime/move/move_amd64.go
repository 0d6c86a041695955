//go:build !purego

package move

//go:noescape
func rows_avx2(dst, src []float32, rows, whole, tail, pad, dstRow, srcRow int)

//go:noescape
func rows_avx512(dst, src []float32, rows, whole, tail, pad, dstRow, srcRow int)

//go:noescape
func transpose_avx2(dst, src []float32, rows, cols, dstRow, srcRow int)

//go:noescape
func transpose_avx512(dst, src []float32, rows, cols, dstRow, srcRow int)

//go:noescape
func stream_avx2(dst, src []float32, whole, last int)

//go:noescape
func stream_avx512(dst, src []float32, whole, last int)

// assembly lists the movers by instruction set.
func assembly() map[string]Mover {
	return map[string]Mover{
		"avx2":   {Rows: vectors(rows_avx2, 8), Transpose: squares(transpose_avx2, 8), Stream: stream(stream_avx2, 8)},
		"avx512": {Rows: vectors(rows_avx512, 16), Transpose: squares(transpose_avx512, 16), Stream: stream(stream_avx512, 16)},
	}
}

// vectors splits the width into whole vectors and a tail.
func vectors(rowsOf func(dst, src []float32, rows, whole, tail, pad, dstRow, srcRow int), lanes int) func(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
	return func(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
		if pad > lanes {
			copyRows(dst, src, rows, width, pad, dstRow, srcRow)
			return
		}
		tail := width % lanes
		rowsOf(dst, src, rows, width-tail, tail, pad, dstRow, srcRow)
	}
}

// squares transposes whole squares; what is left of rows and columns is covered by
// squares that end with it and write some elements once more.
func squares(squaresOf func(dst, src []float32, rows, cols, dstRow, srcRow int), lanes int) func(dst, src []float32, rows, cols, dstRow, srcRow int) {
	return func(dst, src []float32, rows, cols, dstRow, srcRow int) {
		if rows < lanes || cols < lanes {
			transpose(dst, src, rows, cols, dstRow, srcRow)
			return
		}
		squaresOf(dst, src, rows, cols, dstRow, srcRow)
		lastRow, lastCol := rows-lanes, cols-lanes
		if rows%lanes != 0 {
			squaresOf(dst[lastRow:], src[lastRow*srcRow:], lanes, cols, dstRow, srcRow)
		}
		if cols%lanes != 0 {
			squaresOf(dst[lastCol*dstRow:], src[lastCol:], rows, lanes, dstRow, srcRow)
		}
		if rows%lanes != 0 && cols%lanes != 0 {
			squaresOf(dst[lastCol*dstRow+lastRow:], src[lastRow*srcRow+lastCol:], lanes, lanes, dstRow, srcRow)
		}
	}
}

// stream copies what lies before the first whole vector of dst and after the last one as
// usual.
func stream(vectorsOf func(dst, src []float32, whole, last int), lanes int) func(dst, src []float32, last bool) {
	return func(dst, src []float32, last bool) {
		head := min(len(dst), Unaligned(dst, lanes))
		whole := (len(dst) - head) / lanes * lanes
		fence := 0
		if last {
			fence = 1
		}
		copy(dst[:head], src)
		copy(dst[head+whole:], src[head+whole:])
		vectorsOf(dst[head:head+whole], src[head:head+whole], whole, fence)
	}
}
