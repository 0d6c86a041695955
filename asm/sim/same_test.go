package sim_test

import (
	"testing"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
)

// edits are changes of straight-line code, next to each other those that leave the same and
// those that nearly do. The function has dst in CX and src in AX, and stores what it has made.
var edits = []struct {
	name string
	body func(c *build.Context)
	at   string // the instruction that is replaced
	with []*ir.Instruction
	same bool
}{
	{"x AND x", middle(reg.Y1, line("VANDPS", reg.Y1, reg.Y1, reg.Y1)), "VANDPS Y1, Y1, Y1", nil, true},
	{"x AND y", middle(reg.Y1, line("VANDPS", reg.Y1, reg.Y2, reg.Y1)), "VANDPS Y1, Y2, Y1", nil, false},
	{"x OR x", middle(reg.Y1, line("VORPS", reg.Y1, reg.Y1, reg.Y1)), "VORPS Y1, Y1, Y1", nil, true},
	{"x XOR x", middle(reg.Y1, line("VXORPS", reg.Y1, reg.Y1, reg.Y1)), "VXORPS Y1, Y1, Y1", nil, false},
	{"the larger of x and x", middle(reg.Y1, line("VMAXPS", reg.Y1, reg.Y1, reg.Y1)), "VMAXPS Y1, Y1, Y1", nil, false},
	{"x AND x of 512 bits", middle(reg.Z1, line("VPANDD", reg.Z1, reg.Z1, reg.Z1)), "VPANDD Z1, Z1, Z1", nil, true},
	{"x OR x of 512 bits", middle(reg.Z1, line("VPORD", reg.Z1, reg.Z1, reg.Z1)), "VPORD Z1, Z1, Z1", nil, true},
	{"x AND x under a mask", middle(reg.Z1, line("VPANDD", reg.Z1, reg.Z1, reg.K1, reg.Z1)), "VPANDD Z1, Z1, K1, Z1", nil, true},
	{"x AND x under a mask that clears", middle(reg.Z1, zeroing("VPANDD", reg.Z1, reg.Z1, reg.K1, reg.Z1)), "VPANDD.Z Z1, Z1, K1, Z1", nil, false},

	{"a copy clears lanes that are stored", middle(reg.Z1, line("VANDPS", reg.Y1, reg.Y1, reg.Y1)), "VANDPS Y1, Y1, Y1", nil, false},
	{"a copy clears half of a vector", middle(reg.Y1, line("VANDPS", reg.X1, reg.X1, reg.X1)), "VANDPS X1, X1, X1", nil, false},
	{"an edit that keeps lanes that nothing reads", middle(reg.Y1, line("VANDPS", reg.Y1, reg.Y1, reg.Y1)), "VANDPS Y1, Y1, Y1", []*ir.Instruction{line("VPANDD", reg.Z1, reg.Z1, reg.Z1)}, true},

	{"another copy", middle(reg.Y3, line("VORPS", reg.Y1, reg.Y1, reg.Y2), line("VORPS", reg.Y1, reg.Y1, reg.Y3)), "VORPS Y1, Y1, Y3", []*ir.Instruction{line("VORPS", reg.Y2, reg.Y1, reg.Y3)}, true},
	{"no copy", middle(reg.Y3, line("VORPS", reg.Y1, reg.Y4, reg.Y2), line("VORPS", reg.Y1, reg.Y1, reg.Y3)), "VORPS Y1, Y1, Y3", []*ir.Instruction{line("VANDPS", reg.Y2, reg.Y4, reg.Y3)}, false},
	{"a copy to where nothing reads it", middle(reg.Y1, line("VANDPS", reg.Y1, reg.Y1, reg.Y1)), "VANDPS Y1, Y1, Y1", []*ir.Instruction{line("VANDPS", reg.Y1, reg.Y1, reg.Y2)}, true},
	{"a copy to where it is stored", middle(reg.Y1, line("VANDPS", reg.Y2, reg.Y2, reg.Y2)), "VANDPS Y2, Y2, Y2", []*ir.Instruction{line("VANDPS", reg.Y2, reg.Y2, reg.Y1)}, false},

	{"a loop adds to what only it reads", looping(), "ADDQ $+32, SI", []*ir.Instruction{line("ADDQ", operand.I32(28), reg.RSI)}, true},
	{"a loop adds to an address", looping(line("VMOVUPS", operand.Mem{Base: reg.RSI}, reg.Y1)), "ADDQ $+32, SI", []*ir.Instruction{line("ADDQ", operand.I32(28), reg.RSI)}, false},
	{"a loop adds to what is stored", looping(line("MOVQ", reg.RSI, operand.Mem{Base: reg.RCX})), "ADDQ $+32, SI", []*ir.Instruction{line("ADDQ", operand.I32(28), reg.RSI)}, false},
	{"a loop adds to what leads to an address", looping(line("VMOVUPS", operand.Mem{Base: reg.RDI}, reg.Y1), line("MOVQ", reg.RSI, reg.RDI)), "ADDQ $+32, SI", []*ir.Instruction{line("ADDQ", operand.I32(28), reg.RSI)}, false},
	{"a loop adds to its count", looping(line("CMPQ", reg.RSI, reg.RDX), line("JLT", operand.LabelRef("next"))), "ADDQ $+32, SI", []*ir.Instruction{line("ADDQ", operand.I32(28), reg.RSI)}, false},

	{"flags that are set anew", before((*build.Context).JNE, line("DECQ", reg.RDX)), "ADDQ $+32, SI", nil, true},
	{"a carry that stays until it is read", before((*build.Context).JHI, line("DECQ", reg.RDX)), "ADDQ $+32, SI", nil, false},
	{"a carry that stays beside other flags", middle(reg.Y1, line("ADDQ", operand.I32(32), reg.RSI), line("DECQ", reg.RDX)), "ADDQ $+32, SI", nil, true},
	{"a carry that stays in the same code", carried, "ADDQ $+32, SI", nil, false},
	{"a carry that is set anew", before((*build.Context).JHI, line("SUBQ", operand.U32(1), reg.RDX)), "ADDQ $+32, SI", nil, true},
	{"flags that are read", before((*build.Context).JNE), "ADDQ $+32, SI", nil, false},

	{"no fence", middle(reg.Y1, line("SFENCE")), "SFENCE ", nil, false},
	{"two fences", middle(reg.Y1, line("SFENCE")), "SFENCE ", []*ir.Instruction{line("SFENCE"), line("SFENCE")}, true},
}

