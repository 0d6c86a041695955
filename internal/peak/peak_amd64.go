//go:build !purego

package peak

import "github.com/upconv/upconv/runtime/cpu"

//go:noescape
func fma_avx2(dst, src []float32, rounds int)

//go:noescape
func fma_avx512(dst, src []float32, rounds int)

// units lists what this processor has, narrowest first.
func units() []unit {
	var us []unit
	has := cpu.Detect()
	if has.Has(cpu.AVX2 | cpu.FMA3) {
		us = append(us, unit{"avx2", 8, fma_avx2})
	}
	if has.Has(cpu.AVX512F) {
		us = append(us, unit{"avx512", 16, fma_avx512})
	}
	return us
}
