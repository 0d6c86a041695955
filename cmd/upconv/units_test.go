package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

func TestShapesOf(t *testing.T) {
	rows := []struct{ name, input, weights, output string }{
		{"conv_transpose2d_k4s2p1", "[N, C_in, H, W]", "[C_in, C_out, 4, 4]", "[N, C_out, 2H, 2W]"},
		{"conv_transpose2d_k3s2p1_c8x4", "[N, 8, H, W]", "[8, 4, 3, 3]", "[N, 4, 2H-1, 2W-1]"},
		{"conv_transpose2d_k3x2", "[N, C_in, H, W]", "[C_in, C_out, 3, 2]", "[N, C_out, H+2, W+1]"},
		{"conv_transpose1d_k16s8p4_c0x4_i5", "[N, C_in, 5]", "[C_in, 4, 16]", "[N, 4, 40]"},
		{"conv_transpose1d_k3s2psu", "[N, C_in, W]", "[C_in, C_out, 3]", "[N, C_out, 2W]"},
		{"conv_transpose1d_k3s2n9", "[N, C_in, W]", "[C_in, C_out, 3]", "[N, C_out, 9]"},
		{"conv_transpose3d_k2s2g2", "[N, C_in, D, H, W]", "[C_in, C_out/2, 2, 2, 2]", "[N, C_out, 2D, 2H, 2W]"},
		{"conv_transpose2d_k2s2dw", "[N, C_in, H, W]", "[C_in, 1, 2, 2]", "[N, C_in, 2H, 2W]"},
		{"conv_transpose2d_k4s2p1_c8x0_i3x4_nhwc", "[N, 3, 4, 8]", "[8, C_out, 4, 4]", "[N, 6, 8, C_out]"},
		{"conv_transpose2d_k2s2dw_c3x3", "[N, 3, H, W]", "[3, 1, 2, 2]", "[N, 3, 2H, 2W]"},
	}
	for _, row := range rows {
		l, err := specs.ParseName(row.name)
		require.NoError(t, err)
		s := shapesOf(l)
		require.Equal(t, []string{row.input, row.weights, row.output}, []string{s.input, s.weights, s.output}, row.name)
	}
}

func TestListKernels(t *testing.T) {
	l, err := specs.ParseName("conv_transpose2d_k4s2p1")
	require.NoError(t, err)
	kernels := []runtime.Kernel{
		{Name: l.Canonical() + "_avx2", ISA: "avx2", Layer: l, Needs: cpu.AVX | cpu.AVX2 | cpu.FMA3},
		{Name: l.Canonical() + "_go", ISA: "go", Layer: l},
	}
	var b bytes.Buffer
	require.NoError(t, listKernels(&b, kernels, cpu.AVX))
	require.Equal(t, `KERNEL                        LAYER                    ISA   NEEDS          RUNS HERE
conv_transpose2d_k4s2p1_avx2  conv_transpose2d_k4s2p1  avx2  AVX+AVX2+FMA3  no, lacks AVX2+FMA3
conv_transpose2d_k4s2p1_go    conv_transpose2d_k4s2p1  go    none           yes
`, b.String())
}

func TestProblemFormats(t *testing.T) {
	err := errors.Join(
		errors.New("50% of x:\nis gone"),
		specfile.Errors{{File: "b,c.yaml", Line: 2, Column: 3, Message: "late"}, {File: "b,c.yaml", Line: 2, Column: 1, Message: "early"}},
		errors.Join(specfile.Errors{{File: "a.yaml", Line: 9, Column: 9, Message: "first file"}}))
	changes := findings{{Kind: outdir.Stale, Path: "p/kernels.go"}}
	for format, want := range map[errorFormat]string{
		formatText: `upconv: 50% of x:
is gone
a.yaml:9:9: first file
b,c.yaml:2:1: early
b,c.yaml:2:3: late
stale: p/kernels.go
`,
		formatJSON: `{"kind":"error","message":"50% of x:\nis gone"}
{"kind":"error","file":"a.yaml","line":9,"column":9,"message":"first file"}
{"kind":"error","file":"b,c.yaml","line":2,"column":1,"message":"early"}
{"kind":"error","file":"b,c.yaml","line":2,"column":3,"message":"late"}
{"kind":"stale","file":"p/kernels.go","message":"not what the spec generates; run upconv generate"}
`,
		formatGitHub: `::error::50%25 of x:%0Ais gone
::error file=a.yaml,line=9,col=9::first file
::error file=b%2Cc.yaml,line=2,col=1::early
::error file=b%2Cc.yaml,line=2,col=3::late
::error file=p/kernels.go::stale: not what the spec generates; run upconv generate
`,
	} {
		var b bytes.Buffer
		report(&b, format, problemsOf(err))
		report(&b, format, problemsOf(changes))
		require.Equal(t, want, b.String())
	}
}

// TestProgress: nothing appears on what is not a terminal, and what appeared on
// one is cleared.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := startProgress(&b, "working")
	p.step("still working")
	p.show()
	p.stop()
	p.stop()
	require.Empty(t, b.String())

	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer terminal.Close()
	p = startProgress(terminal, "working")
	p.w = &b
	p.step("generating")
	p.show()
	p.stop()
	p.show()
	require.Equal(t, "\r\x1b[Kupconv: generating, 0 s\r\x1b[K", b.String())
}

func TestModuleRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.MkdirAll("a/b", 0o755))
	require.NoError(t, os.WriteFile("a/go.mod", nil, 0o644))
	for path, want := range map[string]string{"a/b/x.yaml": "b/x.yaml", "a/x.yaml": "x.yaml", "x.yaml": "x.yaml"} {
		got, err := moduleRelative(path)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	got := upconv("--help")
	require.Equal(t, 0, got.code)
	for _, name := range []string{"generate", "explain", "list", "run", "demo", "version", "completion"} {
		require.Contains(t, got.stdout, "\n  "+name+" ")
		help := upconv(name, "--help")
		require.Equal(t, 0, help.code)
		require.Contains(t, help.stdout, "upconv "+name)
	}
}

func TestInterruptible(t *testing.T) {
	broken := errors.New("broken")
	require.NoError(t, interruptible(t.Context(), func() error { return nil }))
	require.ErrorIs(t, interruptible(t.Context(), func() error { return broken }), broken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan struct{})
	require.EqualError(t, interruptible(ctx, func() error { <-release; return nil }), "interrupted")
	close(release)
}
