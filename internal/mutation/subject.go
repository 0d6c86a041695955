package mutation

import (
	"fmt"
	"sync"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/specs"
)

// Kernel is a kernel that mutants are made of.
type Kernel struct {
	gen.Trial
	Layer    specs.Layer         // the zero Layer for kernels that belong to none
	Thorough func() []trial.Call // for what no call of the trial finds
}

// Kernels lists the kernels of the layers on the targets, and, with own, those that belong
// to no layer. Of kernels with the same loop nest it lists the first: their assembly is the
// same.
func Kernels(layers []specs.Layer, targets []plan.Target, own bool) (list []Kernel) {
	seen := map[string]bool{}
	for _, l := range layers {
		for _, target := range targets {
			d, err := gen.DesignOf(l, target)
			if err != nil {
				continue // the layer has no kernel
			}
			key := body(d.Nest, target)
			if seen[key] {
				continue
			}
			seen[key] = true
			list = append(list, Kernel{gen.Trial{Target: target, Nest: d.Nest, Calls: d.Contract.Calls()}, l, sync.OnceValue(d.Contract.Thorough)})
		}
	}
	if own {
		for _, t := range gen.OwnTrials() {
			list = append(list, Kernel{Trial: t, Thorough: func() []trial.Call { return nil }})
		}
	}
	return list
}

// body spells a nest without its name.
func body(k nest.Kernel, target plan.Target) string {
	k.Name = target.Name
	return k.String()
}

// program is the compiled kernel with what its calls do and what they must return.
type program struct {
	Kernel
	out   asm.Output
	sound *sim.Program
	calls []call

	thorough func() ([]call, error)
}

// call is a call of a sound kernel.
type call struct {
	trial.Call
	want     []float32
	executed []int
	length   int // instructions
	accesses nest.Accesses
}

// compile runs all calls of a kernel, which has to be sound.
func compile(k Kernel) (*program, error) {
	out, err := asm.Emit(k.Nest, k.Target.Name)
	if err != nil {
		return nil, err
	}
	p := &program{Kernel: k, out: out}
	if p.sound, err = sim.Load(out.Func); err != nil {
		return nil, err
	}
	if err := trial.Try(k.Nest, p.sound, k.Calls); err != nil {
		return nil, fmt.Errorf("the kernel is not sound: %w", err)
	}
	p.calls, err = p.made(k.Calls)
	p.thorough = sync.OnceValues(func() ([]call, error) { return p.made(k.Thorough()) })
	return p, err
}

// made are calls with what the sound kernel does in them.
func (p *program) made(list []trial.Call) (calls []call, err error) {
	for _, c := range list {
		c.Budget = mostInstructions
		want, stats, err := c.Simulate(p.sound)
		if err != nil {
			return nil, err
		}
		if err := c.Defined(want); err != nil {
			return nil, err
		}
		calls = append(calls, call{c, want, stats.Executed, stats.Instructions, nest.Accesses{All: stats.Accesses, Masked: stats.Masked, Fenced: stats.Fenced}})
	}
	return calls, nil
}

// mostInstructions is enough for any of the calls.
const mostInstructions = 4 * trial.MostInstructions
