package asm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/upconv/upconv/gen/nest"
)

// integers is the part of a vocabulary that works on bits and on integers.
type integers interface {
	spread(n reg.GPVirtual, dst reg.Register)     // the low 32 bits in every lane
	count(step int, dst reg.Register)             // lane i is i*step
	keepEqual(a, b, then, dst reg.Register)       // dst = then where a and b have the same bits, else 0
	chooseEqual(a, b, then, dst reg.Register)     // dst = then where a and b have the same bits
	raise(by, dst reg.Register)                   // dst = by where that is larger or the first NaN
	clear(mask, dst reg.Register)                 // lanes outside mask become 0
	loadBytes(from operand.Mem, dst reg.Register) // a byte for each lane
	storeBytes(src reg.Register, to operand.Mem)  // the lowest byte of each lane
}

// integer emits the nodes about integers.
func (w *walk) integer(n nest.Node) {
	switch n := n.(type) {
	case nest.Constant:
		bits := w.GP64()
		w.MOVL(operand.U32(n.Bits), bits.As32())
		w.isa.spread(bits, w.def(n.Dst))
	case nest.Spread:
		arg := w.GP64()
		w.MOVQ(w.arg(n.Arg), arg)
		w.isa.spread(arg, w.def(n.Dst))
	case nest.Count:
		w.isa.count(n.Step, w.def(n.Dst))
	case nest.KeepEqual: // the sources before the destination, which may be new
		a, b, then := w.regs[n.A], w.regs[n.B], w.regs[n.Then]
		w.isa.keepEqual(a, b, then, w.def(n.Dst))
	case nest.ChooseEqual:
		w.isa.chooseEqual(w.regs[n.A], w.regs[n.B], w.regs[n.Then], w.regs[n.Dst])
	case nest.Raise:
		w.isa.raise(w.regs[n.By], w.regs[n.Dst])
	case nest.Clear:
		w.isa.clear(w.masks[n.Mask], w.regs[n.Dst])
	case nest.LoadBytes:
		w.isa.loadBytes(w.mem(n.From), w.def(n.Dst))
	case nest.StoreBytes:
		w.isa.storeBytes(w.regs[n.Src], w.mem(n.To))
	}
}

// multiples are the bytes 0, step, ... 7*step from that of lane first on.
func multiples(first, step int) operand.U64 {
	var bytes uint64
	for i := range 8 {
		bytes |= uint64((first+i)*step) << (8 * i)
	}
	return operand.U64(bytes)
}

// The predicates of VCMPPS that raise nothing: not less or equal, which is true
// beside a NaN, and neither a NaN.
const (
	notAtMost = operand.U8(0x16)
	ordered   = operand.U8(0x07)
)

func (c avx2) spread(n reg.GPVirtual, dst reg.Register) {
	low := c.XMM()
	c.VMOVD(n.As32(), low)
	c.VPBROADCASTD(low, dst)
}

func (c avx2) count(step int, dst reg.Register) {
	bytes, low := c.GP64(), c.XMM()
	c.MOVQ(multiples(0, step), bytes)
	c.VMOVQ(bytes, low)
	c.VPMOVZXBD(low, dst)
}

func (c avx2) keepEqual(a, b, then, dst reg.Register) {
	equal := c.YMM()
	c.VPCMPEQD(b, a, equal)
	c.VANDPS(then, equal, dst)
}

func (c avx2) chooseEqual(a, b, then, dst reg.Register) {
	equal := c.YMM()
	c.VPCMPEQD(b, a, equal)
	c.toggle(equal, then, dst)
}

func (c avx2) raise(by, dst reg.Register) {
	larger, number := c.YMM(), c.YMM()
	c.VCMPPS(notAtMost, dst, by, larger)
	c.VCMPPS(ordered, dst, dst, number)
	c.VANDPS(number, larger, larger)
	c.toggle(larger, by, dst)
}

func (c avx2) clear(mask, dst reg.Register) { c.VANDPS(mask, dst, dst) }

func (c avx2) loadBytes(from operand.Mem, dst reg.Register) { c.VPMOVZXBD(from, dst) }

// storeBytes narrows within halves, where each result is there twice, then puts the
// four bytes of the halves side by side.
func (c avx2) storeBytes(src reg.Register, to operand.Mem) {
	bytes, high, low := c.YMM(), c.XMM(), c.XMM()
	c.VPACKSSDW(src, src, bytes)
	c.VPACKUSWB(bytes, bytes, bytes)
	c.VEXTRACTF128(operand.U8(1), bytes, high)
	c.VUNPCKLPS(high, bytes.AsX(), low)
	c.VMOVLPS(low, to)
}

func (c avx512) spread(n reg.GPVirtual, dst reg.Register) { c.VPBROADCASTD(n.As32(), dst) }

func (c avx512) count(step int, dst reg.Register) {
	bytes, low := c.GP64(), c.XMM()
	c.MOVQ(multiples(0, step), bytes)
	c.VMOVQ(bytes, low)
	c.MOVQ(multiples(8, step), bytes)
	c.VPINSRQ(operand.U8(1), bytes, low, low)
	c.VPMOVZXBD(low, dst)
}

func (c avx512) keepEqual(a, b, then, dst reg.Register) {
	equal := c.K()
	c.VPCMPEQD(b, a, equal)
	c.VMOVUPS_Z(then, equal, dst)
}

func (c avx512) chooseEqual(a, b, then, dst reg.Register) {
	equal := c.K()
	c.VPCMPEQD(b, a, equal)
	c.VMOVUPS(then, equal, dst)
}

func (c avx512) raise(by, dst reg.Register) {
	larger, number := c.K(), c.K()
	c.VCMPPS(notAtMost, dst, by, larger)
	c.VCMPPS(ordered, dst, dst, number)
	c.KANDW(number, larger, larger)
	c.VMOVUPS(by, larger, dst)
}

func (c avx512) clear(mask, dst reg.Register) { c.VMOVUPS_Z(dst, mask, dst) }

func (c avx512) loadBytes(from operand.Mem, dst reg.Register) { c.VPMOVZXBD(from, dst) }

func (c avx512) storeBytes(src reg.Register, to operand.Mem) { c.VPMOVDB(src, to) }
