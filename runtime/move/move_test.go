package move_test

import (
	"fmt"
	"testing"

	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/runtime/move"
)

// needs are the features that the functions of an instruction set need.
var needs = map[string]cpu.Features{"generic": 0, "go": 0, "avx2": cpu.AVX | cpu.AVX2, "avx512": cpu.AVX512F}

// TestRows compares every function with the definition, between guard pages at
// either end: rows land where they should and nothing else changes.
func TestRows(t *testing.T) {
	for isa, need := range needs {
		if !cpu.Detect().Has(need) {
			t.Logf("this processor lacks %v", need)
			continue
		}
		for _, width := range []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 131} {
			for _, pad := range []int{0, 1, 5, 16, 19} {
				for _, at := range []kerneltest.Placement{kerneltest.Head, kerneltest.Tail} {
					if err := check(move.For(isa).Rows, 3, width, pad, at); err != nil {
						t.Fatalf("%s, width %d, pad %d, guard at the %v: %v", isa, width, pad, at, err)
					}
				}
			}
		}
	}
}

// check moves rows that lie apart in both slices.
func check(f func(dst, src []float32, rows, width, pad, dstRow, srcRow int), rows, width, pad int, at kerneltest.Placement) error {
	srcRow, dstRow := width+3, width+pad+2
	src := make([]float32, (rows-1)*srcRow+width)
	for i := range src {
		src[i] = float32(i + 1)
	}
	from, err := kerneltest.BufferOf("src", src, at)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := kerneltest.NewBuffer("dst", (rows-1)*dstRow+width+pad, at)
	if err != nil {
		return err
	}
	defer to.Close()
	err = kerneltest.Guarded(func() error {
		f(to.Data, from.Data, rows, width, pad, dstRow, srcRow)
		return nil
	}, from, to)
	if err != nil {
		return err
	}
	return compare(to.Data, src, rows, width, pad, dstRow, srcRow)
}

func compare(dst, src []float32, rows, width, pad, dstRow, srcRow int) error {
	for i, v := range dst {
		r, col := i/dstRow, i%dstRow
		switch {
		case col < width && v != src[r*srcRow+col]:
			return fmt.Errorf("row %d column %d is %g, want %g", r, col, v, src[r*srcRow+col])
		case col >= width && col < width+pad && v != 0:
			return fmt.Errorf("row %d column %d is %g, want 0", r, col, v)
		case col >= width+pad && v == v: // NewBuffer fills with NaN
			return fmt.Errorf("row %d column %d was written", r, col)
		}
	}
	return nil
}

// TestTranspose compares every function with the definition, between guard pages
// at either end.
func TestTranspose(t *testing.T) {
	for isa, need := range needs {
		if !cpu.Detect().Has(need) {
			t.Logf("this processor lacks %v", need)
			continue
		}
		for _, rows := range []int{1, 7, 8, 15, 16, 17, 31, 48, 50} {
			for _, cols := range []int{1, 8, 9, 16, 23, 32, 40} {
				for _, at := range []kerneltest.Placement{kerneltest.Head, kerneltest.Tail} {
					if err := checkTranspose(move.For(isa), rows, cols, at); err != nil {
						t.Fatalf("%s, %d rows, %d columns, guard at the %v: %v", isa, rows, cols, at, err)
					}
				}
			}
		}
	}
}

// checkTranspose transposes rows that lie apart in both slices.
func checkTranspose(m move.Mover, rows, cols int, at kerneltest.Placement) error {
	srcRow, dstRow := cols+3, rows+2
	src := make([]float32, (rows-1)*srcRow+cols)
	for i := range src {
		src[i] = float32(i + 1)
	}
	from, err := kerneltest.BufferOf("src", src, at)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := kerneltest.NewBuffer("dst", (cols-1)*dstRow+rows, at)
	if err != nil {
		return err
	}
	defer to.Close()
	err = kerneltest.Guarded(func() error {
		m.Transpose(to.Data, from.Data, rows, cols, dstRow, srcRow)
		return nil
	}, from, to)
	if err != nil {
		return err
	}
	for i, v := range to.Data {
		c, r := i/dstRow, i%dstRow
		switch {
		case r < rows && v != src[r*srcRow+c]:
			return fmt.Errorf("row %d column %d is %g, want %g", c, r, v, src[r*srcRow+c])
		case r >= rows && v == v: // NewBuffer fills with NaN
			return fmt.Errorf("row %d column %d was written", c, r)
		}
	}
	return nil
}

