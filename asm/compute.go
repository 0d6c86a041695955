package asm

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/upconv/upconv/gen/nest"
)

// instruction is a method of the context that takes any form. Operands are in the
// assembler's order: Intel's second source comes first.
type instruction = func(c *build.Context, ops ...operand.Op)

// arithmetic are the instructions of operators, which both instruction sets have.
// The second source is what VMAXPS and VMINPS return unless the first is beyond it.
var arithmetic = map[nest.Operator]instruction{
	nest.Add: (*build.Context).VADDPS, nest.Sub: (*build.Context).VSUBPS,
	nest.Mul: (*build.Context).VMULPS, nest.Div: (*build.Context).VDIVPS,
	nest.Max: (*build.Context).VMAXPS, nest.Min: (*build.Context).VMINPS,
	nest.AddInt: (*build.Context).VPADDD, nest.SubInt: (*build.Context).VPSUBD,
}

// lessThan is the predicate of VCMPPS that is false beside a NaN and raises nothing.
const lessThan = operand.U8(0x11)

func (c avx2) compute(op nest.Operator, a, b, dst reg.Register) {
	switch op {
	case nest.And:
		c.VANDPS(b, a, dst)
	case nest.Xor:
		c.VXORPS(b, a, dst)
	case nest.Or:
		c.VORPS(b, a, dst)
	default:
		arithmetic[op](c.Context, b, a, dst)
	}
}

func (c avx2) shiftLeft(count int, a, dst reg.Register) { c.VPSLLD(operand.U8(count), a, dst) }

func (c avx2) choose(a, b, then, dst reg.Register) {
	less := c.YMM()
	c.VCMPPS(lessThan, b, a, less)
	c.toggle(less, then, dst)
}

// toggle changes those bits of dst in which then differs, in the lanes of all ones.
func (c avx2) toggle(lanes, then, dst reg.Register) {
	differ := c.YMM()
	c.VXORPS(then, dst, differ)
	c.VANDPS(lanes, differ, differ)
	c.VXORPS(differ, dst, dst)
}

func (c avx512) compute(op nest.Operator, a, b, dst reg.Register) {
	switch op {
	case nest.And:
		c.VPANDD(b, a, dst)
	case nest.Xor:
		c.VPXORD(b, a, dst)
	case nest.Or:
		c.VPORD(b, a, dst)
	default:
		arithmetic[op](c.Context, b, a, dst)
	}
}

func (c avx512) shiftLeft(count int, a, dst reg.Register) { c.VPSLLD(operand.U8(count), a, dst) }

func (c avx512) choose(a, b, then, dst reg.Register) {
	less := c.K()
	c.VCMPPS(lessThan, b, a, less)
	c.VMOVUPS(then, less, dst)
}
