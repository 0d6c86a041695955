// Package gen turns a parsed spec into the files of a Go package: for every layer
// and target a plan, a loop nest, and the text an emitter spells. It is pure: the
// same spec gives the same bytes, and nothing touches a disk.
package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// File is one generated file.
type File struct {
	Name string // base name
	Data []byte
}

// Targets are what kernels are generated for, in the order of the tables.
var Targets = []plan.Target{plan.AVX512, plan.AVX2, plan.Go}

// Package returns the files of the package that spec describes, sorted by name.
func Package(spec *specfile.File) ([]File, error) {
	p := pkg{spec: spec}
	for _, l := range spec.Layers {
		for _, target := range Targets {
			if err := p.add(l, target); err != nil {
				return nil, fmt.Errorf("%s: layer %s: %w", spec.Path, l.Name, err)
			}
		}
	}
	return p.files()
}

// kernel is one generated kernel on its way to a file.
type kernel struct {
	layer    specs.Layer // the sums of the first layer that it serves
	finished bool        // that layer does something with them
	names    []string    // the spec's names of the layers it serves
	prob     plan.Problem
	plan     plan.Plan
	nest     nest.Kernel
	needs    cpu.Features
	text     []byte // assembly; nil for Go
	stamp    string // constant that its file asks for
}

// add generates the kernel of a layer for a target, unless there is one already
// or the target has none.
func (p *pkg) add(l specs.Layer, target plan.Target) error {
	prob, pl, err := plan.For(l, target)
	if err != nil {
		return nil // no kernel: the layer runs on the next best path, as Explain says
	}
	finished := l != l.Sums()
	l = l.Sums()
	name := l.Canonical() + "_" + target.Name
	if k := p.find(name); k != nil {
		k.names = append(k.names, l.Name)
		return nil
	}
	k := &kernel{layer: l, finished: finished, names: []string{l.Name}, prob: prob, plan: pl, nest: nest.Build(name, prob, pl)}
	if target.Lanes > 1 {
		out, err := tried(k.nest, target, trial.NewContract(prob, pl).Calls())
		if err != nil {
			return err
		}
		k.text, k.needs = out.Text, out.Needs
	}
	p.kernels = append(p.kernels, k)
	return nil
}
