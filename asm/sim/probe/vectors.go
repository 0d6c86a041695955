package probe

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// instruction is a method of the context that takes any form.
type instruction = func(c *build.Context, ops ...operand.Op)

// sourceForms are the forms of an instruction of two sources: both in registers,
// one in memory, equal ones, and narrow ones.
func sourceForms(opcode string, f instruction) []row {
	return []row{
		{opcode, "rrr", func(b *bench) { f(b.Context, b.b, b.a, b.d) }},
		{opcode, "mrr", func(b *bench) { f(b.Context, b.from(inputAt), b.a, b.d) }},
		{opcode, "same", func(b *bench) { f(b.Context, b.a, b.a, b.d) }},
	}
}

// narrow is the form of 128 bits, which clears the rest.
func narrow(opcode string, f instruction) []row {
	return []row{{opcode, "xxx", func(b *bench) { f(b.Context, b.b.AsX(), b.a.AsX(), b.d.AsX()) }}}
}

// underMask is the form that keeps masked lanes.
func underMask(opcode string, f instruction) []row {
	return []row{{opcode, "rrkr", func(b *bench) { f(b.Context, b.b, b.a, b.k, b.d) }}}
}

// constants are values of an immediate that choose each part once and more often.
var constants = []uint8{0x00, 0x1b, 0x20, 0x31, 0x44, 0x5a, 0x8d, 0xd8, 0xee}

// choices are the forms with each of the constants.
func choices(opcode, form string, emit func(b *bench, imm operand.Op)) (rows []row) {
	for _, c := range constants {
		rows = append(rows, row{opcode, fmt.Sprintf("%s_%02x", form, c), func(b *bench) { emit(b, operand.U8(c)) }})
	}
	return rows
}

// parts are the forms that extract each of n parts, to memory and to a register.
func parts(opcode string, n int, register func(reg.VecVirtual) reg.Register, f instruction) (rows []row) {
	for i := range n {
		imm := operand.U8(i)
		rows = append(rows,
			row{opcode, fmt.Sprintf("rm_%d", i), func(b *bench) { f(b.Context, imm, b.a, b.to(storeAt)) }},
			row{opcode, fmt.Sprintf("rr_%d", i), func(b *bench) { f(b.Context, imm, b.a, register(b.d)) }})
	}
	return rows
}

func asX(v reg.VecVirtual) reg.Register { return v.AsX() }
func asY(v reg.VecVirtual) reg.Register { return v.AsY() }

// join puts rows after each other.
func join(lists ...[]row) (all []row) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// The arithmetic of both instruction sets.
var (
	add, sub, div = (*build.Context).VADDPS, (*build.Context).VSUBPS, (*build.Context).VDIVPS
	most, least   = (*build.Context).VMAXPS, (*build.Context).VMINPS
)

// The other forms of multiply and add, which mutants of kernels have.
var otherFused = map[string]instruction{
	"VFMADD213PS": (*build.Context).VFMADD213PS, "VFMADD132PS": (*build.Context).VFMADD132PS,
	"VFNMADD231PS": (*build.Context).VFNMADD231PS, "VFMSUB231PS": (*build.Context).VFMSUB231PS,
}

// spreading are the forms in which one element of memory is taken for every lane.
var spreading = map[string]instruction{
	"VFMADD231PS": (*build.Context).VFMADD231PS_BCST, "VFMADD213PS": (*build.Context).VFMADD213PS_BCST,
	"VFMADD132PS": (*build.Context).VFMADD132PS_BCST, "VFNMADD231PS": (*build.Context).VFNMADD231PS_BCST,
	"VFMSUB231PS": (*build.Context).VFMSUB231PS_BCST, "VMULPS": (*build.Context).VMULPS_BCST, "VADDPS": (*build.Context).VADDPS_BCST,
}

// spreadingForms are one of each.
func spreadingForms() (rows []row) {
	for _, opcode := range slices.Sorted(maps.Keys(spreading)) {
		rows = append(rows, row{opcode, "mrr_bcst", func(b *bench) { spreading[opcode](b.Context, b.from(inputAt), b.a, b.d) }})
	}
	return rows
}

