package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// stub is a well-formed kernel for a layer; its function computes nothing.
func stub(t *testing.T, name, isa string) runtime.Kernel {
	t.Helper()
	k := prebuilt.Kernels()[len(prebuilt.Kernels())-1]
	k.Layer = parse(t, name)
	k.Name, k.ISA, k.Needs = name+"_"+isa, isa, 0
	return k
}

// names lists the candidates for a layer; the last one is always generic.
func names(t *testing.T, l specs.Layer, f cpu.Features, tables ...[]runtime.Kernel) (list []string) {
	t.Helper()
	r, err := runtime.NewRegistry(tables...)
	require.NoError(t, err)
	ks := r.Candidates(l, f)
	require.NotEmpty(t, ks)
	require.Equal(t, "generic", ks[len(ks)-1].ISA)
	require.Equal(t, l.Canonical()+"_generic", ks[len(ks)-1].Name)
	for _, k := range ks[:len(ks)-1] {
		require.NotEqual(t, "generic", k.ISA)
		list = append(list, k.Name)
	}
	return list
}

// TestOrderOfPreference: the instruction set, then how much a kernel fixes, then
// the order of the tables.
func TestOrderOfPreference(t *testing.T) {
	const free, channels, all = "conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c8x6", "conv_transpose2d_k4s2p1_c8x6_i4x5"
	inOnly := "conv_transpose2d_k4s2p1_c8x0"
	a := []runtime.Kernel{stub(t, free, "go"), stub(t, channels, "go"), stub(t, free, "avx512"), stub(t, inOnly, "avx2")}
	b := []runtime.Kernel{stub(t, all, "go"), stub(t, all, "avx2"), stub(t, channels, "avx2"), stub(t, free, "avx2"), stub(t, inOnly, "go")}
	want := []string{
		free + "_avx512",
		all + "_avx2", channels + "_avx2", inOnly + "_avx2", free + "_avx2",
		all + "_go", channels + "_go", inOnly + "_go", free + "_go",
	}
	require.Equal(t, want, names(t, parse(t, all), 0, a, b))
	require.Equal(t, want, names(t, parse(t, all), 0, b, a))
}

// TestTablesBreakTies: of equal kernels the first one listed is preferred.
func TestTablesBreakTies(t *testing.T) {
	const name = "conv_transpose2d_k4s2p1_c8x6"
	first, second := stub(t, name, "go"), stub(t, name, "go")
	first.Needs, second.Needs = cpu.AVX, cpu.BMI2 // tells one from the other
	l := parse(t, name)
	for _, swap := range []bool{false, true} {
		a, b := first, second
		if swap {
			a, b = b, a
		}
		for _, tables := range [][][]runtime.Kernel{{{a}, {b}}, {{a, b}}} {
			r, err := runtime.NewRegistry(tables...)
			require.NoError(t, err)
			ks := r.Candidates(l, cpu.AVX|cpu.BMI2)
			require.Len(t, ks, 3)
			require.Equal(t, a.Needs, ks[0].Needs)
			require.Equal(t, b.Needs, ks[1].Needs)
		}
	}
}

