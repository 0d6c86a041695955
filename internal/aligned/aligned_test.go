package aligned

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestCopyBeginsAtAVector(t *testing.T) {
	all := make([]float32, 40)
	for i := range all {
		all[i] = float32(i)
	}
	for n := range len(all) {
		s := all[n:]
		c := Copy(s)
		require.Equal(t, s, c)
		require.Equal(t, len(s), cap(c))
		require.Zero(t, uintptr(unsafe.Pointer(unsafe.SliceData(c)))%(4*lanes))
	}
}
