package trial

import (
	"math"
	"slices"

	"github.com/upconv/upconv/specs"
)

// pooled is what a call has to leave in dst: the comment of runtime.PoolFunc, output by
// output.
func (c PoolContract) pooled(call Call) []float32 {
	p := pooling{c, call.Args.Ints, slices.Clone(call.Args.Slices[0]), call.Args.Slices[1], call.Args.Slices[2]}
	f := p.number
	switch {
	case p.overlaps() && p.a[poolMove] > 0:
		f = p.putChannel
	case p.overlaps():
		f = p.numberChannel
		for i := range p.dst {
			p.dst[i] = 0
		}
	case c.plan.Op == specs.MaxPool && p.a[poolMove] > 0:
		f = p.largest
	case c.plan.Op == specs.MaxPool:
		f = p.place
	case p.a[poolMove] > 0:
		f = p.put
	default:
		for i := range p.dst {
			p.dst[i] = 0 // of whole vectors: those beyond the columns lead nowhere
		}
	}
	cols := p.a[poolCols]
	if p.overlaps() {
		cols *= p.a[poolTaps]
	}
	for row := range p.a[poolRows] {
		for col := range cols {
			f(row, col)
		}
	}
	return p.dst
}

// pooling is a call with its slices.
type pooling struct {
	PoolContract
	a             []int
	dst, src, aid []float32
}

// window calls f with the elements of a window, and their indices, in their order.
func (p pooling) window(row, col int, f func(x float32, index int)) {
	w := p.plan.Windows
	for tap := range p.a[poolTaps] {
		for k := range w.Kernel {
			at := row*p.a[poolSrcRow] + tap*p.a[poolSrcTap] + w.Stride*col + w.Dilation*k
			index := at
			if p.plan.Pixels {
				at = row*p.a[poolSrcRow] + tap*p.a[poolSrcTap] + k*p.a[poolWidth] + col
				if index = at; p.a[poolNarrow] > 0 {
					index = row*w.Stride + tap*p.a[poolWhole] + k*w.Dilation
				}
			}
			f(p.src[at], p.a[poolFirst]+index)
		}
	}
}

// largest is the maximum of a window.
func (p pooling) largest(row, col int) { p.dst[row*p.a[poolDstRow]+col] = p.maximum(row, col) }

// maximum is the first of the largest elements of a window, or its first NaN.
func (p pooling) maximum(row, col int) float32 {
	best := float32(math.Inf(-1))
	p.window(row, col, func(x float32, _ int) {
		if x > best || x != x && best == best {
			best = x
		}
	})
	return best
}

// place is the index of the first element that has the bits of the maximum; 0 if none has.
func (p pooling) place(row, col int) {
	found, most := -1, math.Float32bits(p.aid[row*p.a[poolAidRow]+col])
	p.window(row, col, func(x float32, index int) {
		if found < 0 && math.Float32bits(x) == most {
			found = index
		}
	})
	at := row*p.a[poolDstRow] + 2*col
	p.dst[at], p.dst[at+1] = math.Float32frombits(uint32(max(0, found))), 0
}

// lead notes in a lane of the first vector what tells that an index leads elsewhere: a 1 of
// one that is that of no element, and the high half of any.
func (p pooling) lead(lane, number int, high uint32) {
	bits := math.Float32bits(p.dst[lane]) | high
	if number == 0 {
		bits |= 1
	}
	p.dst[lane] = math.Float32frombits(bits)
}

// number is that of the element of its own block that the low half of an index leads to.
func (p pooling) number(row, col int) {
	at, n, block, lanes := row*p.a[poolSrcRow]+col, 0, p.plan.Blocks, p.plan.Target.Lanes
	high := uint32(0)
	if p.a[poolWide] > 0 {
		at += col
		high = math.Float32bits(p.src[at+1])
	}
	for i := range block.Y * block.X {
		own := p.a[poolFirst] + (row*block.Y+i/block.X)*p.a[poolLine] + col*block.X + i%block.X
		if math.Float32bits(p.src[at]) == uint32(own) {
			n = i + 1
		}
	}
	p.lead(col%lanes, n, high)
	word := &p.dst[lanes+row*p.a[poolDstRow]+col/4]
	*word = math.Float32frombits(math.Float32bits(*word) | uint32(n)<<(col%4*8))
}

// put fills a block: its input where the number says, 0 elsewhere.
func (p pooling) put(row, col int) {
	block, x := p.plan.Blocks, p.src[row*p.a[poolSrcRow]+col]
	n := math.Float32bits(p.aid[row*p.a[poolAidRow]+col/4]) >> (col % 4 * 8) & 0xff
	for i := range block.Y * block.X {
		at := &p.dst[(row*block.Y+i/block.X)*p.a[poolDstRow]+col*block.X+i%block.X]
		if *at = 0; uint32(i+1) == n {
			*at = x
		}
	}
}