// TestFreeAndFixedFields: a kernel serves a layer when all that it fixes is equal.
func TestFreeAndFixedFields(t *testing.T) {
	for _, c := range []struct {
		kernel, layer string
		serves        bool
	}{
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c8x6", true},
		{"conv_transpose2d_k4s2p1_c8x6", "conv_transpose2d_k4s2p1_c8x6", true},
		{"conv_transpose2d_k4s2p1_c8x6", "conv_transpose2d_k4s2p1_c8x7", false},
		{"conv_transpose2d_k4s2p1_c8x6", "conv_transpose2d_k4s2p1_c6x8", false},
		{"conv_transpose2d_k4s2p1_c8x0", "conv_transpose2d_k4s2p1_c8x7", true},
		{"conv_transpose2d_k4s2p1_c0x6", "conv_transpose2d_k4s2p1_c9x6", true},
		{"conv_transpose2d_k4s2p1_c0x6", "conv_transpose2d_k4s2p1_c6x9", false},
		{"conv_transpose2d_k4s2p1_c8x6", "conv_transpose2d_k4s2p1", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c8x6_i4x5", true},
		{"conv_transpose2d_k4s2p1_i4x5", "conv_transpose2d_k4s2p1_c8x6_i4x5", true},
		{"conv_transpose2d_k4s2p1_i4x5", "conv_transpose2d_k4s2p1_c8x6_i5x4", false},
		{"conv_transpose2d_k4s2p1_i4x5", "conv_transpose2d_k4s2p1_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k3s2p1_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s4p1_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1d2_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2x1p1_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose1d_k4s2p1_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose3d_k4s2p1_c8x6", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1g2_c8x6", false},
		{"conv_transpose2d_k4s2p1g2", "conv_transpose2d_k4s2p1g2_c8x6", true},
		{"conv_transpose2d_k4s2p1g2", "conv_transpose2d_k4s2p1_c8x6", false},
		{"conv_transpose2d_k4s2p1dw", "conv_transpose2d_k4s2p1dw_c8x8", true},
		{"conv_transpose2d_k4s2p1dw", "conv_transpose2d_k4s2p1g8_c8x8", false},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1o1_c8x6", true},
		{"conv_transpose2d_k4s2p1o1", "conv_transpose2d_k4s2p1_c8x6", true},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1e3x0_c8x6", true},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1n9x11_c8x6", true},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2psu_c8x6", true},
		{"conv_transpose2d_k4s2psl", "conv_transpose2d_k4s2p1_c8x6", true},
		{"conv_transpose2d_k3s2psu", "conv_transpose2d_k3s2_c8x6", true},  // the odd element is cropped at the end
		{"conv_transpose2d_k3s2psl", "conv_transpose2d_k3s2_c8x6", false}, // ... at the beginning
		{"conv_transpose2d_k4s2pv", "conv_transpose2d_k4s2_c8x6", true},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c8x6_add_relu", true}, // the sums are the same
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c8x6_prelu", true},
		{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s2p1_c8x6_relu_nhwc", false},
		{"conv_transpose2d_k4s2pv", "conv_transpose2d_k4s2p1_c8x6", false},
	} {
		var want []string
		if c.serves {
			want = []string{c.kernel + "_go"}
		}
		require.Equal(t, want, names(t, parse(t, c.layer), 0, []runtime.Kernel{stub(t, c.kernel, "go")}), "%s for %s", c.kernel, c.layer)
	}
}

// TestBiasAndNameDoNotMatter to a kernel.
func TestBiasAndNameDoNotMatter(t *testing.T) {
	k := stub(t, "conv_transpose2d_k4s2p1", "go")
	l := parse(t, "conv_transpose2d_k4s2p1_c8x6")
	l.Bias, l.Name = !k.Layer.Bias, "up"
	require.Equal(t, []string{k.Name}, names(t, l, 0, []runtime.Kernel{k}))
}

// TestCandidatesNeedTheirFeatures and a processor may have more.
func TestCandidatesNeedTheirFeatures(t *testing.T) {
	k := stub(t, "conv_transpose2d_k4s2p1", "avx2")
	k.Needs = cpu.AVX2 | cpu.FMA3
	l := parse(t, "conv_transpose2d_k4s2p1_c8x6")
	for f, want := range map[cpu.Features][]string{
		0: nil, cpu.AVX2: nil, cpu.FMA3: nil, cpu.AVX512F: nil,
		cpu.AVX2 | cpu.FMA3: {k.Name}, cpu.AVX2 | cpu.FMA3 | cpu.BMI2: {k.Name},
	} {
		require.Equal(t, want, names(t, l, f, []runtime.Kernel{k}), "%v", f)
	}
}

// TestMalformedKernels are refused by name.
func TestMalformedKernels(t *testing.T) {
	const name = "conv_transpose2d_k4s2p1_go"
	for want, f := range map[string]func(*runtime.Kernel){
		"runtime: kernel " + name + " has no function": func(k *runtime.Kernel) { k.Run = nil },
		"runtime: kernel " + name + " has more than one function": func(k *runtime.Kernel) {
			k.Move = func(_, _ []float32, _, _, _, _, _, _ int) {}
		},
		"runtime: kernel " + name + " has a function that is not for layers of op conv_transpose": func(k *runtime.Kernel) {
			k.Run, k.Move = nil, func(_, _ []float32, _, _, _, _, _, _ int) {}
		},
		"runtime: kernel " + name + " has the unknown ISA \"mmx\"":                  func(k *runtime.Kernel) { k.ISA = "mmx" },
		"runtime: kernel up_go should be named " + name:                             func(k *runtime.Kernel) { k.Name = "up_go" },
		"runtime: kernel " + name + " should be named conv_transpose2d_k4s2p1_avx2": func(k *runtime.Kernel) { k.ISA = "avx2" },
		"runtime: kernel nearest3d_s2_go has 3 axes; kernels have 1 or 2, or 3 with weights": func(k *runtime.Kernel) {
			*k = stub(t, "nearest3d_s2", "go")
			k.Run, k.Move = nil, func(_, _ []float32, _, _, _, _, _, _ int) {}
		},
	} {
		k := stub(t, "conv_transpose2d_k4s2p1", "go")
		f(&k)
		r, err := runtime.NewRegistry([]runtime.Kernel{stub(t, "conv_transpose2d_k2", "go")}, []runtime.Kernel{k})
		require.EqualError(t, err, want)
		require.Nil(t, r)
	}
	for _, f := range []func(*runtime.Kernel){
		func(k *runtime.Kernel) { k.Pack.Channels = 0 },
		func(k *runtime.Kernel) { k.Pack.Section = 0 },
		func(k *runtime.Kernel) { k.Tile.Lanes = 0 },
		func(k *runtime.Kernel) { k.Tile.Columns = -1 },
	} {
		k := stub(t, "conv_transpose2d_k4s2p1", "go")
		f(&k)
		_, err := runtime.NewRegistry([]runtime.Kernel{k})
		require.EqualError(t, err, "runtime: kernel "+name+" has an empty tile")
	}
}

// TestKernelsAreACopy: callers cannot change a registry.
func TestKernelsAreACopy(t *testing.T) {
	table := []runtime.Kernel{stub(t, "conv_transpose2d_k4s2p1", "go")}
	r, err := runtime.NewRegistry(table)
	require.NoError(t, err)
	table[0].Name = "gone"
	r.Kernels()[0].Name = "gone too"
	require.Len(t, r.Kernels(), 1)
	require.Equal(t, "conv_transpose2d_k4s2p1_go", r.Kernels()[0].Name)
}
