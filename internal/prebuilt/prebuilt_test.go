package prebuilt

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
)

// TestPackages: each has layers, and a kernel for each layer on each instruction
// set of the build.
func TestPackages(t *testing.T) {
	sets := map[string]bool{}
	for _, k := range Kernels() {
		sets[k.ISA] = true
	}
	require.True(t, sets["go"])
	names := []string{}
	for _, p := range Packages() {
		names = append(names, p.Name)
		require.NotEmpty(t, p.Layers, p.Name)
		for _, l := range p.Layers {
			for isa := range sets {
				require.True(t, slices.ContainsFunc(p.Kernels, func(k runtime.Kernel) bool { return k.Name == l.Canonical()+"_"+isa }), "%s: %s has no %s kernel", p.Name, l.Name, isa)
			}
		}
	}
	require.IsIncreasing(t, names)
}

// TestKernelsMakeARegistry, in which a network's own kernels are found.
func TestKernelsMakeARegistry(t *testing.T) {
	r, err := runtime.NewRegistry(Kernels())
	require.NoError(t, err)
	total := 0
	for _, p := range Packages() {
		total += len(p.Kernels)
		for _, l := range p.Layers {
			if l.InChannels == 0 {
				continue
			}
			best := r.Candidates(l, cpu.Detect())[0]
			require.Equal(t, l.Canonical()+"_"+best.ISA, best.Name)
		}
	}
	require.Len(t, Kernels(), total)
}

// TestCommonComesLast: of equally specific kernels a network's own is preferred.
func TestCommonComesLast(t *testing.T) {
	common := Packages()[0]
	require.Equal(t, "common", common.Name)
	all := Kernels()
	for i, k := range all[len(all)-len(common.Kernels):] {
		require.Equal(t, common.Kernels[i].Name, k.Name)
	}
}
