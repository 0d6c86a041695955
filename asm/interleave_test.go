package asm

import (
	"fmt"
	"testing"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"
)

// TestPicks: the sources of four neighbouring results are those of the definition,
// each place has one, and no source is listed twice.
func TestPicks(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for m := range n {
			var taken uint8
			sources := map[int]bool{}
			for _, p := range picks(m, n) {
				require.False(t, sources[p.source], "n=%d m=%d", n, m)
				sources[p.source] = true
				require.Zero(t, taken&p.lanes, "n=%d m=%d", n, m)
				require.NotZero(t, p.lanes)
				taken |= p.lanes
				for lane := range 4 {
					if p.lanes>>lane&1 == 0 {
						continue
					}
					i := 4*m + lane
					require.Equal(t, i%n, p.source, "n=%d m=%d lane %d", n, m, lane)
					require.EqualValues(t, i/n, p.order>>(2*lane)&3, "n=%d m=%d lane %d", n, m, lane)
				}
			}
			require.EqualValues(t, 0xf, taken, "n=%d m=%d", n, m)
		}
	}
}

// TestInterleaveOnIntegers runs the emitted instructions on integers: place i of
// the results together is element i/n of vector i%n.
func TestInterleaveOnIntegers(t *testing.T) {
	for name, newISA := range vocabularies {
		for n := 1; n <= 8; n++ {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				ctx := build.NewContext()
				ctx.Function("f")
				isa := newISA(ctx)
				in := make([]reg.Register, n)
				for i := range in {
					in[i] = isa.vector()
				}
				out := isa.interleave(append([]reg.Register{}, in...))
				require.Len(t, out, n)
				ctx.RET()
				file, err := ctx.Result()
				require.NoError(t, err)

				s := newSimulator(int(in[0].Size()) / elem)
				for v, r := range in {
					for i := range s.lanes {
						s.vectors[r.ID()] = append(s.vectors[r.ID()], 100*v+i)
					}
				}
				s.run(t, file.Functions()[0].Instructions())
				for m, r := range out {
					for lane, got := range s.vectors[r.ID()] {
						i := m*s.lanes + lane
						require.Equal(t, 100*(i%n)+i/n, got, "result %d lane %d", m, lane)
					}
				}
			})
		}
	}
}

// simulator moves lanes as the shuffles of both vocabularies do.
type simulator struct {
	lanes   int
	vectors map[reg.ID][]int
	scalars map[reg.ID]uint64 // general and mask registers
}

func newSimulator(lanes int) *simulator {
	return &simulator{lanes: lanes, vectors: map[reg.ID][]int{}, scalars: map[reg.ID]uint64{}}
}

// shuffles say where lane i of the result comes from: source 0 is the last but one
// operand, source 1 the one before it. The operands are in the Go assembler's order.
var shuffles = map[string]func(imm, i int) (source, lane int){
	"VUNPCKLPS":  func(_, i int) (int, int) { return i & 1, i&^3 + i&3/2 },
	"VUNPCKHPS":  func(_, i int) (int, int) { return i & 1, i&^3 + i&3/2 + 2 },
	"VUNPCKLPD":  func(_, i int) (int, int) { return i & 3 / 2, i&^3 + i&1 },
	"VUNPCKHPD":  func(_, i int) (int, int) { return i & 3 / 2, i&^3 + i&1 + 2 },
	"VPERMILPS":  func(imm, i int) (int, int) { return 0, i&^3 + imm>>(2*(i&3))&3 },
	"VBLENDPS":   func(imm, i int) (int, int) { return imm >> i & 1, i },
	"VPERM2F128": func(imm, i int) (int, int) { c := imm >> (i / 4 * 4) & 3; return c / 2, c%2*4 + i%4 },
	"VSHUFF32X4": func(imm, i int) (int, int) { return i / 8, imm>>(i/4*2)&3*4 + i%4 },
	"VSHUFPS":    func(imm, i int) (int, int) { return i & 3 / 2, i&^3 + imm>>(2*(i&3))&3 },
}

func (s *simulator) run(t *testing.T, instructions []*ir.Instruction) {
	t.Helper()
	for _, in := range instructions {
		switch in.Opcode {
		case "RET":
		case "MOVL", "MOVQ", "KMOVW":
			s.scalars[id(in.Operands[1])] = s.scalar(in.Operands[0])
		default:
			require.Contains(t, shuffles, in.Opcode, "the simulator does not know this instruction")
			s.shuffle(in)
		}
	}
}

// shuffle moves the lanes that the mask, if there is one, lets through.
func (s *simulator) shuffle(in *ir.Instruction) {
	ops, imm := in.Operands, 0
	if c, ok := ops[0].(operand.U8); ok {
		ops, imm = ops[1:], int(c)
	}
	dst, ops := ops[len(ops)-1], ops[:len(ops)-1]
	mask := ^uint64(0)
	if r := ops[len(ops)-1].(reg.Register); r.Kind() == reg.KindOpmask {
		mask, ops = s.scalars[r.ID()], ops[:len(ops)-1]
	}
	result := append([]int{}, s.vectors[id(dst)]...)
	if len(result) == 0 {
		result = make([]int, s.lanes)
	}
	for i := range result {
		if mask>>i&1 == 1 {
			source, lane := shuffles[in.Opcode](imm, i)
			result[i] = s.vectors[id(ops[len(ops)-1-source])][lane]
		}
	}
	s.vectors[id(dst)] = result
}

func (s *simulator) scalar(op operand.Op) uint64 {
	switch c := op.(type) {
	case operand.U32:
		return uint64(c)
	case operand.U64:
		return uint64(c)
	}
	return s.scalars[id(op)]
}

func id(op operand.Op) reg.ID { return op.(reg.Register).ID() }
