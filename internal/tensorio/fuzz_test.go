package tensorio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readerBytes is what reading takes beside the elements: buffers and the header.
const readerBytes = 1 << 19

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMemoryIsThatOfTheFile: whatever a header claims, no more is allocated than a few
// times the length of the file.
func TestMemoryIsThatOfTheFile(t *testing.T) {
	for _, shape := range []string{"1", "1000000", "2147483647, 2147483647", "9223372036854775807", "65536, 65536, 65536, 65536", "4294967295, 4294967297", strings.Repeat("2, ", 62), strings.Repeat("1, ", 64)} {
		for _, descr := range []string{float32LE, int64LE, int32LE} {
			for _, n := range []int{0, 1, 1 << 16} {
				b := file(1, fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", descr, strings.TrimSuffix(shape, ", ")), data(n)...)
				used := allocated(func() {
					decode(b)
					DecodeIntegers(bytes.NewReader(b), int64(len(b)))
				})
				require.Less(t, used, uint64(readerBytes+3*len(b)), "%s of %s in %d bytes", shape, descr, len(b))
			}
		}
	}
}

// TestHeadersThatClaimLengths: the length of the header is checked before it is read.
func TestHeadersThatClaimLengths(t *testing.T) {
	for _, length := range []uint32{1 << 14, 1 << 31, 1<<32 - 1} {
		b := binary.LittleEndian.AppendUint32([]byte(magic+"\x02\x00"), length)
		used := allocated(func() {
			_, err := decode(b)
			require.ErrorContains(t, err, "the limit is")
		})
		require.Less(t, used, uint64(readerBytes))
	}
}

// FuzzDecodeIntegers: no file panics or takes memory that it does not hold, and what is
// accepted is written as it was read.
func FuzzDecodeIntegers(f *testing.F) {
	header := "{'descr': '<i8', 'fortran_order': False, 'shape': (%s), }"
	f.Add(file(1, fmt.Sprintf(strings.Replace(header, "i8", "i4", 1), "2, 3"), data(6)...))
	f.Add(file(1, fmt.Sprintf(header, "2, 3"), data(12)...))
	f.Add(file(2, fmt.Sprintf(header, ""), data(2)...))
	f.Add(file(3, fmt.Sprintf(header, "0, 4294967296"), nil...))
	f.Add(file(1, fmt.Sprintf(header, "4294967296, 4294967296"), data(2)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var a Integers
		var err error
		used := allocated(func() { a, err = DecodeIntegers(bytes.NewReader(b), int64(len(b))) })
		require.Less(t, used, uint64(readerBytes+8*len(b)))
		if err != nil {
			return
		}
		require.LessOrEqual(t, 4*len(a.Data), len(b))
		var again bytes.Buffer
		require.NoError(t, EncodeIntegers(&again, a))
		second, err := DecodeIntegers(bytes.NewReader(again.Bytes()), int64(again.Len()))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(a), fmt.Sprint(second))
	})
}
