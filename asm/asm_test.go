package asm

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// layers have halo and none, masked loads, every number of interleaved phases,
// whole vectors of phases and parts of one, several y taps and one.
var layers = []string{
	"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c64x3_i32x32", "conv_transpose2d_k2s2", "conv_transpose2d_k3s3_c4x2", "conv_transpose2d_k9s4p4o3_c56x1",
	"conv_transpose2d_k5s5p2", "conv_transpose1d_k5s3", "conv_transpose1d_k9s7p1_c3x1", "conv_transpose1d_k9s8", "conv_transpose1d_k16s8p4_c4x6", "conv_transpose1d_k8s4p2_c4x5",
	"conv_transpose2d_k32s16_c21x21", "conv_transpose2d_k3", "conv_transpose1d_k1s3", "conv_transpose2d_k3s2p2d2o1", "conv_transpose2d_k4s2p1dw", "conv_transpose1d_k1",
}

// emitted is one kernel and what became of it.
type emitted struct {
	kernel nest.Kernel
	isa    string
	out    Output
}

// emit spells every layer on both instruction sets, once for all tests.
var emit = sync.OnceValues(func() (all []emitted, err error) {
	for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
		for _, name := range layers {
			l, err := specs.ParseName(name)
			if err != nil {
				return nil, err
			}
			prob, p, err := plan.For(l, target)
			if err != nil {
				return nil, err
			}
			k := nest.Build(name+"_"+target.Name, prob, p)
			out, err := Emit(k, target.Name)
			if err != nil {
				return nil, err
			}
			all = append(all, emitted{k, target.Name, out})
		}
	}
	return all, nil
})

// each calls f for every layer on both instruction sets.
func each(t *testing.T, f func(t *testing.T, k nest.Kernel, isa string, out Output)) {
	t.Helper()
	all, err := emit()
	require.NoError(t, err)
	for _, e := range all {
		t.Run(e.kernel.Name, func(t *testing.T) { f(t, e.kernel, e.isa, e.out) })
	}
}

