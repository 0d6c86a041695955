package sim_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/specs"
)

// subject is a kernel and the calls that try it.
type subject struct {
	nest  nest.Kernel
	calls []trial.Call
	out   asm.Output
}

func newSubject(t *testing.T, layer string, target plan.Target) subject {
	t.Helper()
	l, err := specs.ParseName(layer)
	require.NoError(t, err)
	prob, p, err := plan.For(l, target)
	require.NoError(t, err)
	s := subject{nest: nest.Build(layer+"_"+target.Name, prob, p), calls: trial.NewContract(prob, p).Calls()}
	s.out, err = asm.Emit(s.nest, target.Name)
	require.NoError(t, err)
	return s
}

func (s subject) check() error { return trial.Check(s.nest, s.out, s.calls) }

// pick is the instruction to break: the nth whose text starts with prefix and
// contains part; from the last if nth is negative.
type pick struct {
	prefix, part string
	nth          int
}

func (p pick) in(t *testing.T, f *ir.Function) (node int, in *ir.Instruction) {
	t.Helper()
	var at []int
	for i, n := range f.Nodes {
		if in, ok := n.(*ir.Instruction); ok && strings.HasPrefix(spell(in), p.prefix) && strings.Contains(spell(in), p.part) {
			at = append(at, i)
		}
	}
	require.NotEmpty(t, at, "no instruction is %+v", p)
	node = at[(p.nth+len(at))%len(at)]
	return node, f.Nodes[node].(*ir.Instruction)
}

func spell(in *ir.Instruction) string {
	var ops []string
	for _, op := range in.Operands {
		ops = append(ops, op.Asm())
	}
	return in.OpcodeWithSuffixes() + " " + strings.Join(ops, ", ")
}

// edit breaks the function at an instruction.
type edit func(f *ir.Function, node int, in *ir.Instruction)

func remove(f *ir.Function, node int, _ *ir.Instruction) {
	f.Nodes = slices.Delete(f.Nodes, node, node+1)
}

func repeat(f *ir.Function, node int, in *ir.Instruction) {
	f.Nodes = slices.Insert(f.Nodes, node, ir.Node(in))
}

func swap(a, b int) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) {
		in.Operands[a], in.Operands[b] = in.Operands[b], in.Operands[a]
	}
}

func opcode(name string, suffixes ...string) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) { in.Opcode, in.Suffixes = name, suffixes }
}

func operandAt(i int, op operand.Op) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) { in.Operands[i] = op }
}

func dropOperand(i int, name string, suffixes ...string) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) {
		in.Operands = slices.Delete(in.Operands, i, i+1)
		in.Opcode, in.Suffixes = name, suffixes
	}
}

// shift moves the displacement of the memory operand by bytes.
func shift(bytes int) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) {
		for i, op := range in.Operands {
			if m, ok := op.(operand.Mem); ok {
				m.Disp += bytes
				in.Operands[i] = m
			}
		}
	}
}

// rebase replaces the base of the memory operand.
func rebase(to reg.Register) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) {
		for i, op := range in.Operands {
			if m, ok := op.(operand.Mem); ok {
				m.Base = to
				in.Operands[i] = m
			}
		}
	}
}

// plus adds to the immediate.
func plus(n int32) edit {
	return func(_ *ir.Function, _ int, in *ir.Instruction) {
		switch c := in.Operands[0].(type) {
		case operand.U32:
			in.Operands[0] = operand.U32(int32(c) + n)
		case operand.I32:
			in.Operands[0] = operand.I32(int32(c) + n)
		}
	}
}

// insert puts an instruction before the picked one.
func insert(name string, ops ...operand.Op) edit {
	return func(f *ir.Function, node int, _ *ir.Instruction) {
		f.Nodes = slices.Insert(f.Nodes, node, ir.Node(&ir.Instruction{Opcode: name, Operands: ops}))
	}
}

// wrong is the kind of a mutant that computes other bits.
const wrong sim.Kind = ""

