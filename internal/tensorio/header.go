package tensorio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	magic     = "\x93NUMPY"
	float32LE = "<f4"
	int64LE   = "<i8"
	int32LE   = "<i4"
	// alignment of the data in the files that numpy writes.
	alignment = 64
	// maxHeader is far beyond what the header of an array of numbers needs;
	// numpy itself refuses to parse more than 10000 bytes.
	maxHeader = 10000
	// maxRank is numpy's limit on the number of dimensions.
	maxRank = 64
)

// header is what a .npy file says before its data.
type header struct {
	descr   string // element type, such as "<f4"
	fortran bool   // the first index runs fastest
	shape   []int
	length  int64 // bytes before the data
}

// elements are the element types, with their numbers of bytes.
var elements = map[string]struct {
	name string
	size int64
}{float32LE: {"float32", elementSize}, int64LE: {"int64", 8}, int32LE: {"int32", 4}}

// check reports what keeps the data from being read as elements of one of the wanted
// types in C order.
func (h header) check(wanted []string) error {
	if !slices.Contains(wanted, h.descr) {
		var list []string
		for _, w := range wanted {
			list = append(list, fmt.Sprintf("%q (little-endian %s)", w, elements[w].name))
		}
		return fmt.Errorf("element type is %q, wanted %s", h.descr, strings.Join(list, " or "))
	}
	if h.fortran && len(h.shape) > 1 {
		return errors.New("is in Fortran order, wanted C order (numpy.ascontiguousarray)")
	}
	return nil
}

// readHeader reads the header of a file of size bytes.
func readHeader(r io.Reader, size int64) (header, error) {
	begin := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, begin); err != nil || string(begin[:len(magic)]) != magic {
		return header{}, errors.New("not a .npy file")
	}
	major, minor := begin[len(magic)], begin[len(magic)+1]
	lengthSize, ok := map[byte]int{1: 2, 2: 4, 3: 4}[major]
	if !ok || minor != 0 {
		return header{}, fmt.Errorf(".npy version is %d.%d, wanted 1.0, 2.0 or 3.0", major, minor)
	}
	field := make([]byte, 4)
	if _, err := io.ReadFull(r, field[:lengthSize]); err != nil {
		return header{}, errors.New("ends within its header")
	}
	length := int64(binary.LittleEndian.Uint32(field))
	before := int64(len(begin) + lengthSize)
	if length > maxHeader {
		return header{}, fmt.Errorf("header is %d bytes long, the limit is %d", length, maxHeader)
	}
	if before+length > size {
		return header{}, errors.New("ends within its header")
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, errors.New("ends within its header")
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	h.length = before + length
	return h, nil
}

// encode spells the header as numpy does: version 1.0, padded with spaces so
// that the data is aligned.
func (h header) encode() []byte {
	shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(h.shape), " ", ", "), "[]")
	if len(h.shape) == 1 {
		shape += ","
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", h.descr, shape)
	before := len(magic) + 2 + 2
	padding := alignment - 1 - (before+len(dict))%alignment
	dict += strings.Repeat(" ", padding) + "\n"
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(dict)))
	return append(out, dict...)
}