// instructions are the lines of a text that are instructions, without comments.
func instructions(text []byte) (list []string) {
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "//")
		if strings.HasPrefix(line, "\t") && strings.TrimSpace(line) != "" {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// TestTextIsDeterministic.
func TestTextIsDeterministic(t *testing.T) {
	each(t, func(t *testing.T, k nest.Kernel, isa string, out Output) {
		again, err := Emit(k, isa)
		require.NoError(t, err)
		require.Equal(t, string(out.Text), string(again.Text))
		require.Equal(t, out.Needs, again.Needs)
	})
}

// TestFunctionsEndClean: one return, after a VZEROUPPER, at the end.
func TestFunctionsEndClean(t *testing.T) {
	each(t, func(t *testing.T, k nest.Kernel, _ string, out Output) {
		list := instructions(out.Text)
		require.Greater(t, len(list), 20)
		require.Equal(t, []string{"VZEROUPPER", "RET"}, list[len(list)-2:])
		for _, line := range list[:len(list)-2] {
			require.NotRegexp(t, `^(RET|VZEROUPPER|CALL)\b`, line)
		}
		require.Regexp(t, `(?m)^TEXT ·`+k.Name+`\(SB\), NOSPLIT, \$0-\d+$`, string(out.Text))
		require.NotContains(t, string(out.Text), "#include")
	})
}

// TestNoStackAndNoFramePointer: all values stay in registers; arguments are read
// through the frame.
func TestNoStackAndNoFramePointer(t *testing.T) {
	each(t, func(t *testing.T, _ nest.Kernel, _ string, out Output) {
		require.Zero(t, out.Func.FrameBytes())
		for _, line := range instructions(out.Text) {
			require.NotRegexp(t, `\b(BP|SP|PUSHQ|POPQ)\b`, line)
			if strings.Contains(line, "(FP)") {
				require.Regexp(t, `^(MOVQ|CMPQ|ADDQ|SUBQ|IMULQ|IMUL3Q|TESTQ|LEAQ) `, line, "arguments are integers and pointers, never written")
				require.NotRegexp(t, `\(FP\)$`, strings.Split(line, "CMPQ")[0], "an argument is written")
			}
		}
	})
}

var mask = regexp.MustCompile(`\bK[1-7]\b`)

// TestMaskedMemory: only accesses that do not touch masked lanes at all.
func TestMaskedMemory(t *testing.T) {
	masked := map[string]int{}
	each(t, func(t *testing.T, _ nest.Kernel, isa string, out Output) {
		for _, line := range instructions(out.Text) {
			opcode := strings.Fields(line)[0]
			memory := strings.Contains(line, "(")
			if memory && mask.MatchString(line) {
				require.Regexp(t, `^VMOVUPS(\.Z)? `, line)
				require.Equal(t, "avx512", isa)
				masked[isa]++
			}
			if strings.Contains(opcode, "MASKMOV") {
				require.Equal(t, "VMASKMOVPS", opcode)
				require.Equal(t, "avx2", isa)
				masked[isa]++
			}
			require.NotRegexp(t, `^V?(GATHER|SCATTER|PCOMPRESS|PEXPAND|COMPRESS|EXPAND|MOVAPS|MOVNT)`, line)
		}
	})
	require.NotZero(t, masked["avx2"])
	require.NotZero(t, masked["avx512"])
}

// TestMaskedLoadsZero: lanes outside a load's mask become 0, not what was there.
func TestMaskedLoadsZero(t *testing.T) {
	each(t, func(t *testing.T, _ nest.Kernel, isa string, out Output) {
		for _, line := range instructions(out.Text) {
			require.NotRegexp(t, `^VMOVUPS .*\), K[1-7], Z`, line)
		}
	})
}

// TestInstructionSets: an AVX2 kernel has sixteen registers and no wide ones (the
// others would need AVX512VL without saying so), and an AVX-512 one needs no more than AVX512F: no VXORPS of Z registers, which is of AVX512DQ.
func TestInstructionSets(t *testing.T) {
	each(t, func(t *testing.T, _ nest.Kernel, isa string, out Output) {
		for _, line := range instructions(out.Text) {
			require.NotRegexp(t, `^V(XORPS|ANDPS|ORPS|ANDNPS|XORPD)\b.*\bZ\d`, line)
			if isa == "avx2" {
				require.NotRegexp(t, `\b[ZK]\d|\b[XY](1[6-9]|[23]\d)\b`, line)
			}
		}
		want := map[string]cpu.Features{"avx2": cpu.AVX | cpu.AVX2 | cpu.FMA3, "avx512": cpu.AVX | cpu.AVX2 | cpu.AVX512F}[isa]
		require.True(t, want.Has(out.Needs), "needs %v", out.Needs)
		require.True(t, out.Needs.Has(map[string]cpu.Features{"avx2": cpu.FMA3, "avx512": cpu.AVX512F}[isa]), "needs %v", out.Needs)
	})
}

// TestEveryNodeIsSpelled: as many multiply-adds as the nest has.
func TestEveryNodeIsSpelled(t *testing.T) {
	each(t, func(t *testing.T, k nest.Kernel, _ string, out Output) {
		want, got := countFMA(k.Body), 0
		for _, line := range instructions(out.Text) {
			if strings.HasPrefix(line, "VFMADD231PS") {
				got++
			}
		}
		require.Equal(t, want, got)
		require.NotZero(t, got)
	})
}

func countFMA(nodes []nest.Node) (n int) {
	for _, node := range nodes {
		switch node := node.(type) {
		case nest.FMA, nest.FMASplat:
			n++
		case nest.Loop:
			n += countFMA(node.Body)
		case nest.Rest:
			n += countFMA(node.Body)
		}
	}
	return n
}

// TestCommentsAreInTheText: each tap.
func TestCommentsAreInTheText(t *testing.T) {
	each(t, func(t *testing.T, k nest.Kernel, _ string, out Output) {
		for line := range strings.Lines(k.String()) {
			if note := strings.TrimSpace(line); strings.HasPrefix(note, "// ") {
				require.Contains(t, string(out.Text), "\t"+note+"\n")
			}
		}
	})
}

func TestUnknownInstructionSet(t *testing.T) {
	for _, isa := range []string{"", "go", "neon", "AVX2"} {
		_, err := Emit(nest.Kernel{Name: "k"}, isa)
		require.EqualError(t, err, `asm: no instruction set "`+isa+`"`)
	}
}

// TestTooManyRegistersIsAnError: nothing is spilled to a stack.
func TestTooManyRegistersIsAnError(t *testing.T) {
	k := nest.Kernel{Name: "greedy", Lanes: 16, Fused: true, Slices: []string{"dst", "src"}, Ints: []string{"n"}}
	k.Body = []nest.Node{nest.Point{Cursor: "s", From: "src"}, nest.Point{Cursor: "d", From: "dst"}}
	const vectors = 33
	for i := range vectors {
		k.Body = append(k.Body, nest.Load{Dst: fmt.Sprint("v", i), From: nest.Ref{Cursor: "s", Disp: 16 * i}})
	}
	for i := range vectors {
		k.Body = append(k.Body, nest.Store{Src: fmt.Sprint("v", i), To: nest.Ref{Cursor: "d", Disp: 16 * i}})
	}
	_, err := Emit(k, "avx512")
	require.EqualError(t, err, "asm: greedy: failed to allocate registers")
}

// TestNeeds: avo's names become features; what every amd64 processor has is none,
// and what we do not know is an error, not a kernel that runs everywhere.
func TestNeeds(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  cpu.Features
	}{
		{nil, 0}, {[]string{"SSE", "SSE2"}, 0}, {[]string{"AVX"}, cpu.AVX}, {[]string{"AVX2", "FMA3", "SSE2"}, cpu.AVX2 | cpu.FMA3},
		{[]string{"AVX512F", "AVX512DQ", "AVX512VL", "AVX512BW", "BMI2"}, cpu.AVX512F | cpu.AVX512DQ | cpu.AVX512VL | cpu.AVX512BW | cpu.BMI2},
	} {
		got, err := needs(c.names)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	for _, n := range []string{"AVX512VNNI", "SSE4.1", "", "avx2"} {
		_, err := needs([]string{"AVX", n})
		require.EqualError(t, err, "unknown instruction set extension "+n)
	}
}
