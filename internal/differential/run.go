package differential

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// Test is what Run uses of a *testing.T. The interface keeps package testing out of
// programs that call the other functions.
type Test[T any] interface {
	Run(name string, f func(T)) bool
	Parallel()
	Fatal(args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
}

// Run checks every layer on every path, one sub-test a layer, and logs how many
// layers and outputs each path saw. t is a *testing.T.
func Run[T Test[T]](t T, kernels []runtime.Kernel, layers []specs.Layer) {
	byName := map[string]runtime.Kernel{}
	for _, k := range kernels {
		byName[k.Name] = k
	}
	s := newSummary()
	t.Run("layers", func(t T) {
		for i, l := range layers {
			t.Run(l.Canonical(), func(t T) {
				t.Parallel()
				if err := s.checkLayer(l, byName, i); err != nil {
					t.Fatal(err)
				}
			})
		}
	})
	t.Logf("%d layers, %d outputs compared, largest error: %.3f of its bound; layers a path: %v", len(layers), s.total.Outputs, s.total.Worst, s.seen)
	t.Logf("%d paths of layers, %d of linear maps, %d runs and calls between guards", sum(s.seen), sum(s.maps), s.total.Guarded)
	for _, path := range []string{"phases", "generic", "nest_go", "sim_avx2", "sim_avx512", "go"} {
		if s.seen[path] == 0 {
			t.Errorf("no layer ran on the path %s", path)
		}
	}
}

// summary is what the sub-tests saw together.
type summary struct {
	mu    sync.Mutex
	seen  map[string]int // layers a path
	maps  map[string]int // of them, those whose linear map was compared
	total kerneltest.Report
}

func newSummary() *summary { return &summary{seen: map[string]int{}, maps: map[string]int{}} }

// sum is the number of layers on all paths.
func sum(paths map[string]int) (n int) {
	for _, layers := range paths {
		n += layers
	}
	return n
}

// checkLayer checks a layer on every path that it has.
func (s *summary) checkLayer(l specs.Layer, kernels map[string]runtime.Kernel, seed int) error {
	paths, err := links(l, kernels)
	if err != nil {
		return err
	}
	for _, link := range paths {
		r, err := check(l, link, seed)
		if errors.Is(err, errTooLarge) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", link.path, err)
		}
		s.add(s.seen, link.path, r)
	}
	return s.checkMaps(l, paths)
}

// checkMaps compares the linear map of a layer on the paths.
func (s *summary) checkMaps(l specs.Layer, paths []link) error {
	for _, link := range paths {
		switch r, err := link.impulses(l); {
		case err != nil:
			return fmt.Errorf("%s: %w", link.path, err)
		case r.Outputs > 0:
			s.add(s.maps, link.path, r)
		}
	}
	return nil
}

// add notes in seen or maps what a path of a layer compared.
func (s *summary) add(list map[string]int, path string, r kerneltest.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list[path]++
	s.total.Add(r)
}

type link struct {
	path   string
	target kerneltest.Target
}

// links lists the paths that exist for a layer, from the definition outwards.
func links(l specs.Layer, kernels map[string]runtime.Kernel) ([]link, error) {
	ls := []link{{"generic", kerneltest.GenericTarget(l)}}
	if gathers(l) {
		ls = slices.Insert(ls, 0, link{"phases", Phases()})
	}
	for _, target := range gen.Targets {
		if k, ok := Interpreted(l, target); ok {
			ls = append(ls, link{"nest_" + target.Name, kerneltest.TargetOf(k)})
		}
		if k, ok, err := Simulated(l, target); err != nil {
			return nil, err
		} else if ok {
			ls = append(ls, link{"sim_" + target.Name, kerneltest.TargetOf(k)})
		}
		k, ok := kernels[l.Sums().Canonical()+"_"+target.Name]
		if ok && cpu.Detect().Has(k.Needs) {
			ls = append(ls, link{target.Name, kerneltest.TargetOf(k)})
		}
	}
	return ls, nil
}

// slow tells that the path interprets.
func (l link) slow() bool {
	return strings.HasPrefix(l.path, "nest_") || strings.HasPrefix(l.path, "sim_")
}

// impulses compares the linear map of a layer, where that is not too much work.
func (l link) impulses(layer specs.Layer) (kerneltest.Report, error) {
	work := compiledImpulses
	if l.slow() {
		work = slowImpulses
	}
	c, ok, err := kerneltest.ImpulseCase(layer, work)
	if err != nil || !ok {
		return kerneltest.Report{}, err
	}
	return l.on(c).CheckImpulses(c)
}

// The most multiply-adds of a linear map.
const (
	compiledImpulses = 1 << 17
	slowImpulses     = 1 << 15
)

// on is the path's target for a case.
func (l link) on(c kerneltest.Case) kerneltest.Target {
	if l.path == "generic" {
		return kerneltest.GenericTarget(c.Layer) // the name has the case's channels
	}
	return l.target
}

// work bounds the multiply-adds of a layer's cases: the interpreter is slow.
const work = 1 << 13

// mostSlowWork is the most multiply-adds of a case that is interpreted; the calls that
// reach every instruction of a kernel are executed when it is generated, in any case.
const mostSlowWork = 1 << 19

var errTooLarge = errors.New("too large to interpret")

// check checks a path on the layer's first cases. It returns errTooLarge for a path
// that interprets and a case beyond mostSlowWork.
func check(l specs.Layer, link link, seed int) (total kerneltest.Report, err error) {
	cases, err := kerneltest.Cases(l, work)
	if err != nil {
		return total, err
	}
	cases = cases[:min(len(cases), 2)]
	if link.slow() { // one of them
		cases = cases[seed%len(cases):][:1]
		switch n, err := cases[0].Work(); {
		case err != nil:
			return total, err
		case n > mostSlowWork:
			return total, errTooLarge
		}
	}
	for i, c := range cases {
		r, err := link.on(c).Check(c, uint64(seed<<8|i))
		if err != nil {
			return total, err
		}
		total.Add(r)
	}
	return total, nil
}