// otherFusedForms are their forms, with more of them.
func otherFusedForms(more func(opcode string, f instruction) []row) (rows []row) {
	for _, opcode := range slices.Sorted(maps.Keys(otherFused)) {
		rows = append(rows, sourceForms(opcode, otherFused[opcode])...)
		rows = append(rows, more(opcode, otherFused[opcode])...)
	}
	return rows
}

// less is VCMPPS with the predicate that kernels use.
func less(c *build.Context, ops ...operand.Op) { c.VCMPPS(operand.U8(0x11), ops[0], ops[1], ops[2]) }

// predicates are VCMPPS with those of maxima.
func predicates(form string, emit func(b *bench, imm operand.Op)) (rows []row) {
	for _, n := range []uint8{0x07, 0x16} {
		rows = append(rows, row{"VCMPPS", fmt.Sprintf("%s_%02x", form, n), func(b *bench) { emit(b, operand.U8(n)) }})
	}
	return rows
}

// shifts are the forms with a few counts; one of all bits or more leaves nothing.
func shifts(form string, emit func(b *bench, imm operand.Op)) (rows []row) {
	for _, n := range []uint8{0, 1, 23, 31, 32, 200} {
		rows = append(rows, row{"VPSLLD", fmt.Sprintf("%s_%d", form, n), func(b *bench) { emit(b, operand.U8(n)) }})
	}
	return rows
}

