package mutation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/asm/sim/mutant"
	"github.com/upconv/upconv/gen/trial"
)

// What finds a mutant of assembly, in the order of the kinds of findings.
const (
	Refused  Layer = "refused"  // before it runs: no kernel has such an instruction
	Memory   Layer = "memory"   // bounds, read-only slices, outputs written twice or never
	Values   Layer = "values"   // a register, lane or flag that has no value
	State    Layer = "state"    // a return without VZEROUPPER, an end that is no return, an endless loop
	Bits     Layer = "bits"     // other outputs than the nest's
	Work     Layer = "work"     // other numbers of loads and stores than the nest's, or other fences
	Coverage Layer = "coverage" // an instruction or a branch that the calls do not try
)

// layers of findings.
var layers = map[sim.Kind]Layer{
	sim.OutOfBounds: Memory, sim.Misaligned: Memory, sim.ReadOnly: Memory, sim.Unexpected: Memory, sim.Twice: Memory, sim.Missing: Memory,
	sim.Undefined: Values, sim.BadOperand: Refused, sim.VectorState: State, sim.ControlFlow: State, sim.Budget: State,
}

// Assembly makes the mutants of a kernel's assembly that pick selects and tries each until
// a call finds it.
func Assembly(k Kernel, pick func(n int) bool) ([]Outcome, error) {
	p, err := compile(k)
	if err != nil {
		return nil, err
	}
	var list []Outcome
	for n, m := range mutantsOf(p) {
		if !pick(n) {
			continue
		}
		o := Outcome{Kernel: k.Nest.Name, Operator: m.Operator, Where: fmt.Sprintf("instruction %d, %s", m.Index, p.spell(m.Index)), Instead: m.Text()}
		p.judge(m, &o)
		list = append(list, o)
	}
	return list, nil
}

// mutantsOf are all mutants of the program.
func mutantsOf(p *program) []mutant.Mutant { return mutant.All(p.out.Func) }

// spell is an instruction as the assembler writes it.
func (p *program) spell(i int) string { return mutant.Spell(p.out.Func.Instructions()[i]) }

// few calls find most mutants; the others are tried with all unless they are equivalent.
const few = 4

// judge tries a mutant and notes what found it, or why it is no mistake.
func (p *program) judge(m mutant.Mutant, o *Outcome) {
	edited, err := p.sound.Replace(m.Index, m.With...)
	if err != nil {
		o.By, o.Message = Refused, err.Error()
		return
	}
	for n, c := range p.reaching(m.Index) {
		if n == few {
			if o.Equivalent = p.equivalent(m, edited); o.Equivalent != "" {
				return
			}
		}
		if o.By, o.Message = c.find(edited); o.By != "" {
			return
		}
	}
	// Only the calls that reach it can see it; all together tell whether all was tried.
	if err := p.tries(edited); err != nil {
		o.By, o.Message = Coverage, err.Error()
		return
	}
	if o.Equivalent = p.equivalent(m, edited); o.Equivalent != "" {
		return
	}
	if o.Missed, o.Message = p.missed(edited); o.Missed == "" {
		o.Equivalent = p.exhausted(m, edited)
	}
}

// tries reports an instruction or a branch that the calls of the trial do not try.
func (p *program) tries(edited *sim.Program) error {
	coverage := edited.Coverage()
	for _, c := range p.calls {
		_, stats, err := c.Simulate(edited)
		if err != nil {
			return err
		}
		coverage.Add(stats)
	}
	if missing := coverage.Missing(); len(missing) > 0 {
		return errors.New(missing[0])
	}
	return nil
}

// missed tries a mutant with more calls than the trial has.
func (p *program) missed(edited *sim.Program) (by Layer, message string) {
	more, err := p.thorough()
	if err != nil {
		return Refused, err.Error()
	}
	for _, c := range more {
		if by, message = c.find(edited); by != "" {
			return by, message
		}
	}
	return "", ""
}

// find executes a call of a mutant.
func (c call) find(edited *sim.Program) (by Layer, message string) {
	dst, stats, err := c.Simulate(edited)
	if err != nil {
		return layerOf(err), err.Error()
	}
	if i := c.Differ(dst, c.want); i >= 0 {
		return Bits, fmt.Sprintf("element %d of dst", i)
	}
	if err := trial.SameWork(stats, c.accesses); err != nil {
		return Work, err.Error()
	}
	return "", ""
}

// The rules by which a mutant is no mistake.
const (
	SameState  = "the straight-line code around it leaves the same"
	SameTarget = "every way from the one label leads to the other, and does nothing"
	EveryCount = "only the lanes of a mask, or where lanes go, depend on it, and no number of columns tells it"
	SameBranch = "the branch goes the same way, because counts are not negative"
)

// equivalent is the rule that proves a mutant equivalent, or "".
func (p *program) equivalent(m mutant.Mutant, edited *sim.Program) string {
	if len(m.With) == 1 && p.sound.SameBranch(m.Index, m.With[0].Opcode) && m.Operator == "condition" {
		return SameBranch
	}
	if m.Operator == "target" && p.sound.SameTarget(edited, m.Index) {
		return SameTarget
	}
	if p.sound.Same(edited, m.Index, len(m.With)) {
		return SameState
	}
	return ""
}

// exhausted is the rule of a mutant that no thorough call finds, or "". They try every count
// of lanes that a mask can have, each with the inputs that its lanes can then have; and where
// a kernel moves values, which are all different, nothing else tells one order from another.
func (p *program) exhausted(m mutant.Mutant, edited *sim.Program) string {
	more, err := p.thorough()
	if err != nil || len(more) == 0 {
		return ""
	}
	masks := p.sound.Selects(m.Index)
	for i := range m.With {
		masks = masks && edited.Selects(m.Index+i)
	}
	moves := p.moves() && len(m.With) == 1 && p.sound.Moves(m.Index) && edited.Moves(m.Index)
	if masks || moves {
		return EveryCount
	}
	return ""
}

// moves reports whether the kernel moves values and computes nothing.
func (p *program) moves() bool { return len(p.calls) > 0 && p.calls[0].Inputs != nil }

// reaching are the calls that execute an instruction, the shortest first.
func (p *program) reaching(instruction int) (list []call) {
	for _, c := range p.calls {
		if c.executed[instruction] > 0 {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b call) int { return cmp.Compare(a.length, b.length) })
	return list
}

// layerOf is the layer that an error of a trial belongs to.
func layerOf(err error) Layer {
	var f *sim.Finding
	if errors.Is(err, trial.ErrWork) {
		return Work
	}
	if !errors.As(err, &f) {
		return Coverage
	}
	if l, ok := layers[f.Kind]; ok {
		return l
	}
	return Refused
}