// TestLong compares rows and squares of more elements than a call moves.
func TestLong(t *testing.T) {
	const most = move.Most
	for isa, need := range needs {
		if !cpu.Detect().Has(need) {
			t.Logf("this processor lacks %v", need)
			continue
		}
		m := move.For(isa)
		for _, s := range [][3]int{{3, most + 5, 3}, {1, 3*most + 1, 0}, {1, 2 * most, 17}, {2*most/7 + 1, 7, 1}, {most + 9, 1, 2}} {
			if err := check(m.Rows, s[0], s[1], s[2], kerneltest.Tail); err != nil {
				t.Errorf("%s, %d rows of %d and %d zeros: %v", isa, s[0], s[1], s[2], err)
			}
		}
		for _, s := range [][2]int{{700, 301}, {most, 17}, {17, most}, {3, most + 5}, {most + 5, 1}, {most/16 + 1, 16}} {
			if err := checkTranspose(m, s[0], s[1], kerneltest.Tail); err != nil {
				t.Errorf("%s, %d rows of %d: %v", isa, s[0], s[1], err)
			}
		}
	}
}

// TestCopyAndClear: parts follow each other without a gap, and end with dst.
func TestCopyAndClear(t *testing.T) {
	for _, n := range []int{0, 1, move.Most, move.Most + 1, 3*move.Most - 1} {
		src, dst := make([]float32, n+1), make([]float32, n+1)
		for i := range src {
			src[i], dst[i] = float32(i+1), -1
		}
		move.Copy(dst[:n], src)
		for i := range n {
			if dst[i] != src[i] {
				t.Fatalf("element %d of %d is %g, want %g", i, n, dst[i], src[i])
			}
		}
		move.Clear(dst[:n])
		for i := range n {
			if dst[i] != 0 {
				t.Fatalf("element %d of %d is %g, want 0", i, n, dst[i])
			}
		}
		if dst[n] != -1 {
			t.Fatalf("element %d was written", n)
		}
	}
}

// TestStream: whatever the alignment of dst, all of it is written and nothing beside it,
// between guard pages at either end.
func TestStream(t *testing.T) {
	for isa, need := range needs {
		if !cpu.Detect().Has(need) {
			t.Logf("this processor lacks %v", need)
			continue
		}
		for offset := range 17 {
			for _, n := range []int{0, 1, 3, 15, 16, 17, 63, 64, 65, 100, 1031} {
				for _, at := range []kerneltest.Placement{kerneltest.Head, kerneltest.Tail} {
					if err := streams(move.For(isa).Stream, n, offset, at); err != nil {
						t.Fatalf("%s, %d elements from %d on, guard at the %v: %v", isa, n, offset, at, err)
					}
				}
			}
		}
	}
}

func streams(f func(dst, src []float32, last bool), n, offset int, at kerneltest.Placement) error {
	src := make([]float32, n)
	for i := range src {
		src[i] = float32(i + 1)
	}
	from, err := kerneltest.BufferOf("src", src, at)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := kerneltest.NewBuffer("dst", n+offset, at)
	if err != nil {
		return err
	}
	defer to.Close()
	dst, rest := to.Data[offset:], to.Data[:offset] // the guard at the head lies before the rest
	if at == kerneltest.Tail {
		dst, rest = to.Data[:n], to.Data[n:]
	}
	clear(rest)
	err = kerneltest.Guarded(func() error {
		f(dst, from.Data, offset%2 == 0)
		return nil
	}, from, to)
	if err != nil {
		return err
	}
	for i, v := range dst {
		if v != src[i] {
			return fmt.Errorf("element %d is %g, want %g", i, v, src[i])
		}
	}
	for i, v := range rest {
		if v != 0 {
			return fmt.Errorf("element %d beside dst is %g", i, v)
		}
	}
	return nil
}