// avx2 are the instructions with a VEX prefix.
func avx2() []row {
	fused, product, xor := (*build.Context).VFMADD231PS, (*build.Context).VMULPS, (*build.Context).VXORPS
	low, high := (*build.Context).VUNPCKLPS, (*build.Context).VUNPCKHPS
	extract := func(c *build.Context, ops ...operand.Op) { c.VEXTRACTF128(ops[0], ops[1], ops[2]) }
	return join(
		sourceForms("VFMADD231PS", fused), narrow("VFMADD231PS", fused),
		otherFusedForms(narrow),
		sourceForms("VMULPS", product), narrow("VMULPS", product),
		sourceForms("VXORPS", xor), narrow("VXORPS", xor),
		sourceForms("VADDPS", add), narrow("VADDPS", add),
		sourceForms("VSUBPS", sub), narrow("VSUBPS", sub),
		sourceForms("VDIVPS", div), narrow("VDIVPS", div),
		sourceForms("VMAXPS", most), narrow("VMAXPS", most),
		sourceForms("VMINPS", least), narrow("VMINPS", least),
		sourceForms("VANDPS", (*build.Context).VANDPS), narrow("VANDPS", (*build.Context).VANDPS),
		sourceForms("VCMPPS", less), narrow("VCMPPS", less),
		predicates("irrr", func(b *bench, imm operand.Op) { b.VCMPPS(imm, b.b, b.a, b.d) }),
		sourceForms("VORPS", (*build.Context).VORPS), narrow("VORPS", (*build.Context).VORPS),
		sourceForms("VPADDD", (*build.Context).VPADDD), narrow("VPADDD", (*build.Context).VPADDD),
		sourceForms("VPSUBD", (*build.Context).VPSUBD), narrow("VPSUBD", (*build.Context).VPSUBD),
		sourceForms("VPCMPEQD", (*build.Context).VPCMPEQD), narrow("VPCMPEQD", (*build.Context).VPCMPEQD),
		sourceForms("VPACKSSDW", (*build.Context).VPACKSSDW), narrow("VPACKSSDW", (*build.Context).VPACKSSDW),
		sourceForms("VPACKUSWB", (*build.Context).VPACKUSWB), narrow("VPACKUSWB", (*build.Context).VPACKUSWB),
		sourceForms("VPERMPS", (*build.Context).VPERMPS),
		shifts("irr", func(b *bench, imm operand.Op) { b.VPSLLD(imm, b.a, b.d) }),
		choices("VSHUFPS", "irrr", func(b *bench, imm operand.Op) { b.VSHUFPS(imm, b.b, b.a, b.d) }),
		sourceForms("VUNPCKLPS", low), narrow("VUNPCKLPS", low),
		sourceForms("VUNPCKHPS", high), narrow("VUNPCKHPS", high),
		sourceForms("VUNPCKLPD", (*build.Context).VUNPCKLPD), narrow("VUNPCKLPD", (*build.Context).VUNPCKLPD),
		sourceForms("VUNPCKHPD", (*build.Context).VUNPCKHPD), narrow("VUNPCKHPD", (*build.Context).VUNPCKHPD),
		choices("VPERMILPS", "irr", func(b *bench, imm operand.Op) { b.VPERMILPS(imm, b.a, b.d) }),
		choices("VBLENDPS", "irrr", func(b *bench, imm operand.Op) { b.VBLENDPS(imm, b.b, b.a, b.d) }),
		choices("VPERM2F128", "irrr", func(b *bench, imm operand.Op) { b.VPERM2F128(imm, b.b, b.a, b.d) }),
		parts("VEXTRACTF128", 2, asX, extract),
		[]row{
			{"VBROADCASTSS", "mr", func(b *bench) { b.VBROADCASTSS(b.from(inputAt), b.d) }},
			{"VBROADCASTSS", "mx", func(b *bench) { b.VBROADCASTSS(b.from(inputAt), b.d.AsX()) }},
			{"VBROADCASTSS", "xr", func(b *bench) { b.VBROADCASTSS(b.a.AsX(), b.d) }},
			{"VPBROADCASTD", "xr", func(b *bench) { b.VPBROADCASTD(b.a.AsX(), b.d) }},
			{"VMOVUPS", "mr", func(b *bench) { b.VMOVUPS(b.from(inputAt+1), b.d) }},
			{"VMOVUPS", "rm", func(b *bench) { b.VMOVUPS(b.a, b.to(storeAt+1)) }},
			{"VMOVNTPS", "rm", func(b *bench) { b.VMOVNTPS(b.a, b.to(storeAt)) }},
			{"VMOVUPS", "rr", func(b *bench) { b.VMOVUPS(b.a, b.d) }},
			{"VMOVUPS", "mx", func(b *bench) { b.VMOVUPS(b.from(inputAt), b.d.AsX()) }},
			{"VMOVUPS", "xm", func(b *bench) { b.VMOVUPS(b.a.AsX(), b.to(storeAt)) }},
			{"VMASKMOVPS", "mrr", func(b *bench) { b.VMASKMOVPS(b.from(inputAt), b.a, b.d) }},
			{"VMASKMOVPS", "rrm", func(b *bench) { b.VMASKMOVPS(b.b, b.a, b.to(storeAt)) }},
			{"VPCMPGTD", "rrr", func(b *bench) { b.VPCMPGTD(b.b, b.a, b.d) }},
			{"VGATHERDPS", "rmr", func(b *bench) { b.VGATHERDPS(b.b, b.scattered(b.YMM()), b.d); b.VMOVUPS(b.b, b.to(storeAt)) }},
			{"VMOVD", "rx", func(b *bench) { b.VMOVD(b.integer().As32(), b.d.AsX()) }},
			{"VMOVQ", "rx", func(b *bench) { b.VMOVQ(b.integer(), b.d.AsX()) }},
			{"VPMOVZXBD", "xr", func(b *bench) { b.VPMOVZXBD(b.a.AsX(), b.d) }},
			{"VPMOVZXBD", "mr", func(b *bench) { b.VPMOVZXBD(b.from(inputAt), b.d) }},
			{"VPINSRQ", "rxx_0", func(b *bench) { b.VPINSRQ(operand.U8(0), b.integer(), b.a.AsX(), b.d.AsX()) }},
			{"VPINSRQ", "rxx_1", func(b *bench) { b.VPINSRQ(operand.U8(1), b.integer(), b.a.AsX(), b.d.AsX()) }},
			{"VMOVLPS", "xm", func(b *bench) { b.VMOVLPS(b.a.AsX(), b.to(storeAt)) }},
			{"VZEROUPPER", "low", func(b *bench) { b.physical(reg.Y7) }},
		},
	)
}

// integer loads 64 bits.
func (b *bench) integer() reg.GPVirtual {
	x := b.GP64()
	b.MOVQ(b.from(first), x)
	return x
}

