package verify

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// genericPath is the name of the runtime's own path.
const genericPath = "generic"

// The work of interpreted paths, in multiply-adds: what their cases may take together,
// and how large the one of a layer that fixes its sizes may be. The simulator
// executes about twenty million a second, the nest of Go ten.
const (
	slowCasesWork = 1 << 16
	mostNestWork  = 1 << 26
	mostSimWork   = 1 << 21
)

// path is one way to compute a layer.
type path struct {
	name   string // the instruction set, or generic
	way    Way
	kernel *runtime.Kernel // nil: the generic path, or one that does not run
	cases  []kerneltest.Case
	most   int                      // multiply-adds of a case; 0: any
	sim    *differential.Simulation // nil: not simulated
	absent error                    // why the path does not run
	layer  specs.Layer
	note   string // what was run in place of the layer; "" is the layer itself
}

// pathsOf lists the paths of a layer: for each instruction set the compiled kernel, or
// else the nest; the simulated assembly; and the generic path.
func pathsOf(l specs.Layer, g Group) (list []path, err error) {
	for _, target := range gen.Targets {
		p, ok, err := nativeOrNest(l, target, g)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, p)
		}
		s, err := differential.NewSimulation(l, target)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		cases, err := kerneltest.Cases(l, slowCasesWork)
		if err != nil {
			return nil, err
		}
		k := s.Executed()
		list = append(list, path{name: target.Name, way: Simulated, kernel: &k, sim: s, cases: cases, most: mostSimWork, layer: l})
	}
	cases, err := kerneltest.GenericCases(l)
	return append(list, path{name: genericPath, way: Native, cases: cases, layer: l}), err
}

// nativeOrNest returns the compiled kernel where the table has it and the processor
// runs it, else the nest; ok is false where the target has no kernel for the layer.
func nativeOrNest(l specs.Layer, target plan.Target, g Group) (p path, ok bool, err error) {
	p = path{name: target.Name, way: Native, layer: l}
	name := l.Canonical() + "_" + target.Name
	if i := slices.IndexFunc(g.Kernels, func(k runtime.Kernel) bool { return k.Name == name }); i >= 0 {
		switch message, required := kerneltest.Lacks(g.Kernels[i]); {
		case required:
			p.absent = fmt.Errorf("%s: %s", name, message)
			return p, true, nil
		case message == "":
			p.kernel = &g.Kernels[i]
			p.cases, err = kerneltest.KernelCases(g.Kernels[i], g.Layers)
			return p, true, err
		}
	}
	k, ok := differential.Interpreted(l, target)
	if !ok {
		return p, false, nil
	}
	p.way, p.kernel, p.most = Nest, &k, mostNestWork
	if p.cases, err = kerneltest.Cases(l, slowCasesWork); err != nil {
		return p, true, err
	}
	fit, err := p.affordable()
	if err == nil && len(fit) == 0 {
		err = p.shrink()
	}
	return p, true, err
}

// target is the path for a case.
func (p path) target(c kerneltest.Case) kerneltest.Target {
	if p.kernel == nil {
		return kerneltest.GenericTarget(c.Layer)
	}
	return kerneltest.TargetOf(*p.kernel)
}

// check tries the simulated calls, then checks all cases that are not too large.
func (p path) check(seed uint64, next func(string) error) (total kerneltest.Report, err error) {
	if p.absent != nil {
		return total, p.absent
	}
	if p.sim != nil {
		if err := next("calls"); err != nil {
			return total, err
		}
		if total.Cases, total.Outputs, err = p.sim.Try(); err != nil {
			return total, fmt.Errorf("%s: %w", p.sim.Nest.Name, err)
		}
	}
	cases, err := p.affordable()
	for i, c := range cases {
		if err := next(c.String()); err != nil {
			return total, err
		}
		target := p.target(c)
		r, err := target.Check(c, seed<<8+uint64(i))
		total.Add(r)
		if err != nil {
			return total, fmt.Errorf("%s: %w", target.Name, err)
		}
	}
	if err == nil && total.Outputs == 0 {
		err = notRun(fmt.Sprintf("interpreting it takes more than %d multiply-adds even on a few channels: the tests of its generated package run it", p.most))
	}
	return total, err
}

// affordable are the cases that are not too large for the way of the path.
func (p path) affordable() (list []kerneltest.Case, err error) {
	for _, c := range p.cases {
		work, err := c.Work()
		if err != nil {
			return nil, err
		}
		if p.most == 0 || work <= p.most {
			list = append(list, c)
		}
	}
	return list, nil
}
