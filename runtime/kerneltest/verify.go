package kerneltest

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// RequireVariable names the environment variable that lists, separated by commas,
// instruction sets (go, avx2) whose kernels must not be skipped: a processor that
// lacks them is a failure.
const RequireVariable = "UPCONV_REQUIRE"

// Test is what Verify uses of a *testing.T. The interface keeps package testing out
// of programs that call the other functions.
type Test[T any] interface {
	skipper
	Logf(format string, args ...any)
	Run(name string, f func(T)) bool
}

// skipper is a test that can end early.
type skipper interface {
	Helper()
	Fatal(args ...any)
	Skip(args ...any)
}

// Verify proves every kernel of a table, in one sub-test with the kernel's name,
// on everything that the kernel leaves open and on the layers that it serves. A
// layer without a kernel gets a sub-test of the generic path. Verify skips kernels
// whose instructions this processor lacks, unless UPCONV_REQUIRE names their
// instruction set. t is a *testing.T.
func Verify[T Test[T]](t T, kernels []runtime.Kernel, layers []specs.Layer) {
	if err := checkTable(kernels, layers); err != nil {
		t.Fatal(err)
	}
	for _, k := range kernels {
		t.Run(k.Name, func(t T) {
			needFeatures(t, k)
			r, err := verifyKernel(k, layers)
			conclude(t, r, err)
		})
	}
	for _, l := range Unserved(kernels, layers) {
		t.Run(l.Canonical()+"_generic", func(t T) {
			r, err := verifyGeneric(l)
			conclude(t, r, err)
		})
	}
}

// conclude fails the test, or logs what was compared.
func conclude[T Test[T]](t T, r Report, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d outputs compared; largest error: %.3f of its bound", r.Outputs, r.Worst)
}

// checkTable reports tables that prove nothing, or that no registry takes.
func checkTable(kernels []runtime.Kernel, layers []specs.Layer) error {
	if len(kernels)+len(layers) == 0 {
		return fmt.Errorf("kerneltest: the tables have no kernels and no layers")
	}
	_, err := runtime.NewRegistry(kernels)
	return err
}

// Unserved lists the layers for which the table has no kernel.
func Unserved(kernels []runtime.Kernel, layers []specs.Layer) (list []specs.Layer) {
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
func needFeatures(t skipper, k runtime.Kernel) {
	t.Helper()
	switch message, required := Lacks(k); {
	case message == "":
	case required:
		t.Fatal(message)
	default:
		t.Skip(message)
	}
}

// Lacks says which features k needs and this processor does not have, and whether
// UPCONV_REQUIRE makes that a failure. The message is empty where none is missing.
func Lacks(k runtime.Kernel) (message string, isRequired bool) {
	missing := k.Needs &^ cpu.Detect()
	if missing == 0 {
		return "", false
	}
	return fmt.Sprintf("this processor lacks %v, which %s needs (%s=%q)",
		missing, k.Name, RequireVariable, os.Getenv(RequireVariable)), required(k.ISA)
}

// required reports whether UPCONV_REQUIRE lists the instruction set.
func required(isa string) bool {
	return slices.Contains(strings.Split(os.Getenv(RequireVariable), ","), isa)
}

// verifyKernel checks k with everything it leaves open, then with those layers of
// the table that it serves.
func verifyKernel(k runtime.Kernel, layers []specs.Layer) (Report, error) {
	cases, err := KernelCases(k, layers)
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
		total.Add(r)
	}
	if total.Outputs == 0 {
		return total, fmt.Errorf("kerneltest: no output of %s was compared", t.Name)
	}
	return total, nil
}

// GenericCases lists what Verify checks the generic path of a layer with.
func GenericCases(l specs.Layer) ([]Case, error) { return Cases(l, casesWork) }

// verifyGeneric checks the runtime's own path on a layer.
func verifyGeneric(l specs.Layer) (total Report, err error) {
	cases, err := GenericCases(l)
	for i, c := range cases {
		r, err := GenericTarget(c.Layer).Check(c, uint64(i))
		if err != nil {
			return total, err
		}
		total.Add(r)
	}
	return total, err
}

// KernelCases lists what Verify checks a kernel with: cases of the kernel itself and
// one for each layer that it serves, while that is not too much work.
func KernelCases(k runtime.Kernel, layers []specs.Layer) ([]Case, error) {
	budget := casesWork
	if k.Tile.Fused {
		budget = vectorCasesWork
	}
	cases, err := Cases(k.Layer, budget)
	if err != nil {
		return nil, err
	}
	more, err := tileCases(k)
	if err != nil {
		return nil, err
	}
	cases = append(cases, more...)
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

// tileCases are for what the cases that all layers get do not reach: rows of two whole
// tiles and a part of one, which are wider, and sums that are taken in passes, of more
// output channels than a vector has.
func tileCases(k runtime.Kernel) (cases []Case, err error) {
	sizes := []size{{1, [3]int{1, 2, 2*k.Tile.Columns + 3}, 2, 3}}
	if k.Pack.Order == pack.Channels {
		sizes = append(sizes, size{1, [3]int{1, 1, 2*k.Tile.Columns + 1}, passChannels, k.Pack.Channels + 3})
	}
	for _, s := range sizes {
		c, p, err := s.fit(k.Layer, k.Layer.Bias)
		if err != nil {
			return nil, err
		}
		if p.work() <= tileWork {
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// tileWork bounds the multiply-adds of each of them.
const tileWork = 1 << 22

// passChannels is a number of input channels of which a kernel takes several passes, even if
// it has one tap.
const passChannels = 149

// serves reports whether k serves the layer, its open fields filled in.
func serves(k runtime.Kernel, l specs.Layer) bool {
	registry, err := runtime.NewRegistry([]runtime.Kernel{k})
	if err != nil {
		return false
	}
	c, _, err := fallback.fit(l, l.Bias)
	return err == nil && registry.Candidates(c.Layer, k.Needs)[0].Name == k.Name
}
