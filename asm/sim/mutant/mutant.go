// Package mutant makes small mistakes in compiled assembly, one at a time: what a
// slip of an emitter would leave in a kernel. Whatever is to find mistakes has to find
// each of them, but those that change nothing that a kernel promises.
package mutant

import (
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Mutant is a function with other instructions in place of one.
type Mutant struct {
	Operator string            // the kind of mistake
	Index    int               // number of the instruction
	With     []*ir.Instruction // what stands in its place; nothing if it was deleted
}

// Text spells what stands in place of the instruction.
func (m Mutant) Text() string {
	var list []string
	for _, in := range m.With {
		list = append(list, Spell(in))
	}
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, "; ")
}

// Spell writes an instruction as the assembler does.
func Spell(in *ir.Instruction) string {
	var ops []string
	for _, op := range in.Operands {
		ops = append(ops, op.Asm())
	}
	return strings.TrimSpace(in.OpcodeWithSuffixes() + " " + strings.Join(ops, ", "))
}

// operator makes mistakes of one kind in an instruction.
type operator struct {
	name string
	make func(b *body, in *ir.Instruction) [][]*ir.Instruction
}

// operators are the mistakes that are made.
var operators = []operator{
	{"delete", func(*body, *ir.Instruction) [][]*ir.Instruction { return [][]*ir.Instruction{nil} }},
	{"repeat", repeat},
	{"displacement", displacements},
	{"scale", scales},
	{"argument", arguments},
	{"bound", bounds},
	{"register", registers},
	{"operands", exchanges},
	{"opcode", opcodes},
	{"width", widths},
	{"mask", masks},
	{"immediate", immediates},
	{"condition", jumps},
	{"target", targets},
}

// Operators are the names of the kinds of mistakes, in order.
func Operators() (names []string) {
	for _, o := range operators {
		names = append(names, o.name)
	}
	return names
}

// All returns the mutants of a function whose registers are allocated, instruction by
// instruction.
func All(f *ir.Function) (list []Mutant) {
	b := newBody(f)
	for i, in := range b.code {
		for _, o := range operators {
			for _, with := range o.make(b, in) {
				list = append(list, Mutant{Operator: o.name, Index: i, With: with})
			}
		}
	}
	return list
}

// body is what mutants of an instruction take from the rest of the function.
type body struct {
	code     []*ir.Instruction
	labels   []string
	general  []reg.Register // in the order of their first use, of 64 bits
	vectors  []reg.Physical
	masks    []reg.Register
	integers []operand.Mem // arguments that are integers
}

func newBody(f *ir.Function) *body {
	b := &body{code: f.Instructions()}
	for _, n := range f.Nodes {
		if l, ok := n.(ir.Label); ok {
			b.labels = append(b.labels, string(l))
		}
	}
	seen := map[reg.ID]bool{}
	for _, in := range b.code {
		for _, r := range in.Registers() {
			p, ok := r.(reg.Physical)
			if !ok || seen[p.ID()] {
				continue
			}
			seen[p.ID()] = true
			b.register(p)
		}
	}
	for _, parameter := range integerArguments(f) {
		b.integers = append(b.integers, parameter)
	}
	return b
}

// register notes a register that the function uses.
func (b *body) register(p reg.Physical) {
	switch {
	case p.Kind() == reg.KindVector:
		b.vectors = append(b.vectors, p)
	case p.Kind() == reg.KindOpmask:
		b.masks = append(b.masks, p)
	case p.Kind() == reg.KindGP && p.Size() == 8:
		b.general = append(b.general, p)
	}
}

// integerArguments are the places of the integer arguments.
func integerArguments(f *ir.Function) (list []operand.Mem) {
	params := f.Signature.Params()
	for i := 0; ; i++ {
		c := params.At(i)
		if _, err := c.Base().Resolve(); err == nil {
			continue
		}
		at, err := c.Resolve()
		if err != nil {
			return list
		}
		list = append(list, at.Addr)
	}
}

// with is a copy of an instruction with another operand.
func with(in *ir.Instruction, i int, op operand.Op) *ir.Instruction {
	made := *in
	made.Operands = append([]operand.Op(nil), in.Operands...)
	made.Operands[i] = op
	return &made
}

// named is a copy of an instruction with another opcode.
func named(in *ir.Instruction, opcode string) *ir.Instruction {
	made := *in
	made.Opcode = opcode
	return &made
}

// one makes a mutant of a single instruction.
func one(in *ir.Instruction) []*ir.Instruction { return []*ir.Instruction{in} }