// physical shows what VZEROUPPER leaves of a register.
func (b *bench) physical(r reg.Register) {
	b.VMOVUPS(b.from(first), r)
	b.VZEROUPPER()
	b.VMOVUPS(r, b.to(storeAt))
	b.VMOVUPS(b.from(third), b.d)
}

// avx512 are the instructions with an EVEX prefix, on 512 bits, and those of masks.
func avx512() []row {
	fused, product, xor := (*build.Context).VFMADD231PS, (*build.Context).VMULPS, (*build.Context).VPXORD
	low, high, shuffle := (*build.Context).VUNPCKLPS, (*build.Context).VUNPCKHPS, (*build.Context).VSHUFF32X4
	rows := join(
		sourceForms("VFMADD231PS", fused), underMask("VFMADD231PS", fused),
		otherFusedForms(underMask), spreadingForms(),
		sourceForms("VMULPS", product), underMask("VMULPS", product),
		sourceForms("VPXORD", xor), underMask("VPXORD", xor),
		sourceForms("VADDPS", add), underMask("VADDPS", add),
		sourceForms("VSUBPS", sub), underMask("VSUBPS", sub),
		sourceForms("VDIVPS", div), underMask("VDIVPS", div),
		sourceForms("VMAXPS", most), underMask("VMAXPS", most),
		sourceForms("VMINPS", least), underMask("VMINPS", least),
		sourceForms("VPERMPS", (*build.Context).VPERMPS), underMask("VPERMPS", (*build.Context).VPERMPS),
		sourceForms("VPANDD", (*build.Context).VPANDD), underMask("VPANDD", (*build.Context).VPANDD),
		sourceForms("VPORD", (*build.Context).VPORD), underMask("VPORD", (*build.Context).VPORD),
		sourceForms("VPADDD", (*build.Context).VPADDD), underMask("VPADDD", (*build.Context).VPADDD),
		sourceForms("VPSUBD", (*build.Context).VPSUBD), underMask("VPSUBD", (*build.Context).VPSUBD),
		predicates("irrk", func(b *bench, imm operand.Op) { b.VCMPPS(imm, b.b, b.a, b.k); b.storeMask() }),
		choices("VSHUFPS", "irrr", func(b *bench, imm operand.Op) { b.VSHUFPS(imm, b.b, b.a, b.d) }),
		shifts("irr", func(b *bench, imm operand.Op) { b.VPSLLD(imm, b.a, b.d) }),
		sourceForms("VUNPCKLPS", low), underMask("VUNPCKLPS", low),
		sourceForms("VUNPCKHPS", high), underMask("VUNPCKHPS", high),
		sourceForms("VUNPCKLPD", (*build.Context).VUNPCKLPD), sourceForms("VUNPCKHPD", (*build.Context).VUNPCKHPD),
		choices("VPERMILPS", "irr", func(b *bench, imm operand.Op) { b.VPERMILPS(imm, b.a, b.d) }),
		choices("VPERMILPS", "irkr", func(b *bench, imm operand.Op) { b.VPERMILPS(imm, b.a, b.k, b.d) }),
		choices("VSHUFF32X4", "irrr", func(b *bench, imm operand.Op) { shuffle(b.Context, imm, b.b, b.a, b.d) }),
		choices("VSHUFF32X4", "irrkr", func(b *bench, imm operand.Op) { shuffle(b.Context, imm, b.b, b.a, b.k, b.d) }),
		parts("VEXTRACTF32X4", 4, asX, (*build.Context).VEXTRACTF32X4),
		parts("VEXTRACTF64X4", 2, asY, (*build.Context).VEXTRACTF64X4),
		[]row{
			{"VBROADCASTSS", "mr", func(b *bench) { b.VBROADCASTSS(b.from(inputAt), b.d) }},
			{"VPBROADCASTD", "gr", func(b *bench) { b.VPBROADCASTD(b.integer().As32(), b.d) }},
			{"VMOVUPS", "mr", func(b *bench) { b.VMOVUPS(b.from(inputAt+1), b.d) }},
			{"VMOVUPS", "rm", func(b *bench) { b.VMOVUPS(b.a, b.to(storeAt+1)) }},
			{"VMOVNTPS", "rm", func(b *bench) { b.VMOVNTPS(b.a, b.to(storeAt)) }},
			{"VMOVUPS", "mkr", func(b *bench) { b.VMOVUPS(b.from(inputAt), b.k, b.d) }},
			{"VMOVUPS", "mkr_z", func(b *bench) { b.VMOVUPS_Z(b.from(inputAt), b.k, b.d) }},
			{"VMOVUPS", "rkm", func(b *bench) { b.VMOVUPS(b.a, b.k, b.to(storeAt)) }},
			{"VMOVUPS", "rkr", func(b *bench) { b.VMOVUPS(b.a, b.k, b.d) }},
			{"VFMADD231PS", "rrkr_z", func(b *bench) { b.VFMADD231PS_Z(b.b, b.a, b.k, b.d) }},
			{"VPERMILPS", "irkr_z", func(b *bench) { b.VPERMILPS_Z(operand.U8(0x1b), b.a, b.k, b.d) }},
			{"VPMOVZXBD", "xr", func(b *bench) { b.VPMOVZXBD(b.a.AsX(), b.d) }},
			{"VPCMPGTD", "rrk", func(b *bench) { b.VPCMPGTD(b.b, b.a, b.k); b.storeMask() }},
			{"VCMPPS", "rrk", func(b *bench) { b.VCMPPS(operand.U8(0x11), b.b, b.a, b.k); b.storeMask() }},
			{"VCMPPS", "mrk", func(b *bench) { b.VCMPPS(operand.U8(0x11), b.from(inputAt), b.a, b.k); b.storeMask() }},
			{"VPCMPEQD", "rrk", func(b *bench) { b.VPCMPEQD(b.b, b.a, b.k); b.storeMask() }},
			{"VMOVUPS", "rkr_z", func(b *bench) { b.VMOVUPS_Z(b.a, b.k, b.d) }},
			{"VPMOVZXBD", "mr", func(b *bench) { b.VPMOVZXBD(b.from(inputAt), b.d) }},
			{"VPMOVDB", "rm", func(b *bench) { b.VPMOVDB(b.a, b.to(storeAt)) }},
			{"KANDW", "kkk", func(b *bench) { b.KANDW(b.secondMask(), b.k, b.k); b.storeMask() }},
			{"VGATHERDPS", "mkr", func(b *bench) { b.VGATHERDPS(b.scattered(b.ZMM()), b.k, b.d); b.storeMask() }},
			{"VPCMPEQD", "same", func(b *bench) { b.VPCMPEQD(b.a, b.a, b.k); b.storeMask() }},
			{"KMOVW", "gk", func(b *bench) { b.KMOVW(b.integer().As32(), b.k); b.storeMask() }},
			{"VZEROUPPER", "low", func(b *bench) { b.physical(reg.Z7) }},
			{"VZEROUPPER", "high", func(b *bench) { b.physical(reg.Z23) }},
		},
	)
	for i := range rows {
		rows[i].form += "_512"
	}
	return rows
}

// secondMask is another mask than that of the bench.
func (b *bench) secondMask() reg.Register {
	k := b.K()
	b.KMOVW(b.integer().As32(), k)
	return k
}

// scattered are places of src from inputAt on, in no order and some of them equal.
func (b *bench) scattered(index reg.VecVirtual) operand.Mem {
	bytes, few := b.GP64(), index.AsX()
	b.MOVQ(operand.U64(0x1f0200051e0b0300), bytes)
	b.VMOVQ(bytes, few)
	b.MOVQ(operand.U64(0x0711131d021f0108), bytes)
	b.VPINSRQ(operand.U8(1), bytes, few, few)
	b.VPMOVZXBD(few, index)
	from := b.from(inputAt)
	from.Index, from.Scale = index, 4
	return from
}

// storeMask stores all bits of the mask.
func (b *bench) storeMask() {
	x := b.GP64()
	b.KMOVW(b.k, x.As32())
	b.MOVQ(x, b.to(storeAt))
}
