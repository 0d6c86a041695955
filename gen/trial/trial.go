// Package trial tries a generated kernel before it is written: it executes the
// compiled assembly in the simulator, on small calls that reach every instruction,
// with slices of exactly the size that the kernel's contract allows.
package trial

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen/nest"
)

// Check executes the calls and reports the first in which the assembly does what
// it must not do, leaves other bits than the nest, which it was made from, or makes
// other numbers of loads and stores. An instruction that no call executes, or a branch that
// no call takes both ways, is an error too: nothing is written that was not tried. Errors
// about an instruction are a [*sim.Finding] inside.
func Check(k nest.Kernel, out asm.Output, calls []Call) error {
	program, err := sim.Load(out.Func)
	if err != nil {
		return err
	}
	return Try(k, program, calls)
}

// MostInstructions is how many a call of a trial may take, beside perAccess for each load
// and store of the nest: a loop that a mistake made endless is found out soon. The longest
// call of a prebuilt kernel takes a tenth of it.
const (
	MostInstructions = 1 << 17
	perAccess        = 4
)

// ErrWork says that assembly makes other numbers of loads and stores than the nest that it
// was made from: it takes a way of its own to the same outputs.
var ErrWork = errors.New("other work than the nest's")

// ErrDefinition says that a nest, and assembly that does the same, gives other outputs than
// what its kernel is to compute.
var ErrDefinition = errors.New("other outputs than by definition")

// Try is Check of a program that is loaded.
func Try(k nest.Kernel, program *sim.Program, calls []Call) error {
	coverage := program.Coverage()
	var otherWork error
	for _, c := range calls {
		c.Budget = MostInstructions
		_, stats, err := c.Compare(k, program)
		if err != nil {
			err = fmt.Errorf("call with %v = %v: %w", k.Ints, c.Args.Ints, err)
		}
		switch {
		case errors.Is(err, ErrWork): // a later call may say more
			otherWork = cmp.Or(otherWork, err)
		case err != nil:
			return err
		}
		coverage.Add(stats)
	}
	if otherWork != nil {
		return otherWork
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
	want, accesses, failure := c.interpret(k)
	if c.Budget > 0 {
		c.Budget += perAccess * accesses.All
	}
	dst, s, err = c.Simulate(program) // which names the instruction, where both fail
	if err := cmp.Or(err, failure); err != nil {
		return nil, s, err
	}
	if i := c.Differ(dst, want); i >= 0 {
		return nil, s, fmt.Errorf("%s: element %d of dst is %v (%#08x), the nest gives %v (%#08x)",
			k.Name, i, dst[i], math.Float32bits(dst[i]), want[i], math.Float32bits(want[i]))
	}
	if err := c.Defined(dst); err != nil {
		return nil, s, fmt.Errorf("%s: %w", k.Name, err)
	}
	if err := c.InOrder(accesses); err != nil {
		return nil, s, fmt.Errorf("%s: %w", k.Name, err)
	}
	if err := SameWork(s, accesses); err != nil {
		return nil, s, fmt.Errorf("%s: %w", k.Name, err)
	}
	return dst, s, nil
}

// SameWork reports assembly that makes other accesses than its nest, or orders them otherwise.
func SameWork(s sim.Stats, want nest.Accesses) error {
	switch {
	case s.Accesses != want.All || s.Masked != want.Masked:
		return fmt.Errorf("%w: %d loads and stores, %d of them masked; the nest has %d and %d", ErrWork, s.Accesses, s.Masked, want.All, want.Masked)
	case s.Fenced != want.Fenced:
		return fmt.Errorf("%w: a fence comes last is %v; of the nest it is %v", ErrWork, s.Fenced, want.Fenced)
	}
	return nil
}

// InOrder reports a nest that ends without the fence that the call is to have, or with one
// that it is not to have.
func (c Call) InOrder(made nest.Accesses) error {
	if made.Fenced != c.Fenced {
		return fmt.Errorf("%w: a fence comes last is %v, want %v", ErrDefinition, made.Fenced, c.Fenced)
	}
	return nil
}

// Defined reports an output that has other bits than its definition.
func (c Call) Defined(dst []float32) error {
	if c.Want == nil {
		return nil
	}
	if i := c.Differ(dst, c.Want); i >= 0 {
		return fmt.Errorf("%w: element %d of dst is %v (%#08x), by definition %v (%#08x)",
			ErrDefinition, i, dst[i], math.Float32bits(dst[i]), c.Want[i], math.Float32bits(c.Want[i]))
	}
	return nil
}

// Differ returns the first output of the call that has other bits in a than in b, or -1.
// NaN are equal unless the kernel computes nothing.
func (c Call) Differ(a, b []float32) int {
	for i, v := range b {
		if c.Outputs[i] && math.Float32bits(a[i]) != math.Float32bits(v) && (c.Bits || a[i] == a[i] || v == v) {
			return i
		}
	}
	return -1
}

// Simulate returns what the program writes to dst.
func (c Call) Simulate(program *sim.Program) (dst []float32, s sim.Stats, err error) {
	dst = slices.Clone(c.Args.Slices[0])
	to := sim.Output
	if c.Sums {
		to = sim.Sums
	}
	out := to(dst, c.Outputs)
	if c.Overlap {
		out = out.Overlapping()
	}
	if c.Aligned {
		out = out.Aligned()
	}
	args := sim.Args{Ints: c.Args.Ints, Budget: c.Budget, Slices: []sim.Slice{out}}
	for i, s := range c.Args.Slices[1:] {
		if i == 0 && c.Inputs != nil {
			args.Slices = append(args.Slices, sim.InputOf(s, c.Inputs))
			continue
		}
		args.Slices = append(args.Slices, sim.Input(s))
	}
	s, err = program.Run(args)
	return dst, s, err
}

// Interpret returns what the nest writes to dst.
func (c Call) Interpret(k nest.Kernel) (dst []float32, err error) {
	dst, _, err = c.interpret(k)
	return dst, err
}

// interpret also counts the loads and stores of the nest.
func (c Call) interpret(k nest.Kernel) (dst []float32, accesses nest.Accesses, err error) {
	dst = slices.Clone(c.Args.Slices[0])
	args := nest.Args{Ints: c.Args.Ints, Slices: append([][]float32{dst}, c.Args.Slices[1:]...), Inputs: c.Inputs, Outputs: c.Outputs, Overlap: c.Overlap}
	accesses, err = k.Count(args)
	return dst, accesses, err
}
