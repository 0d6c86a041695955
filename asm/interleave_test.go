package asm

import (
	"fmt"
	"testing"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
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
				f, lanes := interleaving(t, newISA, n)
				src, dst := make([]float32, n*lanes), make([]float32, n*lanes)
				outputs := make([]bool, len(dst))
				for i := range src {
					src[i], outputs[i] = float32(i), true
				}
				_, err := sim.Run(f, sim.Args{Slices: []sim.Slice{sim.Output(dst, outputs), sim.Input(src)}})
				require.NoError(t, err)
				for i, got := range dst {
					require.EqualValues(t, i%n*lanes+i/n, got, "result %d lane %d", i/lanes, i%lanes)
				}
			})
		}
	}
}

// interleaving is a function that interleaves the n vectors of src into dst.
func interleaving(t *testing.T, newISA func(*build.Context) vocabulary, n int) (f *ir.Function, lanes int) {
	t.Helper()
	ctx := build.NewContext()
	ctx.Function("f")
	sig, err := gotypes.ParseSignature("func(dst, src []float32)")
	require.NoError(t, err)
	ctx.Signature(sig)
	dst, src := ctx.Load(ctx.Param("dst").Base(), ctx.GP64()), ctx.Load(ctx.Param("src").Base(), ctx.GP64())
	isa := newISA(ctx)
	in := make([]reg.Register, n)
	for i := range in {
		in[i] = isa.vector()
		lanes = int(in[i].Size()) / elem
		isa.load(operand.Mem{Base: src, Disp: elem * lanes * i}, in[i])
	}
	for i, r := range isa.interleave(in) {
		isa.store(r, operand.Mem{Base: dst, Disp: elem * lanes * i})
	}
	ctx.VZEROUPPER()
	ctx.RET()
	file, err := ctx.Result()
	require.NoError(t, err)
	out, err := Compile(file, "f")
	require.NoError(t, err)
	return out.Func, lanes
}
