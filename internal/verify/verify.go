// Package verify holds the kernels of layers to the oracle outside of a test: those
// that a binary holds run natively, others as interpreted nests and as simulated
// assembly. Findings are rows of a table, not failures of a test.
package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// Group is the layers of one package, and the table in which their kernels are looked
// up by name. A kernel is also checked on the group's other layers that it serves.
type Group struct {
	Kernels []runtime.Kernel
	Layers  []specs.Layer
}

// Options say what to verify.
type Options struct {
	Groups []Group
	Seed   uint64        // of the data
	Fuzz   time.Duration // how long random shapes and data follow; 0: none
	Step   func(string)  // told what is being done; may be nil
}

// Way is how a path was run.
type Way string

// The ways, from the processor outwards.
const (
	Native    Way = "native"    // compiled into this binary
	Nest      Way = "nest"      // the loop nest, interpreted
	Simulated Way = "simulated" // the assembly, instruction by instruction
)

// Result is how a row ended.
type Result string

// The results.
const (
	OK     Result = "ok"
	Failed Result = "FAILED"
	NotRun Result = "not run"
)

// Row is one path of a layer, or two paths that must return the same bits.
type Row struct {
	Layer   string  `json:"layer"`
	Path    string  `json:"path"`
	Way     Way     `json:"way"`
	Cases   int     `json:"cases"`             // layers with sizes; simulated: also single calls
	Outputs int     `json:"outputs"`           // compared
	Worst   float64 `json:"worst"`             // largest error as a fraction of its bound
	Seed    uint64  `json:"seed"`              // of the data
	Result  Result  `json:"result"`            //
	Note    string  `json:"note,omitempty"`    // what ran in place of a layer that is too large to interpret
	Message string  `json:"message,omitempty"` // kernel, case and element of a finding, or why it did not run
}

// Run verifies all layers of the options and calls each with every row when it is
// done; it goes on after findings. The error is one of each, or says that no output was
// compared, or the context's.
func Run(ctx context.Context, o Options, each func(Row) error) error {
	r := run{Context: ctx, Options: o, each: each}
	for _, g := range o.Groups {
		seen := map[string]bool{}
		for _, l := range g.Layers {
			l.Name = ""
			if seen[l.Canonical()] {
				continue
			}
			seen[l.Canonical()] = true
			if err := r.layer(l, g); err != nil {
				return err
			}
		}
	}
	if err := r.fuzz(); err != nil {
		return err
	}
	if r.outputs == 0 {
		return fmt.Errorf("verify: no output was compared")
	}
	return nil
}

// run is one run of Run.
type run struct {
	context.Context
	Options
	each    func(Row) error
	outputs int
	corpus  corpus
}

// layer verifies the paths of a layer, then the bits between them.
func (r *run) layer(l specs.Layer, g Group) error {
	paths, err := pathsOf(l, g)
	if err != nil {
		return err
	}
	for _, p := range paths {
		r.corpus.add(p)
		if err := r.row(l.Canonical(), p.name, p.way, p.note, p.check); err != nil {
			return err
		}
	}
	for _, pair := range pairsOf(paths) {
		if err := r.row(l.Canonical(), pair.name(), pair.way(), pair.first.note, pair.check); err != nil {
			return err
		}
	}
	return nil
}

// check does the work of a row; next tells the text of the next step, and fails when
// the run is to end.
type check func(seed uint64, next func(string) error) (kerneltest.Report, error)

// row makes a row of what a check of the path, or of what the note names, returns.
func (r *run) row(layer, path string, way Way, note string, f check) error {
	row := Row{Layer: layer, Path: path, Way: way, Seed: r.Seed, Result: OK, Note: note}
	report, err := f(r.Seed, func(text string) error {
		r.step(fmt.Sprintf("%s, %s, %s", layer, path, text))
		return r.Err()
	})
	if r.Err() != nil {
		return r.Err()
	}
	row.Cases, row.Outputs, row.Worst = report.Cases, report.Outputs, report.Worst
	switch absent, ok := err.(notRun); {
	case ok:
		row.Result, row.Message = NotRun, string(absent)
	case err != nil:
		row.Result, row.Message = Failed, err.Error()
	}
	r.outputs += row.Outputs
	return r.each(row)
}

func (r *run) step(text string) {
	if r.Step != nil {
		r.Step(text)
	}
}

// notRun is why a path was not run.
type notRun string

func (n notRun) Error() string { return string(n) }
