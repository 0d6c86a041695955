package mutation

import (
	"fmt"
	"math"
	"slices"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// What finds a mutant of a loop nest.
const (
	Contract   Layer = "contract"   // the calls of a trial, on slices cut to what they may touch
	Definition Layer = "definition" // the layer's definition, summed in float64, on whole layers
)

// Subject is a layer's loop nest on a target with what judges its mutants.
type Subject struct {
	gen.Design
	small, cases []kerneltest.Case
	calls        []trial.Call
}

// The multiply-adds of a whole layer that a mutant is tried with: first small ones, which
// find most. A nest without a layer as small as that is left out.
const (
	smallWork = 1 << 13
	mostWork  = 1 << 19
)

// Subjects lists the nests of the layers, of those that are alike the first, and the names
// of those whose smallest case is too much work.
func Subjects(layers []specs.Layer, targets []plan.Target) (list []Subject, left []string, err error) {
	seen := map[string]bool{}
	for _, l := range layers {
		for _, target := range targets {
			d, err := gen.DesignOf(l.Sums(), target)
			if err != nil {
				continue // the layer has no kernel
			}
			key := body(d.Nest, target)
			if seen[key] {
				continue
			}
			d.Kernel = fewChannels(d.Kernel)
			all, err := kerneltest.KernelCases(d.Kernel, nil)
			if err != nil {
				return nil, nil, err
			}
			cases := affordable(all, mostWork)
			if len(cases) == 0 {
				left = append(left, d.Nest.Name)
				continue
			}
			seen[key] = true
			list = append(list, Subject{d, affordable(cases, smallWork), cases, d.Contract.Calls()})
		}
	}
	return list, left, nil
}

// fewChannels is the kernel as one of a layer with few channels, which serves as well: counts
// are arguments.
func fewChannels(k runtime.Kernel) runtime.Kernel {
	l := k.Layer
	if !l.Op.Weighted() || l.Depthwise || k.Tile.Fold > 0 || k.Pack.Order == pack.Channels {
		return k
	}
	groups := l.GroupCount()
	l.InChannels = groups * min(l.InChannels/groups, 3)
	l.OutChannels = groups * min(l.OutChannels/groups, k.Pack.Channels+1)
	k.Layer, k.Name = l, l.Canonical()+"_"+k.ISA
	return k
}

// affordable are the cases of at most so many multiply-adds.
func affordable(cases []kerneltest.Case, most int) (list []kerneltest.Case) {
	for _, c := range cases {
		if work, err := c.Work(); err == nil && work <= most {
			list = append(list, c)
		}
	}
	return list
}

// body spells a nest without its name.
func body(k nest.Kernel, target plan.Target) string {
	k.Name = target.Name
	return k.String()
}

// Nests makes the mutants of a loop nest that pick selects and tries each until something
// finds it.
func Nests(s Subject, pick func(n int) bool) (list []Outcome, err error) {
	if by, message := s.judge(s.Nest, 1); by != "" {
		return nil, fmt.Errorf("the nest is not sound: %s: %s", by, message)
	}
	for n, m := range nestMutants(s.Nest) {
		if !pick(n) {
			continue
		}
		o := Outcome{Kernel: s.Nest.Name, Operator: m.operator, Where: m.where, Instead: m.instead}
		if o.By, o.Message = s.judge(m.kernel, 1); o.By == "" && sameWithoutHints(s.Nest, m.kernel) {
			o.Equivalent = Hint
		}
		list = append(list, o)
	}
	return list, nil
}

// judge tries a nest and tells what found a mistake, or nothing.
func (s Subject) judge(k nest.Kernel, seed uint64) (by Layer, message string) {
	for _, c := range s.calls {
		if err := touches(c, k); err != nil {
			return Contract, err.Error()
		}
	}
	linked := differential.Link(s.Design, k.Eval)
	targets := []kerneltest.Target{kerneltest.TargetOf(linked)}
	if linked.Tile.Pass > 0 && !linked.Tile.Once { // one input channel after the other, too
		linked.Tile.Pass = 1
		targets = append(targets, kerneltest.TargetOf(linked))
	}
	for _, c := range append(s.small[:len(s.small):len(s.small)], s.cases...) {
		for _, target := range targets {
			if _, err := target.Check(c, seed); err != nil {
				return Definition, err.Error()
			}
		}
	}
	return "", ""
}

// untouched is a NaN that no kernel computes.
const untouched = 0x7fc0beef

// touches interprets a call and reports outputs that it leaves out and others that it
// writes, as the simulator does.
func touches(c trial.Call, k nest.Kernel) error {
	dst := slices.Clone(c.Args.Slices[0])
	for i := range dst {
		if !c.Sums {
			dst[i] = math.Float32frombits(untouched)
		}
	}
	before := slices.Clone(dst)
	args := nest.Args{Ints: c.Args.Ints, Slices: append([][]float32{dst}, c.Args.Slices[1:]...)}
	if err := k.Eval(args); err != nil {
		return err
	}
	for i, v := range dst {
		switch kept := math.Float32bits(v) == math.Float32bits(before[i]); {
		case !c.Outputs[i] && !kept:
			return fmt.Errorf("element %d of dst is written and no output", i)
		case c.Outputs[i] && kept && !c.Sums:
			return fmt.Errorf("element %d of dst is an output and not written", i)
		}
	}
	return nil
}

// Hint is the rule that the nests are alike but for what only prefetches see.
const Hint = "only prefetches see it"

// sameWithoutHints compares two nests without their prefetches and without the steps of
// cursors that nothing else reads.
func sameWithoutHints(a, b nest.Kernel) bool {
	a.Body, b.Body = withoutHints(a.Body), withoutHints(b.Body)
	return a.String() == b.String()
}

func withoutHints(nodes []nest.Node) (list []nest.Node) {
	for i, n := range nodes {
		switch n := n.(type) {
		case nest.Prefetch, nest.Note:
			continue
		case nest.Loop:
			n.Body = withoutHints(n.Body)
			list = append(list, n)
			continue
		case nest.Advance:
			if hintsOnly(nodes[i+1:], n.Cursor) {
				continue
			}
		}
		list = append(list, n)
	}
	return list
}

// hintsOnly reports whether the nodes set the cursor anew before anything but a prefetch
// reads it.
func hintsOnly(nodes []nest.Node, cursor string) bool {
	hints := 0
	for _, n := range nodes {
		switch n := n.(type) {
		case nest.Prefetch:
			if n.From.Cursor == cursor {
				hints++
			}
		default:
			return false
		}
	}
	return hints > 0
}
