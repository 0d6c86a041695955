// Package tensorio reads and writes float32 and int64 arrays as .npy files, the
// format of numpy.save (NEP 1, versions 1.0 to 3.0), and reads int32 as int64. It is strict: another element type,
// byte order or memory order is an error that says what was wanted and found,
// and no more memory is used than the file is long.
package tensorio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/upconv/upconv/specs"
)

// Array is an array in C order: the last index runs fastest.
type Array struct {
	Shape []int
	Data  []float32 // as many as the product of Shape
}

// Integers is an array of int64 in C order.
type Integers struct {
	Shape []int
	Data  []int64
}

// elementSize is the number of bytes of a float32.
const elementSize = 4

// Read reads the .npy file at path. Errors begin with path.
func Read(path string) (Array, error) { return read(path, Decode) }

// ReadIntegers reads a .npy file of int64 or int32. Errors begin with path.
func ReadIntegers(path string) (Integers, error) { return read(path, DecodeIntegers) }

// read opens a file for decode and names it in errors.
func read[T any](path string, decode func(io.Reader, int64) (T, error)) (T, error) {
	a, err := open(path, decode)
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return a, err
}

func open[T any](path string, decode func(io.Reader, int64) (T, error)) (none T, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return none, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return none, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return none, err
	}
	defer f.Close()
	return decode(f, info.Size())
}

// start reads a header, of one of the element types, and checks that as much data
// follows as it says.
func start(r io.Reader, size int64, types ...string) (h header, n int, err error) {
	h, err = readHeader(r, size)
	if err != nil {
		return h, 0, err
	}
	if err := h.check(types); err != nil {
		return h, 0, err
	}
	n, ok := specs.Product(h.shape...)
	bytes := elements[h.descr].size
	if have := size - h.length; !ok || int64(n) != have/bytes || have%bytes != 0 {
		return h, 0, fmt.Errorf("holds %d bytes of data, shape %v of %s wants another number", have, h.shape, elements[h.descr].name)
	}
	return h, n, nil
}

// DecodeIntegers reads a .npy file of size bytes that holds int64 or int32.
func DecodeIntegers(r io.Reader, size int64) (Integers, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	h, n, err := start(buffered, size, int64LE, int32LE)
	if err != nil {
		return Integers{}, err
	}
	data := make([]int64, n)
	if err := readIntegers(buffered, data, elements[h.descr].size); err != nil {
		return Integers{}, err
	}
	return Integers{Shape: h.shape, Data: data}, nil
}

// readIntegers fills data with little-endian integers of four or eight bytes.
func readIntegers(r io.Reader, data []int64, size int64) error {
	var buf [8]byte
	for i := range data {
		if _, err := io.ReadFull(r, buf[:size]); err != nil {
			return fmt.Errorf("ends early: %w", err)
		}
		if data[i] = int64(binary.LittleEndian.Uint64(buf[:])); size == 4 {
			data[i] = int64(int32(data[i]))
		}
	}
	return nil
}

// EncodeIntegers writes an array of int64 as a .npy file.
func EncodeIntegers(w io.Writer, a Integers) error {
	if n, ok := specs.Product(a.Shape...); !ok || n != len(a.Data) {
		return fmt.Errorf("shape %v does not fit %d elements", a.Shape, len(a.Data))
	}
	if _, err := w.Write(header{descr: int64LE, shape: a.Shape}.encode()); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, a.Data)
}

// Decode reads a .npy file of size bytes that holds float32.
func Decode(r io.Reader, size int64) (Array, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	h, n, err := start(buffered, size, float32LE)
	if err != nil {
		return Array{}, err
	}
	data := make([]float32, n)
	if err := readFloats(buffered, data); err != nil {
		return Array{}, err
	}
	return Array{Shape: h.shape, Data: data}, nil
}

// readFloats fills data with little-endian floats.
func readFloats(r io.Reader, data []float32) error {
	var buf [1 << 14]byte
	for len(data) > 0 {
		chunk := buf[:min(len(buf), elementSize*len(data))]
		if _, err := io.ReadFull(r, chunk); err != nil {
			return fmt.Errorf("ends early: %w", err)
		}
		for i := range len(chunk) / elementSize {
			data[i] = math.Float32frombits(binary.LittleEndian.Uint32(chunk[elementSize*i:]))
		}
		data = data[len(chunk)/elementSize:]
	}
	return nil
}

// Encode writes an array as a .npy file.
func Encode(w io.Writer, a Array) error {
	if n, ok := specs.Product(a.Shape...); !ok || n != len(a.Data) {
		return fmt.Errorf("shape %v does not fit %d elements", a.Shape, len(a.Data))
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	buffered.Write(header{descr: float32LE, shape: a.Shape}.encode())
	var buf [elementSize]byte
	for _, v := range a.Data {
		binary.LittleEndian.PutUint32(buf[:], math.Float32bits(v))
		if _, err := buffered.Write(buf[:]); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
