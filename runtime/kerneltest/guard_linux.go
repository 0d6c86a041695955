package kerneltest

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// mapping is the memory of a Buffer: pages that may be touched between two that
// may not.
type mapping struct {
	all  []byte
	page int
	lead int // canaries that even the guarded end has: none here
}

// newMapping maps room for n elements, at least one page.
func newMapping(n int) (m mapping, room []float32, err error) {
	m.page = os.Getpagesize()
	size := max(1, (n*floatSize+m.page-1)/m.page) * m.page
	m.all, err = syscall.Mmap(-1, 0, size+2*m.page, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return m, nil, os.NewSyscallError("mmap", err)
	}
	inner := m.inner()
	if err := syscall.Mprotect(inner, syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
		return m, nil, errors.Join(os.NewSyscallError("mprotect", err), m.Close())
	}
	return m, unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(inner))), size/floatSize), nil
}

// inner is what may be touched.
func (m *mapping) inner() []byte { return m.all[m.page : len(m.all)-m.page] }

// holds reports whether addr lies in the mapping or its guard pages.
func (m *mapping) holds(addr uintptr) bool {
	from := uintptr(unsafe.Pointer(unsafe.SliceData(m.all)))
	return addr >= from && addr-from < uintptr(len(m.all))
}

// seal makes a write to the buffer a fault.
func (m *mapping) seal() error {
	return os.NewSyscallError("mprotect", syscall.Mprotect(m.inner(), syscall.PROT_READ))
}

// Close unmaps the buffer: Data must not be used any more.
func (m *mapping) Close() error { return os.NewSyscallError("munmap", syscall.Munmap(m.all)) }
