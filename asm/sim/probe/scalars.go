package probe

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// branches are the conditional branches and those of them that read no other flag
// than carry.
var branches = []struct {
	opcode string
	carry  bool
	emit   func(*build.Context, operand.Op)
}{
	{"JEQ", false, (*build.Context).JEQ}, {"JNE", false, (*build.Context).JNE},
	{"JLT", false, (*build.Context).JLT}, {"JGE", false, (*build.Context).JGE},
	{"JLE", false, (*build.Context).JLE}, {"JGT", false, (*build.Context).JGT},
	{"JLS", false, (*build.Context).JLS}, {"JHI", false, (*build.Context).JHI},
	{"JMI", false, (*build.Context).JMI}, {"JPL", false, (*build.Context).JPL},
	{"JCS", true, (*build.Context).JCS}, {"JCC", true, (*build.Context).JCC},
}

// scalars are integer instructions. Each stores its result, and for each branch
// whether it is taken.
func scalars() []row {
	rows := []row{
		{"ADDQ", "rr", func(b *bench) { b.ADDQ(b.x, b.y); b.outcome(b.y, false) }},
		{"ADDQ", "ir", func(b *bench) { b.ADDQ(operand.U32(128), b.y); b.outcome(b.y, false) }},
		{"ADDQ", "nr", func(b *bench) { b.ADDQ(operand.I32(-64), b.y); b.outcome(b.y, false) }},
		{"SUBQ", "rr", func(b *bench) { b.SUBQ(b.x, b.y); b.outcome(b.y, false) }},
		{"SUBQ", "ir", func(b *bench) { b.SUBQ(operand.I32(16), b.y); b.outcome(b.y, false) }},
		{"SUBQ", "same", func(b *bench) { b.SUBQ(b.y, b.y); b.outcome(b.y, false) }},
		{"XORQ", "rr", func(b *bench) { b.XORQ(b.x, b.y); b.outcome(b.y, false) }},
		{"XORQ", "same", func(b *bench) { b.XORQ(b.y, b.y); b.outcome(b.y, false) }},
		{"CMPQ", "rr", func(b *bench) { b.CMPQ(b.x, b.y); b.outcome(b.y, false) }},
		{"CMPQ", "rm", func(b *bench) { b.CMPQ(b.x, b.from(first+2)); b.outcome(b.y, false) }},
		{"CMPQ", "ri", func(b *bench) { b.CMPQ(b.x, operand.I32(7)); b.outcome(b.x, false) }},
		{"TESTQ", "rr", func(b *bench) { b.TESTQ(b.x, b.y); b.outcome(b.y, false) }},
		{"TESTQ", "same", func(b *bench) { b.TESTQ(b.y, b.y); b.outcome(b.y, false) }},
		{"DECQ", "r", func(b *bench) { b.ADDQ(b.x, b.y); b.DECQ(b.x); b.outcome(b.x, false) }},
		{"IMUL3Q", "irr", func(b *bench) { z := b.GP64(); b.IMUL3Q(operand.I32(5), b.y, z); b.outcome(z, true) }},
		{"IMUL3Q", "nrr", func(b *bench) { z := b.GP64(); b.IMUL3Q(operand.I32(-70000), b.y, z); b.outcome(z, true) }},
		{"IMUL3Q", "imr", func(b *bench) { z := b.GP64(); b.IMUL3Q(operand.I32(3), b.from(first), z); b.outcome(z, true) }},
		{"MOVQ", "rr", func(b *bench) { b.MOVQ(b.x, b.y); b.MOVQ(b.y, b.to(0)) }},
		{"MOVQ", "ir", func(b *bench) { b.MOVQ(operand.U64(0x8706050403020100), b.y); b.MOVQ(b.y, b.to(0)) }},
		{"MOVQ", "nr", func(b *bench) { b.MOVQ(operand.I32(-5), b.y); b.MOVQ(b.y, b.to(0)) }},
		{"MOVQ", "pr", func(b *bench) { b.Load(b.Param("src").Len(), b.y); b.MOVQ(b.y, b.to(0)) }},
		{"MOVL", "rr", func(b *bench) { b.MOVL(b.x.As32(), b.y.As32()); b.MOVQ(b.y, b.to(0)) }},
		{"MOVL", "ir", func(b *bench) { b.MOVL(operand.U32(0x8000f0f0), b.y.As32()); b.MOVQ(b.y, b.to(0)) }},
		{"MOVL", "mr", func(b *bench) { b.MOVL(b.from(first+5), b.y.As32()); b.MOVQ(b.y, b.to(0)) }},
		{"MOVL", "rm", func(b *bench) { b.MOVL(b.x.As32(), b.to(3)) }},
		{"LEAQ", "disp", func(b *bench) { b.LEAQ(operand.Mem{Base: b.x, Disp: -12}, b.y); b.MOVQ(b.y, b.to(0)) }},
		{"LEAQ", "index", func(b *bench) {
			b.LEAQ(operand.Mem{Base: b.x, Index: b.y, Scale: 4, Disp: 8}, b.y)
			b.MOVQ(b.y, b.to(0))
		}},
		{"SFENCE", "none", func(b *bench) { b.SFENCE(); b.MOVQ(b.x, b.to(0)) }},
		{"PREFETCHT0", "far", func(b *bench) { b.PREFETCHT0(b.from(1 << 20)); b.MOVQ(b.x, b.to(0)) }},
		{"PREFETCHT1", "far", func(b *bench) { b.PREFETCHT1(b.from(1 << 20)); b.MOVQ(b.x, b.to(0)) }},
		{"RET", "early", func(b *bench) { b.VZEROUPPER(); b.RET(); b.MOVQ(b.x, b.to(0)) }},
		{"JMP", "forward", func(b *bench) { b.JMP(operand.LabelRef("end")); b.MOVQ(b.x, b.to(0)); b.Label("end") }},
	}
	for _, br := range branches {
		rows = append(rows, row{br.opcode, "after", func(b *bench) { b.CMPQ(b.x, b.y); b.branch(0, br.emit) }})
	}
	return rows
}

// outcome stores a result and what each branch does after it; carry leaves out
// those that read flags which have no value.
func (b *bench) outcome(result reg.Register, carry bool) {
	b.MOVQ(result, b.to(0))
	for i, br := range branches {
		if br.carry || !carry {
			b.branch(1+i, br.emit)
		}
	}
}

// branch stores an integer at place at: 1 if the branch is taken, else 0.
func (b *bench) branch(at int, emit func(*build.Context, operand.Op)) {
	n, end := b.GP64(), fmt.Sprintf("taken%d", at)
	b.MOVQ(operand.I32(1), n)
	emit(b.Context, operand.LabelRef(end))
	b.MOVQ(operand.I32(0), n)
	b.Label(end)
	b.MOVQ(n, b.to(2*at))
}
