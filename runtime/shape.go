package runtime

import (
	"fmt"
	"unsafe"

	"github.com/upconv/upconv/specs"
)

// Shape is a batch size and spatial sizes, outermost first. Entries beyond the
// layer's rank are 0.
type Shape struct {
	Batch int
	Input [specs.MaxRank]int

	beyond int // sizes that were given beyond specs.MaxRank
}

// NewShape returns the shape of a batch with the given spatial sizes. More than
// specs.MaxRank of them are a wrong rank, which Forward reports.
func NewShape(batch int, input ...int) Shape {
	s := Shape{Batch: batch, beyond: max(0, len(input)-specs.MaxRank)}
	copy(s.Input[:], input)
	return s
}

// extents are the axes of one call, outermost first; those that the layer lacks
// are one element wide and come first, so the last two are y and x.
type extents [specs.MaxRank]specs.Extent

var one = specs.Extent{In: 1, Out: 1, Kernel: 1, Stride: 1, Scale: 1, Dilation: 1}

// resolve checks a shape against the layer.
func resolve(l *specs.Layer, s Shape) (extents, error) {
	if s.Batch < 1 {
		return extents{}, fmt.Errorf("runtime: batch size is %d; want at least 1", s.Batch)
	}
	if s.beyond > 0 {
		return extents{}, fmt.Errorf("runtime: the shape has more than the layer's %d spatial axes", l.Rank)
	}
	e := extents{one, one, one}
	skip := specs.MaxRank - l.Rank
	for i := range specs.MaxRank {
		if i >= l.Rank {
			if s.Input[i] != 0 {
				return extents{}, fmt.Errorf("runtime: the shape has more than the layer's %d spatial axes", l.Rank)
			}
			continue
		}
		x, err := l.Extent(i, s.Input[i])
		if err != nil {
			return extents{}, fmt.Errorf("runtime: axis %d: %w", i, err)
		}
		e[skip+i] = x
	}
	return e, nil
}

// lengths are the element counts of src and dst.
func (e *extents) lengths(l *specs.Layer, batch int) (src, dst int, err error) {
	src, okSrc := specs.Product(batch, l.InChannels, e[0].In, e[1].In, e[2].In)
	dst, okDst := specs.Product(batch, l.OutChannels, e[0].Out, e[1].Out, e[2].Out)
	if !okSrc || !okDst {
		return 0, 0, fmt.Errorf("runtime: the size of the arrays overflows")
	}
	return src, dst, nil
}

// overlap reports whether two slices share memory.
func overlap(a, b []float32) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a0, b0 := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	a1, b1 := uintptr(unsafe.Pointer(&a[len(a)-1])), uintptr(unsafe.Pointer(&b[len(b)-1]))
	return a0 <= b1 && b0 <= a1
}
