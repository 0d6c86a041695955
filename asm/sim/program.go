package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
)

// Program is a function that is ready to run.
type Program struct {
	name   string
	code   []instruction
	slices []string      // names of the slice arguments
	ints   []string      // names of the integer arguments
	params map[int]param // by offset from FP
	labels map[string]int
}

// param is a word of the frame: an integer argument or a part of a slice.
type param struct {
	name  string // as the assembler spells it: NAME, NAME_base, NAME_len, NAME_cap
	part  part
	index int // among the integers or among the slices
}

type part uint8

const (
	base   part = iota
	length      // or capacity, which is the same here
	integer
)

// instruction is one decoded instruction.
type instruction struct {
	index   int
	text    string
	opcode  string
	run     semantic
	args    []arg
	zeroing bool // masked lanes of the destination become 0
	spreads bool // its memory operand is one element, for all lanes
	target  int  // where a branch goes

	accesses, masked int // 1 if it loads or stores elements, and if a mask selects them
}

// Load decodes a function whose registers are allocated and checks each
// instruction, whether or not a call would reach it.
func Load(f *ir.Function) (*Program, error) {
	p := &Program{name: f.Name, params: map[int]param{}}
	if n := f.FrameBytes(); n > 0 {
		return nil, p.fault(-1, "", Stack, fmt.Errorf("the frame has %d bytes", n))
	}
	if err := p.signature(f); err != nil {
		return nil, p.fault(-1, "", Argument, err)
	}
	p.labels = labelsOf(f)
	var err error
	p.code, err = p.decodeAll(f.Instructions(), 0)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// decodeAll translates the instructions that are to stand from number at on.
func (p *Program) decodeAll(list []*ir.Instruction, at int) (code []instruction, err error) {
	for i, in := range list {
		decoded, kind, err := p.decode(in, p.labels)
		if err != nil {
			return nil, p.fault(at+i, text(in), kind, err)
		}
		decoded.index = at + i
		code = append(code, decoded)
	}
	return code, nil
}

// Replace returns the program with others in place of instruction i: with none, the
// next one moves up. What jumped to i jumps to the first of them. The error is a
// [*Finding], as of Load.
func (p *Program) Replace(i int, with ...*ir.Instruction) (*Program, error) {
	shift := func(n int) int {
		if n > i {
			n += len(with) - 1
		}
		return n
	}
	edited := *p
	edited.labels = map[string]int{}
	for name, at := range p.labels {
		edited.labels[name] = shift(at)
	}
	made, err := edited.decodeAll(with, i)
	if err != nil {
		return nil, err
	}
	edited.code = slices.Concat(p.code[:i], made, p.code[i+1:])
	for n := range edited.code {
		in := &edited.code[n]
		if in.index = n; in.target >= 0 && (n < i || n >= i+len(with)) {
			in.target = shift(in.target)
		}
	}
	return &edited, nil
}

// labelsOf is the number of the instruction that follows each label.
func labelsOf(f *ir.Function) map[string]int {
	labels, n := map[string]int{}, 0
	for _, node := range f.Nodes {
		switch node := node.(type) {
		case ir.Label:
			labels[string(node)] = n
		case *ir.Instruction:
			n++
		}
	}
	return labels
}

func (p *Program) fault(index int, text string, kind Kind, err error) *Finding {
	return &Finding{Kind: kind, Function: p.name, Index: index, Instruction: text, Detail: err.Error()}
}

// text spells an instruction.
func text(in *ir.Instruction) string {
	var ops []string
	for _, op := range in.Operands {
		ops = append(ops, op.Asm())
	}
	return strings.TrimSpace(in.OpcodeWithSuffixes() + " " + strings.Join(ops, ", "))
}

// signature finds out where the frame has which argument.
func (p *Program) signature(f *ir.Function) error {
	params := f.Signature.Params()
	for i := 0; ; i++ {
		c := params.At(i)
		if b, err := c.Base().Resolve(); err == nil {
			p.slices = append(p.slices, strings.TrimSuffix(b.Addr.Symbol.Name, "_base"))
			for j, c := range []gotypes.Component{c.Base(), c.Len(), c.Cap()} {
				p.param(c, min(part(j), length), len(p.slices)-1)
			}
			continue
		}
		if _, err := c.Resolve(); err != nil {
			break // no more arguments
		}
		p.ints = append(p.ints, "")
		p.ints[len(p.ints)-1] = p.param(c, integer, len(p.ints)-1)
	}
	if want := fmt.Sprintf("func(%s)", p.arguments()); f.Signature.String() != want[len("func"):] {
		return fmt.Errorf("the signature is %s, not one of slices and then ints", f.Signature)
	}
	return nil
}

// param notes where a word of the frame lies and returns its name.
func (p *Program) param(c gotypes.Component, part part, index int) string {
	b, err := c.Resolve()
	if err != nil {
		return ""
	}
	p.params[b.Addr.Disp] = param{b.Addr.Symbol.Name, part, index}
	return b.Addr.Symbol.Name
}

// arguments is the parameter list that a function with these slices and integers
// has.
func (p *Program) arguments() string {
	var list []string
	for _, s := range p.slices {
		list = append(list, s+" []float32")
	}
	for _, n := range p.ints {
		list = append(list, n+" int")
	}
	return strings.Join(list, ", ")
}

// decode translates one instruction; the kind tells what an error is about.
func (p *Program) decode(in *ir.Instruction, labels map[string]int) (d instruction, kind Kind, err error) {
	d = instruction{text: text(in), opcode: in.Opcode, target: -1}
	if in.Opcode == "CALL" {
		return d, ControlFlow, errors.New("a kernel calls nothing")
	}
	var known bool
	if d.run, known = semantics[in.Opcode]; !known {
		return d, UnknownOpcode, fmt.Errorf("the simulator has no row for %s", in.Opcode)
	}
	d.zeroing = slices.Equal(in.Suffixes, []string{"Z"})
	d.spreads = slices.Equal(in.Suffixes, []string{"BCST"}) && Spreads(in.Opcode)
	if len(in.Suffixes) > 0 && !d.zeroing && !d.spreads {
		return d, UnknownOpcode, fmt.Errorf("the simulator does not know the suffixes of %s", in.OpcodeWithSuffixes())
	}
	for _, op := range in.Operands {
		a, kind, err := decode(op)
		if err != nil {
			return d, kind, err
		}
		if a.place == parameter {
			if err := p.isParameter(op.(operand.Mem)); err != nil {
				return d, Argument, err
			}
		}
		d.args = append(d.args, a)
	}
	if kind, err := d.jump(labels, len(in.Operands)); err != nil {
		return d, kind, err
	}
	d.accesses, d.masked = d.loadsOrStores()
	kind, err = d.policy()
	return d, kind, err
}

// isParameter reports a reference that is not the argument of that name.
func (p *Program) isParameter(m operand.Mem) error {
	if has := p.params[m.Disp]; has.name != m.Symbol.Name {
		return fmt.Errorf("%s is not there, but %q", m.Asm(), has.name)
	}
	return nil
}

// jump resolves the target of a branch.
func (d *instruction) jump(labels map[string]int, operands int) (Kind, error) {
	_, conditional := conditions[d.opcode]
	if !conditional && d.opcode != "JMP" {
		return "", nil
	}
	if operands != 1 || d.args[0].place != label {
		return ControlFlow, errors.New("it jumps to something that is not a label of the function")
	}
	at, ok := labels[d.args[0].text]
	if !ok {
		return ControlFlow, fmt.Errorf("there is no label %s", d.args[0].text)
	}
	d.target = at
	return "", nil
}
