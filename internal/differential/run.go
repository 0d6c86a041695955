package differential

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// Run checks every layer on every path, one sub-test a layer, and logs how many
// layers and outputs each path saw.
func Run(t *testing.T, kernels []runtime.Kernel, layers []specs.Layer) {
	byName := map[string]runtime.Kernel{}
	for _, k := range kernels {
		byName[k.Name] = k
	}
	var mu sync.Mutex
	seen := map[string]int{}
	total := kerneltest.Report{}
	t.Run("layers", func(t *testing.T) {
		for i, l := range layers {
			t.Run(l.Canonical(), func(t *testing.T) {
				t.Parallel()
				for _, link := range links(t, l, byName) {
					r := check(t, l, link, i)
					mu.Lock()
					seen[link.path]++
					total.Outputs += r.Outputs
					total.Worst = max(total.Worst, r.Worst)
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("%d layers, %d outputs compared, largest error: %.3f of its bound; layers a path: %v", len(layers), total.Outputs, total.Worst, seen)
	for _, path := range []string{"phases", "generic", "nest_go", "sim_avx2", "sim_avx512", "go"} {
		if seen[path] == 0 {
			t.Errorf("no layer ran on the path %s", path)
		}
	}
}

type link struct {
	path   string
	target kerneltest.Target
}

// links lists the paths that exist for a layer, from the definition outwards.
func links(t *testing.T, l specs.Layer, kernels map[string]runtime.Kernel) []link {
	ls := []link{{"generic", kerneltest.GenericTarget(l)}}
	if gathers(l) {
		ls = slices.Insert(ls, 0, link{"phases", Phases()})
	}
	for _, target := range gen.Targets {
		if k, ok := Interpreted(l, target); ok {
			ls = append(ls, link{"nest_" + target.Name, kerneltest.TargetOf(k)})
		}
		if k, ok, err := Simulated(l, target); err != nil {
			t.Fatal(err)
		} else if ok {
			ls = append(ls, link{"sim_" + target.Name, kerneltest.TargetOf(k)})
		}
		k, ok := kernels[l.Sums().Canonical()+"_"+target.Name]
		if ok && cpu.Detect().Has(k.Needs) {
			ls = append(ls, link{target.Name, kerneltest.TargetOf(k)})
		}
	}
	return ls
}

// slow tells that the path interprets.
func (l link) slow() bool {
	return strings.HasPrefix(l.path, "nest_") || strings.HasPrefix(l.path, "sim_")
}

// work bounds the multiply-adds of a layer's cases: the interpreter is slow.
const work = 1 << 13

func check(t *testing.T, l specs.Layer, link link, seed int) kerneltest.Report {
	t.Helper()
	cases, err := kerneltest.Cases(l, work)
	if err != nil {
		t.Fatal(err)
	}
	cases = cases[:min(len(cases), 2)]
	if link.slow() { // one of them
		cases = cases[seed%len(cases):][:1]
	}
	total := kerneltest.Report{}
	for i, c := range cases {
		if link.path == "generic" {
			link.target = kerneltest.GenericTarget(c.Layer) // the name has the case's channels
		}
		r, err := link.target.Check(c, uint64(seed<<8|i))
		if err != nil {
			t.Fatalf("%s: %v", link.path, err)
		}
		total.Outputs += r.Outputs
		total.Worst = max(total.Worst, r.Worst)
	}
	return total
}