// line is an instruction.
func line(opcode string, ops ...operand.Op) *ir.Instruction {
	return &ir.Instruction{Opcode: opcode, Operands: ops}
}

// zeroing is an instruction whose mask clears the other lanes.
func zeroing(opcode string, ops ...operand.Op) *ir.Instruction {
	return &ir.Instruction{Opcode: opcode, Suffixes: []string{"Z"}, Operands: ops}
}

// middle is code between two that make vectors of as many lanes and store the one.
func middle(stored reg.VecPhysical, code ...*ir.Instruction) func(c *build.Context) {
	return func(c *build.Context) {
		c.VADDPS(reg.Y4, reg.Y5, reg.Y6)
		for _, in := range code {
			c.Instruction(in)
		}
		c.VMOVUPS(stored, operand.Mem{Base: reg.RCX})
	}
}

// looping is a loop with that code, which adds to SI.
func looping(code ...*ir.Instruction) func(c *build.Context) {
	return func(c *build.Context) {
		c.Label("next")
		for _, in := range code {
			c.Instruction(in)
		}
		c.ADDQ(operand.I32(32), reg.RSI)
		c.SUBQ(operand.U32(1), reg.RDX)
		c.JNE(operand.LabelRef("next"))
	}
}

// before adds to SI, which nothing reads, and then runs a loop of that code and a branch.
func before(branch func(*build.Context, operand.Op), code ...*ir.Instruction) func(c *build.Context) {
	return func(c *build.Context) {
		c.ADDQ(operand.I32(32), reg.RSI)
		c.Label("next")
		for _, in := range code {
			c.Instruction(in)
		}
		branch(c, operand.LabelRef("next"))
	}
}

// carried adds to SI, which nothing reads, and decreases a count between that and a branch on
// the carry.
func carried(c *build.Context) {
	c.Label("next")
	c.ADDQ(operand.I32(32), reg.RSI)
	c.DECQ(reg.RDX)
	c.JHI(operand.LabelRef("next"))
}

// TestSame: edits that leave the same are told from those that nearly do.
func TestSame(t *testing.T) {
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			f := function(t, twoSlices, func(c *build.Context) {
				c.Load(c.Param("dst").Base(), reg.RCX)
				c.Load(c.Param("src").Base(), reg.RAX)
				e.body(c)
				c.VZEROUPPER()
				c.RET()
			})
			p, err := sim.Load(f)
			require.NoError(t, err)
			at := -1
			for i, in := range f.Instructions() {
				if spell(in) == e.at {
					at = i
				}
			}
			require.GreaterOrEqual(t, at, 0, e.at)
			edited, err := p.Replace(at, e.with...)
			require.NoError(t, err)
			require.Equal(t, e.same, p.Same(edited, at, len(e.with)))
		})
	}
}
