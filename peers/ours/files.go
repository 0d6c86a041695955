package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"unsafe"

	"github.com/upconv/upconv/internal/hugemem"
)

// readFloats reads n little-endian float32.
func readFloats(path string, n int) ([]float32, error) {
	data, err := readWords(path, n, 4)
	if err != nil {
		return nil, err
	}
	s := hugemem.Floats(n)
	for i := range s {
		s[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return s, nil
}

// readIndices reads n little-endian int64.
func readIndices(path string, n int) ([]int64, error) {
	data, err := readWords(path, n, 8)
	if err != nil {
		return nil, err
	}
	s := hugeIndices(n)
	for i := range s {
		s[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return s, nil
}

// hugeIndices are n zeros on memory like that of large arrays of floats.
func hugeIndices(n int) []int64 {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(hugemem.Floats(2*n)))), n)
}

// readWords reads n words of size bytes.
func readWords(path string, n, size int) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) != size*n {
		return nil, fmt.Errorf("%s: %d bytes; the layer wants %d times %d", path, len(data), n, size)
	}
	return data, nil
}

func writeFloats(path string, s []float32) error {
	data := make([]byte, 4*len(s))
	for i, v := range s {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return os.WriteFile(path, data, 0o644)
}
