package asm

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx2 speaks AVX2 and FMA3: eight lanes, masks in vector registers.
type avx2 struct{ *build.Context }

func (c avx2) vector() reg.Register { return c.YMM() }
func (c avx2) mask() reg.Register   { return c.YMM() }

func (c avx2) zero(dst reg.Register)                      { c.VXORPS(dst, dst, dst) }
func (c avx2) splat(from operand.Mem, dst reg.Register)   { c.VBROADCASTSS(from, dst) }
func (c avx2) load(from operand.Mem, dst reg.Register)    { c.VMOVUPS(from, dst) }
func (c avx2) fma(a, b, acc reg.Register)                 { c.VFMADD231PS(a, b, acc) }
func (c avx2) store(src reg.Register, to operand.Mem)     { c.VMOVUPS(src, to) }
func (c avx2) storePast(src reg.Register, to operand.Mem) { c.VMOVNTPS(src, to) }

func (c avx2) loadMasked(from operand.Mem, mask, dst reg.Register) { c.VMASKMOVPS(from, mask, dst) }
func (c avx2) storeMasked(src, mask reg.Register, to operand.Mem)  { c.VMASKMOVPS(src, mask, to) }

func (c avx2) fmaSplat(a reg.Register, from operand.Mem, acc reg.Register) {
	b := c.vector()
	c.splat(from, b)
	c.fma(a, b, acc)
}

func (c avx2) permute(src, places, dst reg.Register) { c.VPERMPS(src, places, dst) }

// gather needs a mask, which it clears.
func (c avx2) gather(from operand.Mem, places, dst reg.Register) {
	all := c.YMM()
	c.VPCMPEQD(places, places, all)
	c.VXORPS(dst, dst, dst)
	from.Index, from.Scale = places, elem
	c.VGATHERDPS(all, from, dst)
}

// storePart stores one half of a vector.
func (c avx2) storePart(src reg.Register, lane, _ int, to operand.Mem) {
	c.VEXTRACTF128(operand.U8(lane/4), src, to)
}

func (c avx2) lanesBelow(n reg.GPVirtual, dst reg.Register) {
	lanes, count := c.lanesAnd(n)
	c.VPCMPGTD(lanes, count, dst)
}

func (c avx2) lanesAbove(n reg.GPVirtual, dst reg.Register) {
	lanes, count := c.lanesAnd(n)
	c.VPCMPGTD(count, lanes, dst)
}

// lanesAnd returns 0, 1, ... 7, which are widened from one constant, and n in every
// lane.
func (c avx2) lanesAnd(n reg.GPVirtual) (lanes, count reg.VecVirtual) {
	bytes := c.GP64()
	lanes, count = c.YMM(), c.YMM()
	c.MOVQ(operand.U64(0x0706050403020100), bytes)
	c.VMOVQ(bytes, lanes.AsX())
	c.VPMOVZXBD(lanes.AsX(), lanes)
	c.VMOVD(n.As32(), count.AsX())
	c.VPBROADCASTD(count.AsX(), count)
	return lanes, count
}

// interleave zips halves for powers of two; other counts go in two steps, first
// inside the 128-bit halves, then across them.
func (c avx2) interleave(v []reg.Register) []reg.Register {
	if len(v) == 8 {
		return c.transpose(v)
	}
	if len(v)&(len(v)-1) == 0 {
		return zipTree(v, c.zip)
	}
	return c.acrossHalves(c.withinHalves(v, picks))
}

// zip returns a0 b0 a1 b1 ... as two vectors.
func (c avx2) zip(a, b reg.Register) (lo, hi reg.Register) {
	even, odd := c.YMM(), c.YMM()
	c.VUNPCKLPS(b, a, even)
	c.VUNPCKHPS(b, a, odd)
	lo, hi = c.YMM(), c.YMM()
	c.VPERM2F128(operand.U8(0x20), odd, even, lo)
	c.VPERM2F128(operand.U8(0x31), odd, even, hi)
	return lo, hi
}

// deinterleave undoes interleave: it brings the halves that belong together into
// one place, then works inside them.
func (c avx2) deinterleave(v []reg.Register) []reg.Register {
	if len(v) == 8 {
		return c.transpose(v)
	}
	together := make([]reg.Register, len(v))
	for i := range together {
		lo, hi := i, len(v)+i // halves of the sequence
		together[i] = c.YMM()
		select2 := lo%2 | (hi%2)<<4 | 0x20
		c.VPERM2F128(operand.U8(select2), v[hi/2], v[lo/2], together[i])
	}
	if len(v) == 2 {
		return evenOdd(c.Context, together, c.vector)
	}
	return c.withinHalves(together, unpicks)
}

// withinHalves permutes the four elements of each half of all vectors.
func (c avx2) withinHalves(v []reg.Register, picks func(m, n int) []pick) []reg.Register {
	out := make([]reg.Register, len(v))
	for m := range out {
		for _, p := range picks(m, len(v)) {
			t := c.YMM()
			c.VPERMILPS(operand.U8(p.order), v[p.source], t)
			if out[m] == nil {
				out[m] = t
			} else {
				c.VBLENDPS(operand.U8(p.lanes|p.lanes<<4), t, out[m], out[m])
			}
		}
	}
	return out
}

// acrossHalves puts the halves in order: output h is half h/n of vector h%n.
func (c avx2) acrossHalves(v []reg.Register) []reg.Register {
	out := make([]reg.Register, len(v))
	for i := range out {
		lo, hi := 2*i, 2*i+1
		out[i] = c.YMM()
		select2 := lo/len(v) | (hi/len(v))<<4 | 0x20
		c.VPERM2F128(operand.U8(select2), v[hi%len(v)], v[lo%len(v)], out[i])
	}
	return out
}
