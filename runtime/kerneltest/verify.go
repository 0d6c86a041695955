package kerneltest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// RequireVariable names the environment variable that lists, separated by commas,
// instruction sets (go, avx2) whose kernels must not be skipped: a processor that
// lacks them is a failure.
const RequireVariable = "UPCONV_REQUIRE"

// Verify proves every kernel of a table, in one sub-test with the kernel's name,
// on everything that the kernel leaves open and on the layers that it serves. A
// layer without a kernel gets a sub-test of the generic path. Verify skips kernels
// whose instructions this processor lacks, unless UPCONV_REQUIRE names their
// instruction set.
func Verify(t *testing.T, kernels []runtime.Kernel, layers []specs.Layer) {
	if err := checkTable(kernels, layers); err != nil {
		t.Fatal(err)
	}
	for _, k := range kernels {
		t.Run(k.Name, func(t *testing.T) {
			needFeatures(t, k)
			conclude(t)(verifyKernel(k, layers))
		})
	}
	for _, l := range unserved(kernels, layers) {
		t.Run(l.Canonical()+"_generic", func(t *testing.T) {
			conclude(t)(verifyGeneric(l))
		})
	}
}

// conclude fails the test, or logs what was compared.
func conclude(t *testing.T) func(Report, error) {
	return func(r Report, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d outputs compared; largest error: %.3f of its bound", r.Outputs, r.Worst)
	}
}

// checkTable reports tables that prove nothing, or that no registry takes.
func checkTable(kernels []runtime.Kernel, layers []specs.Layer) error {
	if len(kernels)+len(layers) == 0 {
		return fmt.Errorf("kerneltest: the tables have no kernels and no layers")
	}
	_, err := runtime.NewRegistry(kernels)
	return err
}

// unserved lists the layers for which the table has no kernel.
func unserved(kernels []runtime.Kernel, layers []specs.Layer) (list []specs.Layer) {
	for _, l := range layers {
		serve := func(k runtime.Kernel) bool { return serves(k, l) }
		if !slices.ContainsFunc(kernels, serve) {
			list = append(list, l)
		}
	}
	return list
}

// needFeatures skips the test where the processor lacks what k needs, or fails it
// where that was required.
func needFeatures(t testing.TB, k runtime.Kernel) {
	t.Helper()
	switch {
	case lacks(k) == 0:
	case required(k.ISA):
		t.Fatal(lackMessage(k))
	default:
		t.Skip(lackMessage(k))
	}
}

// lacks returns the features that k needs and this processor does not have.
func lacks(k runtime.Kernel) cpu.Features { return k.Needs &^ cpu.Detect() }

func lackMessage(k runtime.Kernel) string {
	return fmt.Sprintf("this processor lacks %v, which %s needs (%s=%q)",
		lacks(k), k.Name, RequireVariable, os.Getenv(RequireVariable))
}

// required reports whether UPCONV_REQUIRE lists the instruction set.
func required(isa string) bool {
	return slices.Contains(strings.Split(os.Getenv(RequireVariable), ","), isa)
}

// verifyKernel checks k with everything it leaves open, then with those layers of
// the table that it serves.
func verifyKernel(k runtime.Kernel, layers []specs.Layer) (Report, error) {
	cases, err := kernelCases(k, layers)
	if err != nil {
		return Report{}, err
	}
	return TargetOf(k).checkAll(cases)
}

// checkAll checks the target on every case.
func (t Target) checkAll(cases []Case) (total Report, err error) {
	for i, c := range cases {
		r, err := t.Check(c, uint64(i))
		if err != nil {
			return total, err
		}
		total.add(r)
	}
	if total.Outputs == 0 {
		return total, fmt.Errorf("kerneltest: no output of %s was compared", t.Name)
	}
	return total, nil
}

// verifyGeneric checks the runtime's own path on a layer.
func verifyGeneric(l specs.Layer) (total Report, err error) {
	cases, err := Cases(l, casesWork)
	for i, c := range cases {
		r, err := GenericTarget(c.Layer).Check(c, uint64(i))
		if err != nil {
			return total, err
		}
		total.add(r)
	}
	return total, err
}

// kernelCases lists the cases of the kernel itself and one for each layer that it
// serves, while that is not too much work.
func kernelCases(k runtime.Kernel, layers []specs.Layer) ([]Case, error) {
	budget := casesWork
	if k.Tile.Fused {
		budget = vectorCasesWork
	}
	cases, err := Cases(k.Layer, budget)
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		if !serves(k, l) {
			continue
		}
		c, p, err := fallback.fit(l, l.Bias)
		if err != nil {
			return nil, err
		}
		if p.work() <= budget && !slices.Contains(cases, c) {
			budget -= p.work()
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// serves reports whether k serves the layer, its open fields filled in.
func serves(k runtime.Kernel, l specs.Layer) bool {
	registry, err := runtime.NewRegistry([]runtime.Kernel{k})
	if err != nil {
		return false
	}
	c, _, err := fallback.fit(l, l.Bias)
	return err == nil && registry.Candidates(c.Layer, k.Needs)[0].Name == k.Name
}
