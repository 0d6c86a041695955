package sim_test

import (
	"testing"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
)

// function compiles a function f.
func function(t *testing.T, signature string, body func(c *build.Context)) *ir.Function {
	t.Helper()
	c := build.NewContext()
	c.Function("f")
	sig, err := gotypes.ParseSignature(signature)
	require.NoError(t, err)
	c.Signature(sig)
	body(c)
	file, err := c.Result()
	require.NoError(t, err)
	require.NoError(t, pass.Compile.Execute(file))
	return file.Functions()[0]
}

const twoSlices = "func(dst, src []float32, n int)"

// copies is a function that copies n elements.
func copies(t *testing.T) *ir.Function {
	return function(t, twoSlices, func(c *build.Context) {
		dst, src, n := c.Load(c.Param("dst").Base(), c.GP64()), c.Load(c.Param("src").Base(), c.GP64()), c.Load(c.Param("n"), c.GP64())
		x := c.GP32()
		c.TESTQ(n, n)
		c.JLE(operand.LabelRef("end"))
		c.Label("next")
		c.MOVL(operand.Mem{Base: src}, x)
		c.MOVL(x, operand.Mem{Base: dst})
		c.ADDQ(operand.U32(4), src)
		c.ADDQ(operand.U32(4), dst)
		c.DECQ(n)
		c.JNE(operand.LabelRef("next"))
		c.Label("end")
		c.RET()
	})
}

func all(n int) []bool {
	s := make([]bool, n)
	for i := range s {
		s[i] = true
	}
	return s
}

// kindOf is the kind of a finding.
func kindOf(t *testing.T, err error) sim.Kind {
	t.Helper()
	var f *sim.Finding
	require.ErrorAs(t, err, &f)
	return f.Kind
}

func TestRunCopies(t *testing.T) {
	dst, src := make([]float32, 3), []float32{1, 2, 3}
	stats, err := sim.Run(copies(t), sim.Args{Slices: []sim.Slice{sim.Output(dst, all(3)), sim.Input(src)}, Ints: []int{3}})
	require.NoError(t, err)
	require.Equal(t, src, dst)
	require.Equal(t, 3+2+3*6+1, stats.Instructions)
	require.Equal(t, []int{3, 3}, stats.Extents)
}

// TestCoverage: no instruction is missing only after calls of no round and of two.
func TestCoverage(t *testing.T) {
	p, err := sim.Load(copies(t))
	require.NoError(t, err)
	coverage := p.Coverage()
	run := func(n int) {
		stats, err := p.Run(sim.Args{Slices: []sim.Slice{sim.Output(make([]float32, n), all(n)), sim.Input(make([]float32, n))}, Ints: []int{n}})
		require.NoError(t, err)
		coverage.Add(stats)
	}
	require.Len(t, coverage.Missing(), len(copies(t).Instructions()))
	run(1)
	require.Equal(t, []string{"instruction 4, JLE end: never taken", "instruction 10, JNE next: never taken"}, coverage.Missing())
	run(0)
	require.Equal(t, []string{"instruction 10, JNE next: never taken"}, coverage.Missing())
	run(2)
	require.Empty(t, coverage.Missing())
}

// TestArguments that do not fit are findings of their own.
func TestArguments(t *testing.T) {
	for _, a := range []sim.Args{
		{},
		{Slices: []sim.Slice{sim.Input(nil), sim.Input(nil)}},
		{Slices: []sim.Slice{sim.Output(nil, all(1)), sim.Input(nil)}, Ints: []int{1}},
	} {
		_, err := sim.Run(copies(t), a)
		require.Equal(t, sim.Argument, kindOf(t, err))
	}
	for _, signature := range []string{"func(dst []float64)", "func(n int, dst []float32)", "func(x float32)", "func(dst []float32) int", "func(s string)"} {
		_, err := sim.Load(function(t, signature, func(c *build.Context) { c.RET() }))
		require.Equal(t, sim.Argument, kindOf(t, err), signature)
	}
}

// TestEndlessLoop stops at the budget.
func TestEndlessLoop(t *testing.T) {
	f := function(t, twoSlices, func(c *build.Context) {
		c.Label("again")
		c.JMP(operand.LabelRef("again"))
	})
	_, err := sim.Run(f, sim.Args{Slices: make([]sim.Slice, 2), Ints: []int{0}, Budget: 1000})
	require.EqualError(t, err, "f: instruction 0, JMP again: more instructions than expected: the call takes more than 1000")
}

// TestFrame: local memory is on the stack.
func TestFrame(t *testing.T) {
	f := function(t, twoSlices, func(c *build.Context) { c.AllocLocal(8); c.RET() })
	_, err := sim.Load(f)
	require.Equal(t, sim.Stack, kindOf(t, err))
}

