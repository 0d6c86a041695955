package hugemem

import (
	"syscall"
	"unsafe"
)

// advise allocates with room to align, then asks for huge pages before the
// memory is touched. A kernel that refuses gives ordinary pages: the advice
// changes speed, not meaning, so its error is of no use to anyone.
func advise(n int) []float32 {
	all := make([]float32, n+page)
	skip := 0
	if over := uintptr(unsafe.Pointer(&all[0])) / 4 % page; over != 0 {
		skip = int(page - over)
	}
	s := all[skip : skip+n : skip+n]
	whole := n / page * page * 4
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), whole), syscall.MADV_HUGEPAGE)
	return s
}