// mutants are broken kernels, and the kinds of findings of which one is right.
var mutants = []struct {
	name  string
	layer string
	isa   plan.Target
	pick  pick
	edit  edit
	kinds []sim.Kind
}{
	{"load displacement too large", k4, plan.AVX2, pick{"VMOVUPS 8(", "Y", 0}, shift(4), []sim.Kind{wrong}},
	{"load of the last inputs too far", k4, plan.AVX512, pick{"VMOVUPS 8(", "Z", -1}, shift(4), []sim.Kind{sim.OutOfBounds}},
	{"load before the slice", k4, plan.AVX2, pick{"VMOVUPS (", "Y", 0}, shift(-4), []sim.Kind{sim.OutOfBounds}},
	{"load of half an element", k4, plan.AVX2, pick{"VMOVUPS (", "Y", 0}, shift(2), []sim.Kind{sim.Misaligned}},
	{"bias past its end", k4, plan.AVX2, pick{"VBROADCASTSS", "(R", 0}, shift(64), []sim.Kind{sim.OutOfBounds}},
	{"store displacement too large", k4, plan.AVX2, pick{"VMOVUPS Y", "32(", 0}, shift(32), []sim.Kind{sim.Twice}},
	{"store displacement one too small", k4, plan.AVX512, pick{"VMOVUPS Z", "64(", 0}, shift(-4), []sim.Kind{sim.Twice}},
	{"tail mask dropped", k4, plan.AVX2, pick{"VMASKMOVPS", "(", -1}, dropOperand(1, "VMOVUPS"), []sim.Kind{sim.OutOfBounds, sim.Unexpected}},
	{"tail mask dropped", k4, plan.AVX512, pick{"VMOVUPS Z", "K", -1}, dropOperand(1, "VMOVUPS"), []sim.Kind{sim.OutOfBounds, sim.Unexpected}},
	{"load mask dropped", k2, plan.AVX512, pick{"VMOVUPS.Z", "", 0}, dropOperand(1, "VMOVUPS"), []sim.Kind{sim.OutOfBounds}},
	{"load mask dropped", k2, plan.AVX2, pick{"VMASKMOVPS (", "", 0}, dropOperand(1, "VMOVUPS"), []sim.Kind{sim.OutOfBounds}},
	{"masked lanes of a load kept", k2, plan.AVX512, pick{"VMOVUPS.Z", "", 0}, opcode("VMOVUPS"), []sim.Kind{sim.Undefined}},
	{"VZEROUPPER removed", k4, plan.AVX2, pick{"VZEROUPPER", "", 0}, remove, []sim.Kind{sim.VectorState}},
	{"return removed", k4, plan.AVX2, pick{"RET", "", 0}, remove, []sim.Kind{sim.ControlFlow}},
	{"last loop one step too far", k4, plan.AVX2, pick{"JLT", "", 0}, opcode("JLE"), []sim.Kind{sim.OutOfBounds}},
	{"tile where none fits", k4, plan.AVX2, pick{"CMPQ", "whole", 0}, func(f *ir.Function, node int, _ *ir.Instruction) {
		lea := f.Nodes[node-1].(*ir.Instruction)
		m := lea.Operands[0].(operand.Mem)
		m.Disp = 0
		lea.Operands[0] = m
	}, []sim.Kind{sim.OutOfBounds}},
	{"one row fewer", k4, plan.AVX2, pick{"TESTQ", "", 0}, func(f *ir.Function, node int, in *ir.Instruction) { insert("DECQ", in.Operands[0])(f, node, in) }, []sim.Kind{sim.Missing}},
	{"no loop test", k4, plan.AVX2, pick{"TESTQ", "", 0}, remove, []sim.Kind{sim.Undefined}},
	{"loop test the other way", k4, plan.AVX512, pick{"JLE rowDone", "", 0}, opcode("JGT"), []sim.Kind{sim.Missing}},
	{"comparison swapped", k4, plan.AVX2, pick{"CMPQ", "whole", 0}, swap(0, 1), []sim.Kind{sim.OutOfBounds}},
	{"FMA made MUL", k4, plan.AVX2, pick{"VFMADD231PS", "", 5}, opcode("VMULPS"), []sim.Kind{wrong}},
	{"accumulator never set", k4, plan.AVX2, pick{"VBROADCASTSS", "", 0}, remove, []sim.Kind{sim.Undefined}},
	{"undefined vector register", k4, plan.AVX512, pick{"VFMADD231PS", "", 0}, operandAt(1, reg.Z31), []sim.Kind{sim.Undefined}},
	{"undefined index register", k4, plan.AVX2, pick{"LEAQ (", "*4)", 0}, func(_ *ir.Function, _ int, in *ir.Instruction) {
		m := in.Operands[0].(operand.Mem)
		m.Index = reg.R15
		in.Operands[0] = m
	}, []sim.Kind{sim.Undefined}},
	{"half of a vector cleared", k4, plan.AVX2, pick{"VFMADD231PS", "", 0}, func(f *ir.Function, node int, in *ir.Instruction) {
		x := in.Operands[0].(reg.VecPhysical).AsX()
		insert("VMOVUPS", x, x)(f, node, in)
	}, []sim.Kind{wrong}},
	{"undefined mask", k2, plan.AVX512, pick{"VPCMPGTD", "", 0}, remove, []sim.Kind{sim.Undefined}},
	{"wrong shuffle", k4, plan.AVX2, pick{"VUNPCKLPS", "", 0}, swap(0, 1), []sim.Kind{wrong}},
	{"wrong half", k4, plan.AVX2, pick{"VPERM2F128", "", 0}, operandAt(0, operand.U8(0x30)), []sim.Kind{wrong}},
	{"store becomes load", k4, plan.AVX2, pick{"VMOVUPS Y", "(", 0}, swap(0, 1), []sim.Kind{sim.Undefined}},
	{"load becomes store", k4, plan.AVX2, pick{"VMOVUPS (", "Y", 3}, swap(0, 1), []sim.Kind{sim.Undefined}},
	{"store to an input", k4, plan.AVX2, pick{"VMOVUPS (", "Y", 3}, func(f *ir.Function, node int, in *ir.Instruction) {
		insert("VMOVUPS", in.Operands[1], in.Operands[0])(f, node+1, in)
	}, []sim.Kind{sim.ReadOnly}},
	{"argument written", k4, plan.AVX2, pick{"MOVQ", "channels", 0}, swap(0, 1), []sim.Kind{sim.Argument}},
	{"store twice", k4, plan.AVX2, pick{"VMOVUPS Y", "(", 0}, repeat, []sim.Kind{sim.Twice}},
	{"store removed", k4, plan.AVX512, pick{"VMOVUPS Z", "(", -1}, remove, []sim.Kind{sim.Missing}},
	{"masks of other lanes", k4, plan.AVX2, pick{"MOVQ $0x0706050403020100", "", -1}, operandAt(0, operand.U64(0x0706050403020101)), []sim.Kind{sim.Missing}},
	{"mask counts one lane more", k4, plan.AVX512, pick{"SUBQ $", "", 0}, plus(-1), []sim.Kind{sim.OutOfBounds, sim.Unexpected}},
	{"row advances too far", k4, plan.AVX2, pick{"ADDQ $", "", 0}, plus(4), []sim.Kind{sim.OutOfBounds}},
	{"base pointer", k4, plan.AVX2, pick{"LEAQ (", "*4)", 0}, operandAt(1, reg.RBP), []sim.Kind{sim.FramePointer}},
	{"stack", k4, plan.AVX2, pick{"VMOVUPS Y", "(", 0}, rebase(reg.StackPointer), []sim.Kind{sim.Stack}},
	{"global data", k4, plan.AVX2, pick{"VMOVUPS (", "Y", 0}, rebase(reg.StaticBase), []sim.Kind{sim.GlobalData}},
	{"argument at another place", k4, plan.AVX2, pick{"MOVQ", "channels", 0}, shift(8), []sim.Kind{sim.Argument}},
	{"call", k4, plan.AVX2, pick{"VZEROUPPER", "", 0}, insert("CALL", operand.LabelRef("memmove")), []sim.Kind{sim.ControlFlow}},
	{"label of another function", k4, plan.AVX2, pick{"JMP", "", 0}, operandAt(0, operand.LabelRef("elsewhere")), []sim.Kind{sim.ControlFlow}},
	{"masked extract", k8, plan.AVX512, pick{"VEXTRACTF64X4", "", 0}, func(_ *ir.Function, _ int, in *ir.Instruction) {
		in.Operands = slices.Insert(in.Operands, 2, operand.Op(reg.K1))
	}, []sim.Kind{sim.MaskedMemory}},
	{"aligned store", k4, plan.AVX2, pick{"VMOVUPS Y", "(", 0}, opcode("VMOVAPS"), []sim.Kind{sim.UnknownOpcode}},
	{"streaming store", k4, plan.AVX512, pick{"VMOVUPS Z", "(", 0}, opcode("VMOVNTPS"), []sim.Kind{sim.Misaligned}},
	{"broadcast of a register", k2, plan.AVX512, pick{"VFMADD231PS Z", "", 0}, opcode("VFMADD231PS", "BCST"), []sim.Kind{sim.BadOperand}},
	{"whole vector for one element", k4, plan.AVX512, pick{"VFMADD231PS.BCST", "", -1}, opcode("VFMADD231PS"), []sim.Kind{sim.OutOfBounds}},
	{"broadcast that is not modelled", k4, plan.AVX512, pick{"VFMADD231PS.BCST", "", 0}, opcode("VSUBPS", "BCST"), []sim.Kind{sim.UnknownOpcode}},
}

