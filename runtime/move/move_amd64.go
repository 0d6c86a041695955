//go:build !purego

package move

//go:noescape
func rows_avx2(dst, src []float32, rows, whole, tail, pad, dstRow, srcRow int)

//go:noescape
func rows_avx512(dst, src []float32, rows, whole, tail, pad, dstRow, srcRow int)

// assembly lists the functions by instruction set.
func assembly() map[string]Func {
	return map[string]Func{"avx2": vectors(rows_avx2, 8), "avx512": vectors(rows_avx512, 16)}
}

// vectors splits the width into whole vectors and a tail.
func vectors(rowsOf func(dst, src []float32, rows, whole, tail, pad, dstRow, srcRow int), lanes int) Func {
	return func(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
		if pad > lanes {
			Rows(dst, src, rows, width, pad, dstRow, srcRow)
			return
		}
		tail := width % lanes
		rowsOf(dst, src, rows, width-tail, tail, pad, dstRow, srcRow)
	}
}