// broken are short functions with one mistake each.
var broken = []struct {
	name string
	body func(c *build.Context)
	want string
}{
	{"an input is written", func(c *build.Context) {
		x := c.Load(c.Param("src").Base(), c.GP64())
		c.MOVQ(x, operand.Mem{Base: x, Disp: 4})
	}, "instruction 1, MOVQ AX, 4(AX): write to an input: writes element 1 of src (address 0x20000000008), which may only be read"},
	{"one element too far", func(c *build.Context) {
		x := c.Load(c.Param("src").Base(), c.GP64())
		c.MOVQ(operand.Mem{Base: x, Disp: 4 * 7}, x)
	}, "instruction 1, MOVQ 28(AX), AX: access out of bounds: reads bytes [28,36) of src, which has 32 (address 0x20000000020, src at 0x20000000004)"},
	{"an output is read", func(c *build.Context) {
		x := c.Load(c.Param("dst").Base(), c.GP64())
		c.MOVQ(operand.Mem{Base: x}, x)
	}, "instruction 1, MOVQ (AX), AX: undefined value: reads element 0 of dst before it is written"},
	{"an address from nowhere", func(c *build.Context) {
		x := c.GP64()
		c.XORQ(x, x)
		c.MOVQ(operand.Mem{Base: x}, x)
	}, "instruction 1, MOVQ (AX), AX: access out of bounds: address 0x0 is not near any argument"},
	{"an output that is not one", func(c *build.Context) {
		x := c.Load(c.Param("dst").Base(), c.GP64())
		c.MOVQ(x, operand.Mem{Base: x, Disp: 16})
	}, "instruction 1, MOVQ AX, 16(AX): write outside the outputs: writes element 4 of dst (address 0x10000000014), which is none of its outputs"},
	{"outputs are left out", func(*build.Context) {}, "output not written: 4 elements of dst, the first is 0 (address 0x10000000004)"},
	{"a lane that a masked load left", func(c *build.Context) {
		x, g := c.Load(c.Param("src").Base(), c.GP64()), c.GP32()
		c.MOVL(operand.U32(1), g)
		c.KMOVW(g, reg.K1)
		c.VMOVUPS(operand.Mem{Base: x}, reg.K1, reg.Z1)
		c.VUNPCKLPS(reg.Z1, reg.Z1, reg.K1, reg.Z2) // lane 0 alone
		c.VMULPS(reg.Z1, reg.Z1, reg.Z3)
	}, "instruction 5, VMULPS Z1, Z1, Z3: undefined value: reads lane 1 of Z1, which has no value"},
	{"flags that a product leaves open", func(c *build.Context) {
		x := c.Load(c.Param("n"), c.GP64())
		c.IMUL3Q(operand.I32(3), x, x)
		c.JEQ(operand.LabelRef("end"))
		c.MOVQ(x, x)
		c.Label("end")
	}, "instruction 2, JEQ end: undefined value: reads flags that have no value"},
	{"vector state", func(c *build.Context) { c.VZEROUPPER(); c.VXORPS(reg.X1, reg.X1, reg.X1) },
		"instruction 2, RET: return without VZEROUPPER: vector registers were written since the last VZEROUPPER"},
	{"a lane of a gather too far", func(c *build.Context) {
		c.Load(c.Param("src").Base(), reg.RAX)
		index(c, 8)
		c.VGATHERDPS(operand.Mem{Base: reg.RAX, Index: reg.Z2, Scale: 4, Disp: 4}, reg.K1, reg.Z1)
	}, "instruction 5, VGATHERDPS 4(AX)(Z2*4), K1, Z1: access out of bounds: reads bytes [36,40) of src, which has 32 (address 0x20000000028, src at 0x20000000004)"},
	{"a gather into its own index", func(c *build.Context) {
		c.Load(c.Param("src").Base(), reg.RAX)
		index(c, 1)
		c.VGATHERDPS(operand.Mem{Base: reg.RAX, Index: reg.Z2, Scale: 4}, reg.K1, reg.Z2)
	}, "instruction 5, VGATHERDPS (AX)(Z2*4), K1, Z2: operand that the simulator does not model: two of its vectors are one"},
	{"a move from many addresses", func(c *build.Context) {
		c.Load(c.Param("src").Base(), reg.RAX)
		index(c, 1)
		c.Instruction(&ir.Instruction{Opcode: "VMOVUPS", Operands: []operand.Op{operand.Mem{Base: reg.RAX, Index: reg.Z2, Scale: 4}, reg.Z1}})
	}, "instruction 5, VMOVUPS (AX)(Z2*4), Z1: operand that the simulator does not model: (AX)(Z2*4) is no single address"},
	{"an argument is written", func(c *build.Context) { c.ADDQ(operand.I32(1), param(c, "n")) },
		"instruction 0, ADDQ $+1, n+48(FP): misuse of an argument: arguments are only read"},
	{"an instruction of another set", func(c *build.Context) { c.VADDPD(reg.Y1, reg.Y2, reg.Y3) },
		"instruction 0, VADDPD Y1, Y2, Y3: unknown opcode: the simulator has no row for VADDPD"},
	{"a part of a register", func(c *build.Context) { c.MOVQ(reg.X1, reg.RAX) },
		"instruction 0, MOVQ X1, AX: operand that the simulator does not model: X1 is not an integer"},
}

// index fills Z2 with n and selects all lanes in K1.
func index(c *build.Context, n uint32) {
	c.MOVL(operand.U32(n), reg.ECX)
	c.VPBROADCASTD(reg.ECX, reg.Z2)
	c.VPCMPEQD(reg.Z2, reg.Z2, reg.K1)
	c.VPXORD(reg.Z1, reg.Z1, reg.Z1)
}

func param(c *build.Context, name string) operand.Mem {
	p, err := c.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// TestFindings: each mistake, in the words of its error.
func TestFindings(t *testing.T) {
	for _, b := range broken {
		t.Run(b.name, func(t *testing.T) {
			f := function(t, twoSlices, func(c *build.Context) { b.body(c); c.RET() })
			outputs := append(all(4), make([]bool, 4)...)
			_, err := sim.Run(f, sim.Args{Slices: []sim.Slice{sim.Output(make([]float32, 8), outputs), sim.Input(make([]float32, 8))}, Ints: []int{1}})
			require.EqualError(t, err, "f: "+b.want)
		})
	}
}
