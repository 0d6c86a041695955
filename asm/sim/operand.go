package sim

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// place is what an operand is.
type place uint8

const (
	immediate place = iota
	general         // a general-purpose register
	vector
	mask
	memory
	parameter // an argument, read through FP
	label
)

// arg is a decoded operand. Operands keep the assembler's order: the destination
// is the last.
type arg struct {
	place place
	text  string
	reg   int   // register number
	size  int   // bytes of a register
	imm   int64 // value of an immediate, offset of a parameter
	mem   address
}

// address is base + index*scale + disp; index is -1 if there is none. If the index is
// a vector, lanes are those it has, and each is an address.
type address struct{ base, index, scale, disp, lanes int }

// lanes is the number of float32 that a vector register's name stands for.
func (a arg) lanes() int { return a.size / 4 }

// decode translates an operand, or says what is wrong with it.
func decode(op operand.Op) (arg, Kind, error) {
	a := arg{text: op.Asm()}
	switch op := op.(type) {
	case reg.Register:
		return a.register(op)
	case operand.Mem:
		return a.memory(op)
	case operand.LabelRef:
		a.place = label
		return a, "", nil
	}
	if v, ok := constant(op); ok {
		a.place, a.imm = immediate, v
		return a, "", nil
	}
	return a, BadOperand, fmt.Errorf("%s is a %T", a.text, op)
}

// constant is the value of an integer immediate.
func constant(op operand.Op) (int64, bool) {
	switch c := op.(type) {
	case operand.U8:
		return int64(c), true
	case operand.I8:
		return int64(c), true
	case operand.U32:
		return int64(c), true
	case operand.I32:
		return int64(c), true
	case operand.U64:
		return int64(c), true
	case operand.I64:
		return int64(c), true
	}
	return 0, false
}

var places = map[reg.Kind]place{reg.KindGP: general, reg.KindVector: vector, reg.KindOpmask: mask}

// The general-purpose registers that belong to the Go runtime.
const (
	numberSP = 4
	numberBP = 5
)

func (a arg) register(r reg.Register) (arg, Kind, error) {
	p, ok := r.(reg.Physical)
	if !ok {
		return a, BadOperand, fmt.Errorf("%s is not allocated", a.text)
	}
	if a.place, ok = places[p.Kind()]; !ok {
		return a, Stack, fmt.Errorf("%s is not a register of the machine", a.text)
	}
	a.reg, a.size = int(p.PhysicalIndex()), int(p.Size())
	if a.place != general {
		return a, "", nil
	}
	if a.reg == numberSP || a.reg == numberBP {
		return a, FramePointer, fmt.Errorf("it belongs to the runtime")
	}
	if a.size < 4 {
		return a, BadOperand, fmt.Errorf("%s is a part of a register", a.text)
	}
	return a, "", nil
}

func (a arg) memory(m operand.Mem) (arg, Kind, error) {
	if m.Base == reg.FramePointer {
		if m.Index != nil {
			return a, Argument, fmt.Errorf("%s is indexed", a.text)
		}
		a.place, a.imm = parameter, int64(m.Disp)
		return a, "", nil
	}
	if m.Base == reg.StackPointer {
		return a, Stack, fmt.Errorf("%s is on the stack", a.text)
	}
	if m.Base == reg.StaticBase || m.Symbol.Name != "" {
		return a, GlobalData, fmt.Errorf("%s needs a relocation", a.text)
	}
	if m.Base == nil {
		return a, BadOperand, fmt.Errorf("%s has no base", a.text)
	}
	base, kind, err := decode(m.Base)
	if err != nil {
		return a, kind, err
	}
	a.place = memory
	a.mem = address{base: base.reg, index: -1, disp: m.Disp}
	if m.Index == nil || m.Scale == 0 {
		return a, BadOperand, a.wide(base)
	}
	index, kind, err := decode(m.Index)
	if err != nil {
		return a, kind, err
	}
	a.mem.index, a.mem.scale = index.reg, int(m.Scale)
	if index.place == vector {
		a.mem.lanes = index.lanes()
		return a, BadOperand, a.wide(base)
	}
	return a, BadOperand, a.wide(base, index)
}

// wide reports registers that do not hold a whole address.
func (a arg) wide(registers ...arg) error {
	for _, r := range registers {
		if r.place != general || r.size != 8 {
			return fmt.Errorf("%s is no address of 64-bit registers", a.text)
		}
	}
	return nil
}
