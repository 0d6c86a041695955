// Package tensorio reads and writes float32 arrays as .npy files, the format of
// numpy.save (NEP 1, versions 1.0 to 3.0). It is strict: another element type,
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

// elementSize is the number of bytes of a float32.
const elementSize = 4

// Read reads the .npy file at path. Errors begin with path.
func Read(path string) (Array, error) {
	a, err := read(path)
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	if err != nil {
		return Array{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func read(path string) (Array, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Array{}, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return Array{}, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return Array{}, err
	}
	defer f.Close()
	return Decode(f, info.Size())
}

// Decode reads a .npy file of size bytes.
func Decode(r io.Reader, size int64) (Array, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	h, err := readHeader(buffered, size)
	if err != nil {
		return Array{}, err
	}
	if err := h.check(); err != nil {
		return Array{}, err
	}
	n, ok := specs.Product(h.shape...)
	if have := size - h.length; !ok || int64(n) != have/elementSize || have%elementSize != 0 {
		return Array{}, fmt.Errorf("holds %d bytes of data, shape %v of float32 wants another number", have, h.shape)
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
