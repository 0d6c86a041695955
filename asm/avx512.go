package asm

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx512 speaks AVX-512F alone: sixteen lanes, masks in k registers. Memory is
// accessed with masks only through VMOVUPS, which does not touch masked lanes.
type avx512 struct{ *build.Context }

func (c avx512) vector() reg.Register { return c.ZMM() }
func (c avx512) mask() reg.Register   { return c.K() }

func (c avx512) zero(dst reg.Register)                      { c.VPXORD(dst, dst, dst) }
func (c avx512) splat(from operand.Mem, dst reg.Register)   { c.VBROADCASTSS(from, dst) }
func (c avx512) load(from operand.Mem, dst reg.Register)    { c.VMOVUPS(from, dst) }
func (c avx512) fma(a, b, acc reg.Register)                 { c.VFMADD231PS(a, b, acc) }
func (c avx512) store(src reg.Register, to operand.Mem)     { c.VMOVUPS(src, to) }
func (c avx512) storePast(src reg.Register, to operand.Mem) { c.VMOVNTPS(src, to) }

func (c avx512) loadMasked(from operand.Mem, mask, dst reg.Register) { c.VMOVUPS_Z(from, mask, dst) }
func (c avx512) storeMasked(src, mask reg.Register, to operand.Mem)  { c.VMOVUPS(src, mask, to) }

func (c avx512) fmaSplat(a reg.Register, from operand.Mem, acc reg.Register) {
	c.VFMADD231PS_BCST(from, a, acc)
}

func (c avx512) permute(src, places, dst reg.Register) { c.VPERMPS(src, places, dst) }

// gather needs a mask, which it clears.
func (c avx512) gather(from operand.Mem, places, dst reg.Register) {
	all := c.K()
	c.VPCMPEQD(places, places, all)
	c.VPXORD(dst, dst, dst)
	from.Index, from.Scale = places, elem
	c.VGATHERDPS(from, all, dst)
}

// storePart stores one half (eight lanes) or one quarter of a vector.
func (c avx512) storePart(src reg.Register, lane, count int, to operand.Mem) {
	if count == 8 {
		c.VEXTRACTF64X4(operand.U8(lane/8), src, to)
		return
	}
	c.VEXTRACTF32X4(operand.U8(lane/4), src, to)
}

func (c avx512) lanesBelow(n reg.GPVirtual, dst reg.Register) {
	lanes, count := c.lanesAnd(n)
	c.VPCMPGTD(lanes, count, dst)
}

func (c avx512) lanesAbove(n reg.GPVirtual, dst reg.Register) {
	lanes, count := c.lanesAnd(n)
	c.VPCMPGTD(count, lanes, dst)
}

// lanesAnd returns 0, 1, ... 15, which are widened from two constants, and n in
// every lane.
func (c avx512) lanesAnd(n reg.GPVirtual) (lanes, count reg.VecVirtual) {
	bytes := c.GP64()
	lanes, count = c.ZMM(), c.ZMM()
	c.MOVQ(operand.U64(0x0706050403020100), bytes)
	c.VMOVQ(bytes, lanes.AsX())
	c.MOVQ(operand.U64(0x0f0e0d0c0b0a0908), bytes)
	c.VPINSRQ(operand.U8(1), bytes, lanes.AsX(), lanes.AsX())
	c.VPMOVZXBD(lanes.AsX(), lanes)
	c.VPBROADCASTD(n.As32(), count)
	return lanes, count
}

func (c avx512) interleave(v []reg.Register) []reg.Register {
	if len(v) == 16 {
		return c.transpose(v)
	}
	if len(v)&(len(v)-1) == 0 {
		return zipTree(v, c.zip)
	}
	return c.acrossQuarters(c.withinQuarters(v, picks), func(h, n int) (vector, quarter int) { return h % n, h / n })
}

// zip returns a0 b0 a1 b1 ... as two vectors: within the 128-bit quarters, then
// the quarters in order.
func (c avx512) zip(a, b reg.Register) (lo, hi reg.Register) {
	even, odd := c.ZMM(), c.ZMM()
	c.VUNPCKLPS(b, a, even)
	c.VUNPCKHPS(b, a, odd)
	lo, hi = c.ZMM(), c.ZMM()
	c.VSHUFF32X4(operand.U8(0x44), odd, even, lo) // even0 even1 odd0 odd1
	c.VSHUFF32X4(operand.U8(0xd8), lo, lo, lo)
	c.VSHUFF32X4(operand.U8(0xee), odd, even, hi) // even2 even3 odd2 odd3
	c.VSHUFF32X4(operand.U8(0xd8), hi, hi, hi)
	return lo, hi
}

// deinterleave undoes interleave. Of two vectors it brings the even quarters of both
// into one place, and the odd ones into another.
func (c avx512) deinterleave(v []reg.Register) []reg.Register {
	if len(v) == 2 {
		even, odd := c.ZMM(), c.ZMM()
		c.VSHUFF32X4(operand.U8(0x88), v[1], v[0], even)
		c.VSHUFF32X4(operand.U8(0xdd), v[1], v[0], odd)
		return evenOdd(c.Context, []reg.Register{even, odd}, c.vector)
	}
	together := c.acrossQuarters(v, func(h, n int) (vector, quarter int) {
		from := h%4*n + h/4 // in the sequence
		return from / 4, from % 4
	})
	return c.withinQuarters(together, unpicks)
}

// withinQuarters permutes the four elements of each quarter of all vectors.
func (c avx512) withinQuarters(v []reg.Register, picks func(m, n int) []pick) []reg.Register {
	out, masks := make([]reg.Register, len(v)), constMasks{}
	for m := range out {
		for _, p := range picks(m, len(v)) {
			if out[m] == nil {
				out[m] = c.ZMM()
				c.VPERMILPS(operand.U8(p.order), v[p.source], out[m])
				continue
			}
			k := c.constMask(masks, uint16(p.lanes)*0x1111)
			c.VPERMILPS(operand.U8(p.order), v[p.source], k, out[m])
		}
	}
	return out
}

// acrossQuarters moves quarters: from says which one of which vector comes to
// quarter h%4 of vector h/4.
func (c avx512) acrossQuarters(v []reg.Register, from func(h, n int) (vector, quarter int)) []reg.Register {
	out, masks := make([]reg.Register, len(v)), constMasks{}
	for i := range out {
		for lane := range 4 {
			h := 4*i + lane
			vector, quarter := from(h, len(v))
			src, order := v[vector], operand.U8(quarter*0x55)
			if out[i] == nil {
				out[i] = c.ZMM()
				c.VSHUFF32X4(order, src, src, out[i])
				continue
			}
			c.VSHUFF32X4(order, src, src, c.constMask(masks, 0xf<<(4*lane)), out[i])
		}
	}
	return out
}

// constMasks are the constant masks that are loaded already, by their bits.
type constMasks map[uint16]reg.Register

// constMask loads a constant mask unless it is loaded already.
func (c avx512) constMask(loaded constMasks, bits uint16) reg.Register {
	if k, ok := loaded[bits]; ok {
		return k
	}
	g, k := c.GP32(), c.K()
	c.MOVL(operand.U32(uint32(bits)), g)
	c.KMOVW(g, k)
	loaded[bits] = k
	return k
}
