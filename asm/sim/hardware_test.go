package sim_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/asm/sim/probe"
	"github.com/upconv/upconv/asm/sim/probe/native"
	"github.com/upconv/upconv/internal/aligned"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
)

// probes builds all of them.
func probes(t *testing.T) []probe.Probe {
	t.Helper()
	all, err := probe.All()
	require.NoError(t, err)
	return all
}

// TestEveryOpcodeHasAProbe, and the other way round; so has each form that spreads an element
// of memory.
func TestEveryOpcodeHasAProbe(t *testing.T) {
	var tried []string
	spread := map[string]bool{}
	for _, p := range probes(t) {
		tried = append(tried, p.Opcode)
		for _, in := range p.Func.Instructions() {
			if slices.Contains(in.Suffixes, "BCST") {
				spread[in.Opcode] = true
			}
		}
	}
	slices.Sort(tried)
	tried = slices.Compact(tried)
	require.Equal(t, sim.Opcodes(), tried)
	for _, opcode := range tried {
		require.Equal(t, sim.Spreads(opcode), spread[opcode], opcode)
	}
}

// TestProbesTryWhatTheySay: each executes its instruction.
func TestProbesTryWhatTheySay(t *testing.T) {
	names := map[string]bool{}
	for _, p := range probes(t) {
		require.False(t, names[p.Name], p.Name)
		names[p.Name] = true
		found := false
		for _, in := range p.Func.Instructions() {
			found = found || in.Opcode == p.Opcode
		}
		require.True(t, found, p.Name)
	}
}

// special are bit patterns at the edges of floats and of integers.
var special = []uint32{
	0, 1, 7, 0x80000000, 0x80000001, 0x7fffffff, 0xffffffff, // zeros, small denormals and integers, NaN
	0x00800000, 0x007fffff, 0x80800000, 0x33800000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0xff7fffff,
	0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fc12345, 0x7f812345, 0xffabcdef, 0xff800001, // infinities, quiet and signalling NaN
}

// draw returns a random bit pattern: anything, an edge, or a float near 1.
func draw(r *rand.Rand) uint32 {
	switch r.IntN(4) {
	case 0:
		return r.Uint32()
	case 1:
		return special[r.IntN(len(special))]
	}
	return r.Uint32()&0x807fffff | uint32(100+r.IntN(54))<<23
}

func drawSlice(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = fromBits(draw(r))
	}
	return s
}

// rounds is how often each probe runs.
const rounds = 400

// TestSimulatorIsTheProcessor runs every probe on both, on random bits, and
// compares all that it stored, bit for bit.
func TestSimulatorIsTheProcessor(t *testing.T) {
	functions := native.Functions()
	if functions == nil {
		t.Skip("this build has no assembly")
	}
	all := probes(t)
	require.Len(t, functions, len(all))
	for _, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			need(t, p.Group, p.Needs)
			program, err := sim.Load(p.Func)
			require.NoError(t, err)
			r := rand.New(rand.NewPCG(7, 0))
			for range rounds {
				src, got := drawSlice(r, probe.Elements), drawSlice(r, probe.Elements)
				want := aligned.Copy(got)
				before := slices.Clone(src)
				functions[p.Name](want, src)
				_, err := program.Run(sim.Args{Slices: []sim.Slice{sim.Scratch(got).Aligned(), sim.Input(src)}})
				require.NoError(t, err)
				require.Equal(t, bitsOf(want), bitsOf(got), "src %x", bitsOf(before))
			}
		})
	}
}

// need skips the test where the processor lacks a feature, or fails it where that
// was required.
func need(t *testing.T, isa string, needs cpu.Features) {
	t.Helper()
	lacks := needs &^ cpu.Detect()
	if lacks == 0 {
		return
	}
	require.NotContains(t, strings.Split(os.Getenv(kerneltest.RequireVariable), ","), isa, "this processor lacks %v", lacks)
	t.Skipf("this processor lacks %v", lacks)
}
