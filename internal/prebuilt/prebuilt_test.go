package prebuilt

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
)

// TestPackages: each has layers, and for each layer and instruction set of the build the
// kernel that there is a plan for.
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
			for _, target := range gen.Targets {
				_, none := gen.DesignOf(l, target)
				has := slices.ContainsFunc(p.Kernels, func(k runtime.Kernel) bool { return k.Name == l.Canonical()+"_"+target.Name })
				require.Equal(t, none == nil && sets[target.Name], has, "%s: %s, %s kernel: %v", p.Name, l.Name, target.Name, none)
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
			if best.ISA != "generic" {
				require.Equal(t, l.Canonical()+"_"+best.ISA, best.Name)
			}
		}
	}
	require.Len(t, Kernels(), total)
}

// TestCommonComesLast: of equally specific kernels a network's own is preferred.
func TestCommonComesLast(t *testing.T) {
	packages := Packages()
	common := packages[slices.IndexFunc(packages, func(p Package) bool { return p.Name == "common" })]
	all := Kernels()
	for i, k := range all[len(all)-len(common.Kernels):] {
		require.Equal(t, common.Kernels[i].Name, k.Name)
	}
}
