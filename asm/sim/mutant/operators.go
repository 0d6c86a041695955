package mutant

import (
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// element is the size of a float32 in bytes.
const element = 4

// accumulating are the instructions that read what they write.
var accumulating = map[string]bool{"VFMADD231PS": true, "ADDQ": true, "SUBQ": true, "DECQ": true}

// repeat executes twice what is no idle repetition.
func repeat(_ *body, in *ir.Instruction) [][]*ir.Instruction {
	stores := len(in.Operands) > 1 && operand.IsMem(in.Operands[len(in.Operands)-1]) && !readOnly[in.Opcode]
	if stores || accumulating[in.Opcode] {
		return [][]*ir.Instruction{{in, in}}
	}
	return nil
}

// readOnly are the instructions that write no operand.
var readOnly = map[string]bool{"CMPQ": true, "TESTQ": true, "PREFETCHT0": true, "PREFETCHT1": true}

// displacements move an address by one element to either side, and a sum of integers by
// one.
func displacements(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for i, op := range in.Operands {
		m, ok := op.(operand.Mem)
		if !ok || m.Base == reg.FramePointer {
			continue
		}
		steps := []int{-element, element}
		if in.Opcode == "LEAQ" {
			steps = []int{-element, -1, 1, element}
		}
		for _, step := range steps {
			moved := m
			moved.Disp += step
			list = append(list, one(with(in, i, moved)))
		}
	}
	return list
}

// scales count an index in other units.
func scales(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for i, op := range in.Operands {
		m, ok := op.(operand.Mem)
		if !ok || m.Index == nil {
			continue
		}
		for _, scale := range []uint8{1, 2, 4, 8} {
			if scale != m.Scale {
				other := m
				other.Scale = scale
				list = append(list, one(with(in, i, other)))
			}
		}
	}
	return list
}

// arguments take the argument before or after.
func arguments(b *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for i, op := range in.Operands {
		at := slices.Index(b.integers, asMem(op))
		if at < 0 {
			continue
		}
		for _, other := range []int{at - 1, at + 1} {
			if other >= 0 && other < len(b.integers) {
				list = append(list, one(with(in, i, b.integers[other])))
			}
		}
	}
	return list
}

// asMem is the operand, or no place if it is not in memory.
func asMem(op operand.Op) operand.Mem {
	m, _ := op.(operand.Mem)
	return m
}

// bounds take one more or one fewer than an argument says.
func bounds(b *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	if in.Opcode != "MOVQ" || !slices.Contains(b.integers, asMem(in.Operands[0])) {
		return nil
	}
	for _, step := range []int32{-1, 1} {
		list = append(list, []*ir.Instruction{in, {Opcode: "ADDQ", Operands: []operand.Op{operand.I32(step), in.Operands[1]}}})
	}
	return list
}

// registers put another register of the function in place of each.
func registers(b *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for i, op := range in.Operands {
		if r, ok := op.(reg.Physical); ok {
			if other := b.other(r); other != nil {
				list = append(list, one(with(in, i, other)))
			}
		}
		m, ok := op.(operand.Mem)
		if !ok || m.Base == reg.FramePointer {
			continue
		}
		if other := b.otherAddress(m.Base); other != nil {
			moved := m
			moved.Base = other
			list = append(list, one(with(in, i, moved)))
		}
		if other := b.otherAddress(m.Index); m.Index != nil && other != nil {
			moved := m
			moved.Index = other
			list = append(list, one(with(in, i, moved)))
		}
	}
	return list
}

// other is the register of the same kind and size that the function uses next; nil if
// there is none.
func (b *body) other(r reg.Physical) reg.Register {
	switch {
	case r.Kind() == reg.KindOpmask:
		return after(b.masks, r)
	case r.Kind() == reg.KindGP && r.Size() == 8:
		return b.otherAddress(r)
	case r.Kind() != reg.KindVector:
		return nil
	}
	i := slices.IndexFunc(b.vectors, func(v reg.Physical) bool { return v.PhysicalIndex() == r.PhysicalIndex() })
	next := b.vectors[(i+1)%len(b.vectors)]
	if next.PhysicalIndex() == r.PhysicalIndex() {
		return nil
	}
	return sized(next, r.Size())
}

func (b *body) otherAddress(r reg.Register) reg.Register {
	if r == nil {
		return nil
	}
	return after(b.general, r)
}

// after is the register after r in a cycle; nil if r is alone or not there.
func after(list []reg.Register, r reg.Register) reg.Register {
	i := slices.Index(list, r)
	if i < 0 || len(list) == 1 {
		return nil
	}
	return list[(i+1)%len(list)]
}

// sized is the part of that many bytes of a vector register.
func sized(r reg.Physical, size uint) reg.Register {
	v, ok := r.(reg.VecPhysical)
	switch {
	case !ok:
		return nil
	case size == 16:
		return v.AsX()
	case size == 32:
		return v.AsY()
	default:
		return v.AsZ()
	}
}

// exchanges swap each two different operands of one kind, and those of a move to or from
// memory.
func exchanges(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for j := range in.Operands {
		for i := range j {
			a, b := in.Operands[i], in.Operands[j]
			if a == b || !exchangeable(in, a, b) {
				continue
			}
			list = append(list, one(with(with(in, i, b), j, a)))
		}
	}
	return list
}

// moves are the instructions that take memory on either side.
var moves = map[string]bool{"VMOVUPS": true, "VMASKMOVPS": true}

func exchangeable(in *ir.Instruction, a, b operand.Op) bool {
	ra, isA := a.(reg.Register)
	rb, isB := b.(reg.Register)
	switch {
	case isA && isB:
		return ra.Kind() == rb.Kind() && ra.Size() == rb.Size()
	case isA:
		return operand.IsMem(b) && comparesWithMemory(in, b) || moves[in.Opcode] && operand.IsMem(b) && ra.Kind() == reg.KindVector
	case isB:
		return operand.IsMem(a) && comparesWithMemory(in, a) || moves[in.Opcode] && operand.IsMem(a) && rb.Kind() == reg.KindVector
	}
	return false
}

// comparesWithMemory reports a comparison with an argument, which either operand can be.
func comparesWithMemory(in *ir.Instruction, m operand.Op) bool {
	return in.Opcode == "CMPQ" && asMem(m).Base == reg.FramePointer
}

// others are the opcodes that an emitter could have written by mistake: those that take
// the same operands.
var others = map[string][]string{
	"VFMADD231PS": {"VFMADD213PS", "VFMADD132PS", "VFNMADD231PS", "VFMSUB231PS", "VMULPS", "VADDPS"},
	"VMULPS":      {"VADDPS"}, "VADDPS": {"VSUBPS", "VMULPS"}, "VSUBPS": {"VADDPS"}, "VDIVPS": {"VMULPS"},
	"VMAXPS": {"VMINPS"}, "VMINPS": {"VMAXPS"},
	"VANDPS": {"VXORPS"}, "VPANDD": {"VPXORD"}, "VXORPS": {"VANDPS"}, "VPXORD": {"VPANDD"},
	"VUNPCKLPS": {"VUNPCKHPS", "VUNPCKLPD"}, "VUNPCKHPS": {"VUNPCKLPS", "VUNPCKHPD"},
	"VUNPCKLPD": {"VUNPCKHPD", "VUNPCKLPS"}, "VUNPCKHPD": {"VUNPCKLPD", "VUNPCKHPS"},
	"ADDQ": {"SUBQ"}, "SUBQ": {"ADDQ"}, "LEAQ": {"MOVQ"}, "CMPQ": {"TESTQ"}, "TESTQ": {"CMPQ"},
	"PREFETCHT0": {"PREFETCHT1"}, "PREFETCHT1": {"PREFETCHT0"},
	"VBROADCASTSS": {"VMOVUPS"}, "VPBROADCASTD": {"VMOVD"}, "VMOVD": {"VPBROADCASTD"},
}

func opcodes(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for _, opcode := range others[in.Opcode] {
		list = append(list, one(named(in, opcode)))
	}
	if in.Opcode == "VMOVUPS" && len(in.Operands) == 2 && operand.IsMem(in.Operands[0]) {
		list = append(list, one(named(in, "VBROADCASTSS")))
	}
	if slices.Contains(in.Suffixes, "BCST") {
		whole := *in
		whole.Suffixes = nil
		list = append(list, one(&whole))
	}
	return list
}

// widths halve the vectors of an instruction, all of them.
func widths(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	half, vectors := in, 0
	for i, op := range in.Operands {
		r, ok := op.(reg.Physical)
		if !ok || r.Kind() != reg.KindVector || r.Size() == 16 {
			continue
		}
		half = with(half, i, sized(r, r.Size()/2))
		vectors++
	}
	if vectors > 0 && in.Opcode != "VPMOVZXBD" {
		list = append(list, one(half))
	}
	return list
}

// masks drop the mask of an instruction, or its zeroing of masked lanes, or add that.
func masks(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	if in.Opcode == "VMASKMOVPS" {
		bare := named(in, "VMOVUPS")
		bare.Operands = []operand.Op{in.Operands[0], in.Operands[2]}
		return append(list, one(bare))
	}
	if len(in.Operands) < 3 || in.Opcode == "KMOVW" {
		return nil
	}
	at := len(in.Operands) - 2
	if r, ok := in.Operands[at].(reg.Register); !ok || r.Kind() != reg.KindOpmask {
		return nil
	}
	bare := *in
	bare.Operands, bare.Suffixes = slices.Delete(slices.Clone(in.Operands), at, at+1), nil
	zeroing := *in
	if zeroing.Suffixes = nil; len(in.Suffixes) == 0 {
		zeroing.Suffixes = []string{"Z"}
	}
	list = append(list, one(&bare))
	if !operand.IsMem(in.Operands[at+1]) {
		list = append(list, one(&zeroing))
	}
	return list
}

// immediates move an integer by one and by the size of an element, and turn each bit of
// a choice.
func immediates(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	for i, op := range in.Operands {
		for _, other := range otherConstants(op) {
			list = append(list, one(with(in, i, other)))
		}
	}
	return list
}

func otherConstants(op operand.Op) (list []operand.Op) {
	steps := []int64{-element, -1, 1, element}
	switch c := op.(type) {
	case operand.U8:
		for bit := range 8 {
			list = append(list, c^1<<bit)
		}
	case operand.U32:
		for _, s := range steps {
			list = append(list, operand.U32(int64(c)+s))
		}
	case operand.I32:
		for _, s := range steps {
			list = append(list, operand.I32(int64(c)+s))
		}
	case operand.U64:
		for _, s := range steps {
			list = append(list, operand.U64(int64(c)+s))
		}
		for _, bit := range []int{9, 25, 41, 57} {
			list = append(list, c^1<<bit)
		}
	}
	return list
}

// conditions are those of all branches.
var conditions = []string{"JEQ", "JNE", "JLT", "JGE", "JLE", "JGT", "JCS", "JCC", "JLS", "JHI", "JMI", "JPL"}

// jumps take another condition, or none.
func jumps(_ *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	if !slices.Contains(conditions, in.Opcode) {
		return nil
	}
	for _, c := range append([]string{"JMP"}, conditions...) {
		if c != in.Opcode {
			list = append(list, one(named(in, c)))
		}
	}
	return list
}

// targets jump to the label before or after.
func targets(b *body, in *ir.Instruction) (list [][]*ir.Instruction) {
	if len(in.Operands) != 1 {
		return nil
	}
	label, ok := in.Operands[0].(operand.LabelRef)
	at := slices.Index(b.labels, string(label))
	if !ok || at < 0 {
		return nil
	}
	for _, other := range []int{at - 1, at + 1} {
		if other >= 0 && other < len(b.labels) {
			list = append(list, one(with(in, 0, operand.LabelRef(b.labels[other]))))
		}
	}
	return list
}
