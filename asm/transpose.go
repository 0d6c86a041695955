package asm

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quads transposes groups of four vectors within their 128-bit parts: result
// 4*g+j holds in part q the elements 4*q+j of the four vectors of group g.
func quads(c *build.Context, v []reg.Register, fresh func() reg.Register) []reg.Register {
	out := make([]reg.Register, len(v))
	for g := 0; g < len(v); g += 4 {
		lo01, hi01, lo23, hi23 := fresh(), fresh(), fresh(), fresh()
		c.VUNPCKLPS(v[g+1], v[g], lo01)
		c.VUNPCKHPS(v[g+1], v[g], hi01)
		c.VUNPCKLPS(v[g+3], v[g+2], lo23)
		c.VUNPCKHPS(v[g+3], v[g+2], hi23)
		for j := range 4 {
			out[g+j] = fresh()
		}
		c.VUNPCKLPD(lo23, lo01, out[g])
		c.VUNPCKHPD(lo23, lo01, out[g+1])
		c.VUNPCKLPD(hi23, hi01, out[g+2])
		c.VUNPCKHPD(hi23, hi01, out[g+3])
	}
	return out
}

// transpose returns the columns of eight vectors.
func (c avx2) transpose(v []reg.Register) []reg.Register {
	q := quads(c.Context, v, c.vector)
	out := make([]reg.Register, len(v))
	for j := range 4 {
		out[j], out[4+j] = c.vector(), c.vector()
		c.VPERM2F128(operand.U8(0x20), q[4+j], q[j], out[j])
		c.VPERM2F128(operand.U8(0x31), q[4+j], q[j], out[4+j])
	}
	return out
}

// transpose returns the columns of sixteen vectors: the quarters that belong
// together are brought side by side in two steps.
func (c avx512) transpose(v []reg.Register) []reg.Register {
	const even, odd = operand.U8(0x88), operand.U8(0xdd) // quarters 0 and 2, or 1 and 3, of both vectors
	pick := func(which operand.U8, a, b reg.Register) reg.Register {
		out := c.ZMM()
		c.VSHUFF32X4(which, b, a, out)
		return out
	}
	q := quads(c.Context, v, c.vector)
	out := make([]reg.Register, len(v))
	for j := range 4 {
		e0, o0 := pick(even, q[j], q[4+j]), pick(odd, q[j], q[4+j])
		e1, o1 := pick(even, q[8+j], q[12+j]), pick(odd, q[8+j], q[12+j])
		out[j], out[8+j] = pick(even, e0, e1), pick(odd, e0, e1)
		out[4+j], out[12+j] = pick(even, o0, o1), pick(odd, o0, o1)
	}
	return out
}
