//go:build !purego

package finish

//go:noescape
func clamp_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_clamp_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func scale_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_scale_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func slopes_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_slopes_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func sigmoid_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_sigmoid_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func tanh_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_tanh_avx2(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func clamp_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_clamp_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func scale_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_scale_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func slopes_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_slopes_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func sigmoid_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_sigmoid_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func tanh_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

//go:noescape
func add_tanh_avx512(dst, residual, params []float32, rows, whole, tail, dstRow int)

// assembly lists the functions by instruction set.
func assembly() map[string]vectorSet {
	return map[string]vectorSet{
		"avx2": {8, map[form]vectorFunc{
			{"clamp", false}:   clamp_avx2,
			{"clamp", true}:    add_clamp_avx2,
			{"scale", false}:   scale_avx2,
			{"scale", true}:    add_scale_avx2,
			{"slopes", false}:  slopes_avx2,
			{"slopes", true}:   add_slopes_avx2,
			{"sigmoid", false}: sigmoid_avx2,
			{"sigmoid", true}:  add_sigmoid_avx2,
			{"tanh", false}:    tanh_avx2,
			{"tanh", true}:     add_tanh_avx2,
		}},
		"avx512": {16, map[form]vectorFunc{
			{"clamp", false}:   clamp_avx512,
			{"clamp", true}:    add_clamp_avx512,
			{"scale", false}:   scale_avx512,
			{"scale", true}:    add_scale_avx512,
			{"slopes", false}:  slopes_avx512,
			{"slopes", true}:   add_slopes_avx512,
			{"sigmoid", false}: sigmoid_avx512,
			{"sigmoid", true}:  add_sigmoid_avx512,
			{"tanh", false}:    tanh_avx512,
			{"tanh", true}:     add_tanh_avx512,
		}},
	}
}
