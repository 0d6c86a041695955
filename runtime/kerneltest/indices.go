package kerneltest

import (
	"unsafe"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// newIndices makes a buffer of n indices, which may be written.
func newIndices[T int32 | int64](name string, n int, at Placement) (*Buffer, []T, error) {
	words := int(unsafe.Sizeof(T(0))) / floatSize
	b, err := NewBuffer(name, n*words, at)
	if err != nil {
		return nil, nil, err
	}
	b.words = words
	return b, unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b.Data))), n), nil
}

// indicesOf makes a buffer that holds these indices and can only be read.
func indicesOf[T int32 | int64](name string, values []int64, at Placement) (*Buffer, []T, error) {
	b, data, err := newIndices[T](name, len(values), at)
	if err != nil {
		return nil, nil, err
	}
	for i, v := range values {
		data[i] = T(v)
	}
	return b, data, b.seal()
}

// guardIndices puts the indices of a run between guards: those that a max_unpool reads, of
// 32 bits where the guard is at the tail and of 64 where it is at the head; those that a
// max_pool writes. Ops without indices get none.
func (b *buffers) guardIndices(p *problem, d *Data, at Placement, a *runtime.Args) (err error) {
	var made *Buffer
	switch {
	case p.layer.Op == specs.MaxPool:
		made, a.Indices, err = newIndices[int64]("indices", p.dstLen, at)
	case d.Indices == nil:
		return nil
	case at == Tail:
		made, a.Indices32, err = indicesOf[int32]("indices32", d.Indices, at)
	default:
		made, a.Indices, err = indicesOf[int64]("indices", d.Indices, at)
	}
	if made != nil {
		b.all = append(b.all, made)
	}
	return err
}
