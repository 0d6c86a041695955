// Package gen turns a parsed spec into the files of a Go package: for every layer
// and target a plan, a loop nest, and the text an emitter spells. It is pure: the
// same spec gives the same bytes, and nothing touches a disk.
package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/plan"
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
	if err := checkPath(spec.Path); err != nil {
		return nil, err
	}
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
	Design
	finished bool     // its first layer does something with the sums
	names    []string // the spec's names of the layers it serves
	needs    cpu.Features
	text     []byte // assembly; nil for Go
	stamp    string // constant that its file asks for
}

// add generates the kernel of a layer for a target, unless there is one already
// or the target has none.
func (p *pkg) add(l specs.Layer, target plan.Target) error {
	d, err := DesignOf(l, target)
	if err != nil {
		return nil // no kernel: the layer runs on the next best path, as Explain says
	}
	if k := p.find(d.Nest.Name); k != nil {
		k.names = append(k.names, l.Name)
		return nil
	}
	k := &kernel{Design: d, finished: l != l.Sums(), names: []string{l.Name}}
	if target.Lanes > 1 {
		out, err := tried(k.Nest, target, k.Contract.Calls())
		if err != nil {
			return err
		}
		k.text, k.needs = out.Text, out.Needs
	}
	p.kernels = append(p.kernels, k)
	return nil
}
