package runtime_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
)

const variable = "UPCONV_ISA"

// choose builds a small layer with options and returns the ISA that was chosen.
func choose(t *testing.T, opts ...runtime.Option) (isa string, err error) {
	t.Helper()
	l, err := registry(t).New(parse(t, "conv_transpose2d_k4s2p1_c1x1"), make([]float32, 16), nil, opts...)
	if err != nil {
		require.Nil(t, l)
		return "", err
	}
	require.Equal(t, "conv_transpose2d_k4s2p1", l.Kernel()[:len("conv_transpose2d_k4s2p1")])
	return l.ISA(), nil
}

// TestTheBestSetIsTheDefault, whatever the environment of the test says.
func TestTheBestSetIsTheDefault(t *testing.T) {
	t.Setenv(variable, "")
	all := sets()
	best := ""
	for _, isa := range []string{"generic", "go", "avx2", "avx512"} {
		for _, have := range all {
			if have == isa {
				best = isa
			}
		}
	}
	got, err := choose(t)
	require.NoError(t, err)
	require.Equal(t, best, got)
	got, err = choose(t, runtime.WithFeatures(0))
	require.NoError(t, err)
	require.Equal(t, "go", got)
}

// TestForcedSets: the option and the variable choose the same kernel.
func TestForcedSets(t *testing.T) {
	for _, isa := range sets() {
		t.Setenv(variable, "")
		got, err := choose(t, runtime.WithISA(isa))
		require.NoError(t, err)
		require.Equal(t, isa, got)
		t.Setenv(variable, isa)
		got, err = choose(t)
		require.NoError(t, err)
		require.Equal(t, isa, got)
	}
}

// TestOptionBeatsEnvironment; an empty option leaves the choice to it.
func TestOptionBeatsEnvironment(t *testing.T) {
	t.Setenv(variable, "abacus")
	got, err := choose(t, runtime.WithISA("go"))
	require.NoError(t, err)
	require.Equal(t, "go", got)
	t.Setenv(variable, "generic")
	got, err = choose(t, runtime.WithISA(""))
	require.NoError(t, err)
	require.Equal(t, "generic", got)
}

// TestUnknownSet names those that there are.
func TestUnknownSet(t *testing.T) {
	const want = `runtime: unknown instruction set %q; there is: generic, go, avx2, avx512`
	for _, isa := range []string{"abacus", "AVX2", "avx2 ", "go,generic"} {
		t.Setenv(variable, "")
		_, err := choose(t, runtime.WithISA(isa))
		require.EqualError(t, err, fmt.Sprintf(want, isa))
		t.Setenv(variable, isa)
		_, err = choose(t)
		require.EqualError(t, err, fmt.Sprintf(want, isa))
	}
}

// TestMissingSet names those that the layer has on this processor.
func TestMissingSet(t *testing.T) {
	for _, isa := range []string{"avx2", "avx512"} {
		want := fmt.Sprintf("runtime: no %s kernel for conv_transpose2d_k4s2p1_c1x1 on this processor; there is: go, generic", isa)
		t.Setenv(variable, "")
		_, err := choose(t, runtime.WithISA(isa), runtime.WithFeatures(0))
		require.EqualError(t, err, want)
		t.Setenv(variable, isa)
		_, err = choose(t, runtime.WithFeatures(0))
		require.EqualError(t, err, want)
	}
	t.Setenv(variable, "")
	l := parse(t, "conv_transpose3d_k1_c1x1")
	_, err := registry(t).New(l, make([]float32, 1), nil, runtime.WithISA("go"))
	require.EqualError(t, err, "runtime: no go kernel for conv_transpose3d_k1_c1x1 on this processor; there is: generic")
}

// TestPartialFeatures: a kernel runs only where every feature that it needs is.
func TestPartialFeatures(t *testing.T) {
	t.Setenv(variable, "")
	for _, f := range []cpu.Features{cpu.AVX, cpu.AVX2, cpu.AVX | cpu.AVX2, cpu.FMA3, cpu.BMI2 | cpu.AVX512DQ} {
		got, err := choose(t, runtime.WithFeatures(f))
		require.NoError(t, err)
		require.Equal(t, "go", got, "%v", f)
	}
}

// TestEmptyRegistry runs everything on the generic path.
func TestEmptyRegistry(t *testing.T) {
	t.Setenv(variable, "")
	r, err := runtime.NewRegistry()
	require.NoError(t, err)
	l, err := r.New(parse(t, "conv_transpose2d_k4s2p1_c1x1"), make([]float32, 16), nil)
	require.NoError(t, err)
	require.Equal(t, "conv_transpose2d_k4s2p1_c1x1_generic", l.Kernel())
}
