package raced

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
)

// build compiles the program for the race detector, which takes cgo and a C compiler.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-race", "-o", path, "./program")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.CombinedOutput()
	if err != nil && !slices.Contains(strings.Split(os.Getenv(kerneltest.RequireVariable), ","), "race") {
		t.Skipf("the race detector does not build here, and %s does not name race: %s", kerneltest.RequireVariable, out)
	}
	require.NoError(t, err, "%s", out)
	return path
}

// tries is how often a program runs until a race is reported: the detector keeps only the
// last few accesses of each word, and may miss one.
const tries = 5

// TestRaceDetectorSeesKernels on every instruction set of this processor.
func TestRaceDetectorSeesKernels(t *testing.T) {
	program := build(t)
	isas := []string{"generic", "go"}
	for isa, needs := range map[string]cpu.Features{"avx2": cpu.AVX | cpu.AVX2 | cpu.FMA3, "avx512": cpu.AVX | cpu.AVX512F} {
		if cpu.Detect().Has(needs) {
			isas = append(isas, isa)
		}
	}
	for _, isa := range isas {
		for how, races := range map[string]bool{"sound": false, "dst": true, "src": true} {
			t.Run(isa+"/"+how, func(t *testing.T) {
				reported := false
				for range tries {
					cmd := exec.Command(program, how)
					cmd.Env = append(os.Environ(), "UPCONV_ISA="+isa, "GORACE=atexit_sleep_ms=0")
					out, err := cmd.CombinedOutput()
					require.Contains(t, string(out), "_"+isa+"\n", "the path that was meant to run")
					reported = strings.Contains(string(out), "WARNING: DATA RACE")
					require.Equal(t, reported, err != nil, "%v: %s", err, out)
					if reported {
						require.True(t, races, "%s", out)
						break
					}
				}
				require.Equal(t, races, reported)
			})
		}
	}
}
