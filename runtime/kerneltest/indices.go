package kerneltest

import (
	"math/rand/v2"
	"unsafe"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// newIndices makes a buffer of n indices, which may be written.
func newIndices[T int32 | int64](name string, n int, at Placement) (*Buffer, []T, error) {
	words := int(unsafe.Sizeof(T(0))) / floatSize
	if shift := at.shift(); shift > 0 {
		at = Shifted(shift * words) // whole elements
	}
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

// drawIndices draws places for the inputs of a max_unpool. Of some kinds of data they
// are those that a max_pool finds, but for one plane of Cancelling; of the others they
// lie anywhere, some of them twice.
func (p *problem) drawIndices(kind Kind, seed uint64) []int64 {
	size := p.outPlane
	if p.layer.Indices == specs.TensorIndices {
		size = p.dstLen
	}
	r := rand.New(rand.NewPCG(seed, 3))
	indices := make([]int64, p.srcLen)
	pooled := kind == Integers || kind == Denormal || kind == Wide || kind == Cancelling
	other := -1
	if kind == Cancelling {
		other = r.IntN(p.batch * p.layer.InChannels)
	}
	for i := range indices {
		indices[i] = int64(r.IntN(size))
		if plane := p.planeOf(i); pooled && plane != other {
			indices[i] = p.pooledIndex(r, i)
		}
	}
	return indices
}

// planeOf is the plane n*C + c of element i of the input.
func (p *problem) planeOf(i int) int {
	c := p.layer.InChannels
	if p.layer.Layout == specs.NHWC {
		return i/p.inPlane/c*c + i%c
	}
	return i / p.inPlane
}

// pooledIndex is an index of element i of the input that lies in the window of a
// max_pool, which it may share with others where windows overlap.
func (p *problem) pooledIndex(r *rand.Rand, i int) int64 {
	c, within := p.layer.InChannels, i%p.inPlane
	if p.layer.Layout == specs.NHWC {
		within = i / c % p.inPlane
	}
	at := unflat(within, p.sizeIn)
	for axis, a := range p.layer.Spatial() {
		j := specs.MaxRank - p.layer.Rank + axis
		at[j] = min(max(at[j]*a.Stride-a.PadBegin+r.IntN(a.Kernel), 0), p.sizeOut[j]-1)
	}
	flat := at.flat(p.sizeOut)
	if p.layer.Indices == specs.TensorIndices {
		return int64(p.at(p.planeOf(i), flat))
	}
	return int64(flat)
}