const (
	k4 = "conv_transpose2d_k4s2p1"       // interleaved phases, a halo
	k2 = "conv_transpose2d_k2s2"         // rows of the caller, masked loads
	k8 = "conv_transpose2d_k16s8_c21x21" // vectors along the phases
)

// TestMutants: each broken kernel is found out, by a finding of the right kind that
// names the instruction, and for an access the argument and the address.
func TestMutants(t *testing.T) {
	for _, m := range mutants {
		t.Run(fmt.Sprintf("%s/%s", m.name, m.isa.Name), func(t *testing.T) {
			s := newSubject(t, m.layer, m.isa)
			require.NoError(t, s.check())
			node, in := m.pick.in(t, s.out.Func)
			m.edit(s.out.Func, node, in)
			err := s.check()
			require.Error(t, err)
			t.Log(err)
			var f *sim.Finding
			if !errors.As(err, &f) {
				require.Contains(t, m.kinds, wrong, err.Error())
				require.ErrorContains(t, err, "the nest gives")
				return
			}
			require.Contains(t, m.kinds, f.Kind, err.Error())
			require.ErrorContains(t, err, s.nest.Name)
			if f.Index >= 0 {
				require.ErrorContains(t, err, fmt.Sprintf("instruction %d, %s", f.Index, f.Instruction))
			}
			if slices.Contains(accesses, f.Kind) {
				require.NotEmpty(t, f.Argument)
				require.ErrorContains(t, err, fmt.Sprintf("address %#x", f.Address))
				require.ErrorContains(t, err, " of "+f.Argument)
			}
		})
	}
}

