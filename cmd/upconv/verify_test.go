package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/internal/verify"
	"github.com/upconv/upconv/runtime"
)

// breakKernel is the prebuilt table with one kernel that returns one output wrong.
func breakKernel(t *testing.T, name string) []runtime.Kernel {
	t.Helper()
	kernels := slices.Clone(prebuilt.Kernels())
	i := slices.IndexFunc(kernels, func(k runtime.Kernel) bool { return k.Name == name })
	require.GreaterOrEqual(t, i, 0)
	sound := kernels[i].Run
	kernels[i].Run = func(dst, src, weights, bias []float32, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again int) {
		sound(dst, src, weights, bias, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again)
		dst[width-1]++
	}
	return kernels
}

// TestVerifyFindsABrokenKernel: exit 1, and a line that names kernel, case and element;
// the other paths of the layer are still run.
func TestVerifyFindsABrokenKernel(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := mainWith(breakKernel(t, "conv_transpose2d_k2s2_go"), []string{"verify", "conv_transpose2d_k2s2", "--json"}, strings.NewReader(""), &stdout, &stderr)
	require.Equal(t, exitFindings, code, stderr.String())
	require.Regexp(t, `^upconv: native go: conv_transpose2d_k2s2_go: conv_transpose2d_k2s2_c3x5 batch 2 input \[3 19\]: integers: not exact: \d+ of \d+ outputs; the first: dst\[\d`, stderr.String())
	require.Contains(t, stderr.String(), "upconv: native go = generic: conv_transpose2d_k2s2_c3x5 batch 2 input [3 19]: normal: dst[")

	failed, passed := map[string]bool{}, 0
	for line := range strings.Lines(stdout.String()) {
		var r verify.Row
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		require.Equal(t, "conv_transpose2d_k2s2", r.Layer)
		if r.Result == verify.Failed {
			failed[r.Path] = true
			continue
		}
		require.Equal(t, verify.OK, r.Result)
		require.Positive(t, r.Outputs)
		passed++
	}
	require.Equal(t, map[string]bool{"go": true, "go = generic": true}, failed)
	require.GreaterOrEqual(t, passed, 6) // both vector paths with their simulation, their bits, generic
}

// TestVerifyRandomFindsABrokenKernel: a kernel that fails fails at random shapes too,
// and the same seed finds the same.
func TestVerifyRandomFindsABrokenKernel(t *testing.T) {
	kernels := breakKernel(t, "conv_transpose2d_k2s2_go")
	var found []string
	for range 2 {
		var stdout, stderr bytes.Buffer
		code := mainWith(kernels, []string{"verify", "conv_transpose2d_k2s2", "--fuzz", "50ms", "--seed", "7"}, strings.NewReader(""), &stdout, &stderr)
		require.Equal(t, exitFindings, code)
		require.Contains(t, stdout.String(), " failed, 0 not run; seed 7\n")
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		found = append(found, lines[len(lines)-1])
	}
	require.Regexp(t, `^upconv: native all: random case \d+ of seed 7: conv_transpose2d_k2s2_go: conv_transpose2d_k2s2_c`, found[0])
	require.Equal(t, found[0], found[1])
}

// TestVerifyCannotPrint: a table that cannot be printed is a failure, not a finding.
func TestVerifyCannotPrint(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	var stderr bytes.Buffer
	spec := filepath.Join(t.TempDir(), "s.yaml")
	require.NoError(t, os.WriteFile(spec, []byte("version: 1\npackage: p\nlayers:\n  - {name: a, op: bed_of_nails, scale: [2]}\n"), 0o644))
	require.Equal(t, exitFailure, Main([]string{"verify", "-f", spec}, strings.NewReader(""), full, &stderr))
	require.Contains(t, stderr.String(), "no space left")
}
