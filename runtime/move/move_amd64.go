//go:build !purego

package move

//go:noescape
func rows_avx2(dst, src []float32, rows, width, pad, dstRow, srcRow int)

//go:noescape
func rows_avx512(dst, src []float32, rows, width, pad, dstRow, srcRow int)

// assembly lists the functions by instruction set.
func assembly() map[string]Func { return map[string]Func{"avx2": rows_avx2, "avx512": rows_avx512} }