// accesses are the kinds that concern memory.
var accesses = []sim.Kind{sim.OutOfBounds, sim.Misaligned, sim.ReadOnly, sim.Unexpected, sim.Twice, sim.Missing}

// ruin returns what stands for an instruction whose result is lost: another value
// in the same register, or nothing if it has none.
func ruin(in *ir.Instruction) []ir.Node {
	if len(in.Operands) == 0 {
		return nil
	}
	r, ok := in.Operands[len(in.Operands)-1].(reg.Register)
	if !ok || in.Opcode == "CMPQ" || in.Opcode == "TESTQ" {
		return nil
	}
	switch {
	case in.Opcode == "VXORPS" || in.Opcode == "VPXORD":
		return nil
	case r.Kind() == reg.KindVector:
		name := map[bool]string{true: "VPXORD", false: "VXORPS"}[r.Size() == 64]
		return []ir.Node{&ir.Instruction{Opcode: name, Operands: []operand.Op{r, r, r}}}
	case in.Opcode == "KMOVW":
		return []ir.Node{&ir.Instruction{Opcode: "MOVL", Operands: []operand.Op{operand.U32(0x5a5a), in.Operands[0]}}, in}
	case r.Kind() == reg.KindGP && r.Size() == 8:
		return []ir.Node{&ir.Instruction{Opcode: "MOVQ", Operands: []operand.Op{operand.I32(0x123456), r}}}
	}
	return nil
}

// TestEveryInstructionMatters: a kernel in which the result of any one instruction
// is lost is found out, unless the code around it leaves the same: what a constant mask selects
// beside its lanes may be overwritten. Prefetches have no result; and where loads are masked, a last tile
// of no lanes touches nothing.
func TestEveryInstructionMatters(t *testing.T) {
	for _, layer := range []string{k4, k2, k8, "conv_transpose1d_k5s3"} {
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			if layer == k8 && target == plan.AVX512 {
				continue // as k8 with AVX2, and takes long
			}
			t.Run(layer+"/"+target.Name, func(t *testing.T) {
				t.Parallel()
				s := newSubject(t, layer, target)
				whole := slices.Clone(s.out.Func.Nodes)
				sound, err := sim.Load(s.out.Func)
				require.NoError(t, err)
				ruined, index, same := 0, -1, 0
				for i, n := range whole {
					in, ok := n.(*ir.Instruction)
					if ok {
						index++
					}
					if !ok || strings.HasPrefix(in.Opcode, "PREFETCH") {
						continue
					}
					ruined++
					instead := ruin(in)
					s.out.Func.Nodes = slices.Concat(whole[:i], instead, whole[i+1:])
					if s.check() != nil || layer == k2 && in.Opcode == "JMP" {
						continue
					}
					edited, err := sim.Load(s.out.Func)
					require.NoError(t, err)
					if in.Opcode == "MOVL" && sound.Same(edited, index, len(instead)) {
						same++
					} else {
						t.Errorf("nothing is missing without instruction %d, %s", ruined, spell(in))
					}
				}
				require.Greater(t, ruined, 60)
				require.Less(t, 20*same, ruined)
			})
		}
	}
}
