package mutation

import (
	"fmt"
	"math"
	"slices"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/trial"
)

// What finds a mutant of a loop nest.
const (
	Contract   Layer = "contract"   // bounds, inputs, registers and cursors without a value, outputs written twice or never, other elements written
	Definition Layer = "definition" // other outputs than what the kernel is to compute
)

// Nests makes the mutants of a kernel's loop nest that pick selects and interprets the calls
// of its trial until one finds it.
func Nests(k Kernel, pick func(n int) bool) (list []Outcome, err error) {
	j := nestJudge{slices.Clone(k.Calls)}
	if by, message := j.judge(k.Nest); by != "" {
		return nil, fmt.Errorf("the nest is not sound: %s: %s", by, message)
	}
	for n, m := range nestMutants(k.Nest) {
		if !pick(n) {
			continue
		}
		o := Outcome{Kernel: k.Nest.Name, Operator: m.operator, Where: fmt.Sprint(m.node), Instead: text(m.with)}
		if o.By, o.Message = j.judge(m.kernel); o.By == "" {
			o.Equivalent = nestEquivalent(k.Nest, m)
		}
		if o.By == "" && o.Equivalent == "" {
			o.Missed, o.Message = nestJudge{slices.Clone(k.Thorough())}.judge(m.kernel)
		}
		list = append(list, o)
	}
	return list, nil
}

// nestJudge tries nests with calls, of which those come first that found others: mutants
// of neighbouring nodes are found by the same.
type nestJudge struct{ calls []trial.Call }

// judge tries a nest and tells what found a mistake, or nothing.
func (j nestJudge) judge(k nest.Kernel) (by Layer, message string) {
	for i, c := range j.calls {
		if by, message = tryNest(c, k); by != "" {
			copy(j.calls[1:], j.calls[:i])
			j.calls[0] = c
			return by, message
		}
	}
	return "", ""
}

// untouched is a NaN that no kernel computes.
const untouched = 0x7fc0beef

// tryNest interprets a call. As in the simulator dst holds nothing that a kernel may read,
// unless it goes on from sums.
func tryNest(c trial.Call, k nest.Kernel) (by Layer, message string) {
	dst := slices.Clone(c.Args.Slices[0])
	for i := range dst {
		if !c.Sums {
			dst[i] = math.Float32frombits(untouched)
		}
	}
	args := nest.Args{Ints: c.Args.Ints, Slices: append([][]float32{dst}, c.Args.Slices[1:]...), Inputs: c.Inputs, Outputs: c.Outputs, Overlap: c.Overlap}
	made, err := k.Count(args)
	if err != nil {
		return Contract, err.Error()
	}
	if err := c.InOrder(made); err != nil {
		return Definition, err.Error()
	}
	if err := c.Defined(dst); err != nil {
		return Definition, err.Error()
	}
	return "", ""
}
