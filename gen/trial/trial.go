// Package trial tries a generated kernel before it is written: it executes the
// compiled assembly in the simulator, on small calls that reach every instruction,
// with slices of exactly the size that the kernel's contract allows.
package trial

import (
	"fmt"
	"math"
	"slices"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen/nest"
)

// Check executes the calls and reports the first in which the assembly does what
// it must not do, or leaves other bits than the nest, which it was made from. An
// instruction that no call executes, or a branch that no call takes both ways, is
// an error too: nothing is written that was not tried. Errors about an instruction
// are a [*sim.Finding] inside.
func Check(k nest.Kernel, out asm.Output, calls []Call) error {
	program, err := sim.Load(out.Func)
	if err != nil {
		return err
	}
	coverage := program.Coverage()
	for _, c := range calls {
		_, stats, err := c.Compare(k, program)
		if err != nil {
			return fmt.Errorf("call with %v = %v: %w", k.Ints, c.Args.Ints, err)
		}
		coverage.Add(stats)
	}
	if missing := coverage.Missing(); len(missing) > 0 {
		return fmt.Errorf("%s: %d calls do not try all of it: %s", k.Name, len(calls), missing[0])
	}
	return nil
}

// Compare returns what the program writes to dst, and reports bits that the nest
// does not give. NaN are equal, unless the call is about bits: nests do not say which
// one a sum of two is.
func (c Call) Compare(k nest.Kernel, program *sim.Program) (dst []float32, s sim.Stats, err error) {
	dst, s, err = c.Simulate(program)
	if err != nil {
		return nil, s, err
	}
	want, err := c.Interpret(k)
	if err != nil {
		return nil, s, err
	}
	for i, v := range want {
		a, b := math.Float32bits(dst[i]), math.Float32bits(v)
		if c.Outputs[i] && a != b && (c.Bits || dst[i] == dst[i] || v == v) {
			return nil, s, fmt.Errorf("%s: element %d of dst is %v (%#08x), the nest gives %v (%#08x)", k.Name, i, dst[i], a, v, b)
		}
	}
	return dst, s, nil
}

// Simulate returns what the program writes to dst.
func (c Call) Simulate(program *sim.Program) (dst []float32, s sim.Stats, err error) {
	dst = slices.Clone(c.Args.Slices[0])
	to := sim.Output
	if c.Sums {
		to = sim.Sums
	}
	args := sim.Args{Ints: c.Args.Ints, Slices: []sim.Slice{to(dst, c.Outputs)}}
	for _, s := range c.Args.Slices[1:] {
		args.Slices = append(args.Slices, sim.Input(s))
	}
	s, err = program.Run(args)
	return dst, s, err
}

// Interpret returns what the nest writes to dst.
func (c Call) Interpret(k nest.Kernel) (dst []float32, err error) {
	dst = slices.Clone(c.Args.Slices[0])
	args := nest.Args{Ints: c.Args.Ints, Slices: append([][]float32{dst}, c.Args.Slices[1:]...)}
	return dst, k.Eval(args)
}
