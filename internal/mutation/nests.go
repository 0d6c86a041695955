package mutation

import (
	"fmt"

	"github.com/upconv/upconv/gen/nest"
)

// nestMutant is a loop nest with one node changed, as a slip of its builder would leave it.
type nestMutant struct {
	operator string
	node     nest.Node   // that was changed
	with     []nest.Node // what stands in its place
	kernel   nest.Kernel
}

// nestMutants are the mutants of a kernel's loop nest, node by node.
func nestMutants(k nest.Kernel) (list []nestMutant) {
	s := scopeOf(k)
	visit(k.Body, func(nodes []nest.Node, i int, rebuild func([]nest.Node) []nest.Node) {
		for _, o := range nestOperators {
			for _, with := range o.make(s, nodes[i]) {
				made := append(append([]nest.Node{}, nodes[:i]...), with...)
				m := nestMutant{operator: o.name, node: nodes[i], with: with, kernel: k}
				m.kernel.Body = rebuild(append(made, nodes[i+1:]...))
				list = append(list, m)
			}
		}
	})
	return list
}

func text(nodes []nest.Node) string {
	if len(nodes) == 0 {
		return "nothing"
	}
	return fmt.Sprint(nodes[0])
}

// visit calls f for each node with the list that it is in, and with what makes the whole
// body from another list in place of that.
func visit(nodes []nest.Node, f func(nodes []nest.Node, i int, rebuild func([]nest.Node) []nest.Node)) {
	walk(nodes, func(n []nest.Node) []nest.Node { return n }, f)
}

func walk(nodes []nest.Node, rebuild func([]nest.Node) []nest.Node, f func([]nest.Node, int, func([]nest.Node) []nest.Node)) {
	for i, n := range nodes {
		f(nodes, i, rebuild)
		inner := func(made nest.Node) []nest.Node {
			list := append([]nest.Node{}, nodes...)
			list[i] = made
			return rebuild(list)
		}
		switch n := n.(type) {
		case nest.Loop:
			walk(n.Body, func(b []nest.Node) []nest.Node { n.Body = b; return inner(n) }, f)
		case nest.If:
			walk(n.Body, func(b []nest.Node) []nest.Node { made := n; made.Body = b; return inner(made) }, f)
			walk(n.Else, func(b []nest.Node) []nest.Node { made := n; made.Else = b; return inner(made) }, f)
		case nest.Repeat:
			walk(n.Body, func(b []nest.Node) []nest.Node { n.Body = b; return inner(n) }, f)
		case nest.Rest:
			walk(n.Body, func(b []nest.Node) []nest.Node { n.Body = b; return inner(n) }, f)
		}
	}
}

// scope is what mutants of a node take from the rest of the nest.
type scope struct {
	kernel             nest.Kernel
	accumulators, regs []string // registers that sums are added to, and all, in order
	masks, cursors     []string
}

func scopeOf(k nest.Kernel) *scope {
	s, seen := &scope{kernel: k}, map[string]bool{}
	add := func(list *[]string, kind, name string) {
		if name != "" && !seen[kind+name] {
			seen[kind+name] = true
			*list = append(*list, name)
		}
	}
	visit(k.Body, func(nodes []nest.Node, i int, _ func([]nest.Node) []nest.Node) {
		switch n := nodes[i].(type) {
		case nest.FMA:
			add(&s.accumulators, "acc ", n.Acc)
		case nest.FMASplat:
			add(&s.accumulators, "acc ", n.Acc)
		case nest.Load:
			add(&s.regs, "reg ", n.Dst)
		case nest.Splat:
			add(&s.regs, "reg ", n.Dst)
		case nest.Mask:
			add(&s.masks, "mask ", n.Dst)
		case nest.Point:
			add(&s.cursors, "cursor ", n.Cursor)
		}
	})
	return s
}

// next is the name after one in a cycle; "" if it is alone or not there.
func next(list []string, name string) string {
	for i, n := range list {
		if n == name && len(list) > 1 {
			return list[(i+1)%len(list)]
		}
	}
	return ""
}

// nestOperator makes mistakes of one kind in a node.
type nestOperator struct {
	name string
	make func(s *scope, n nest.Node) [][]nest.Node
}

// nestOperators are the mistakes that are made.
var nestOperators = []nestOperator{
	{"node left out", func(_ *scope, n nest.Node) [][]nest.Node {
		if _, ok := n.(nest.Note); ok {
			return nil
		}
		return [][]nest.Node{nil}
	}},
	{"wrong place", places},
	{"wrong distance", distances},
	{"wrong register", wrongRegisters},
	{"wrong mask", wrongMasks},
	{"wrong bound", wrongBounds},
	{"wrong cursor", wrongCursors},
	{"doubled node", doubled},
}

// ones are mutants of one node each.
func ones(nodes ...nest.Node) (list [][]nest.Node) {
	for _, n := range nodes {
		list = append(list, []nest.Node{n})
	}
	return list
}

// places move what a node reads or writes by one element to either side.
func places(_ *scope, n nest.Node) (list [][]nest.Node) {
	for _, step := range []int{-1, 1} {
		switch n := n.(type) {
		case nest.Load:
			n.From.Disp += step
			list = append(list, []nest.Node{n})
		case nest.Splat:
			n.From.Disp += step
			list = append(list, []nest.Node{n})
		case nest.FMASplat:
			n.From.Disp += step
			list = append(list, []nest.Node{n})
		case nest.Store:
			n.To.Disp += step
			list = append(list, []nest.Node{n})
		}
	}
	return list
}

// distances advance a cursor by one more or fewer, or by another argument.
func distances(s *scope, n nest.Node) [][]nest.Node {
	a, ok := n.(nest.Advance)
	if !ok {
		return nil
	}
	more, fewer, other := a, a, a
	more.Times++
	fewer.Times--
	list := ones(more, fewer)
	if other.Dim = next(s.kernel.Ints, a.Dim); other.Dim != "" {
		list = append(list, []nest.Node{other})
	}
	return list
}

// wrongRegisters take another accumulator or operand.
func wrongRegisters(s *scope, n nest.Node) (list [][]nest.Node) {
	switch n := n.(type) {
	case nest.FMA:
		acc, a, b := n, n, n
		acc.Acc, a.A, b.B = next(s.accumulators, n.Acc), next(s.regs, n.A), next(s.regs, n.B)
		list = ones(acc, a, b)
	case nest.FMASplat:
		acc, a := n, n
		acc.Acc, a.A = next(s.accumulators, n.Acc), next(s.regs, n.A)
		list = ones(acc, a)
	case nest.Store:
		other := n
		other.Src = next(s.accumulators, n.Src)
		list = ones(other)
	case nest.Load:
		other := n
		other.Dst = next(s.regs, n.Dst)
		list = ones(other)
	case nest.Splat:
		other := n
		other.Dst = next(s.regs, n.Dst)
		list = ones(other)
	case nest.Interleave:
		if len(n.Regs) > 1 {
			turned := append(append([]string{}, n.Regs[1:]...), n.Regs[0])
			list = ones(nest.Interleave{Regs: turned})
		}
	}
	return complete(list)
}

// complete drops mutants in which a register has no name: there was no other.
func complete(list [][]nest.Node) (kept [][]nest.Node) {
	for _, l := range list {
		named := true
		switch n := l[0].(type) {
		case nest.FMA:
			named = n.Acc != "" && n.A != "" && n.B != ""
		case nest.FMASplat:
			named = n.Acc != "" && n.A != ""
		case nest.Store:
			named = n.Src != ""
		case nest.Load:
			named = n.Dst != ""
		case nest.Splat:
			named = n.Dst != ""
		}
		if named {
			kept = append(kept, l)
		}
	}
	return kept
}

// wrongMasks drop a mask, take another, or select one lane more or fewer.
func wrongMasks(s *scope, n nest.Node) (list [][]nest.Node) {
	switch n := n.(type) {
	case nest.Load:
		for _, m := range otherMasks(s, n.Mask) {
			n.Mask = m
			list = append(list, []nest.Node{n})
		}
	case nest.Store:
		for _, m := range otherMasks(s, n.Mask) {
			n.Mask = m
			list = append(list, []nest.Node{n})
		}
	case nest.Mask:
		more, fewer, scale, limit := n, n, n, n
		more.Skip--
		fewer.Skip++
		scale.Scale++
		list = ones(more, fewer)
		if n.Var != "" {
			list = append(list, []nest.Node{scale})
		}
		if limit.Limit = next(s.kernel.Ints, n.Limit); limit.Limit != "" {
			list = append(list, []nest.Node{limit})
		}
	}
	return list
}

func otherMasks(s *scope, mask string) (list []string) {
	if mask == "" {
		return nil
	}
	list = []string{""}
	if other := next(s.masks, mask); other != "" {
		list = append(list, other)
	}
	return list
}

// wrongBounds run a loop to another argument, by another step, or over what is left when
// it is to leave that.
func wrongBounds(s *scope, n nest.Node) (list [][]nest.Node) {
	switch n := n.(type) {
	case nest.Loop:
		to, step, partial, again := n, n, n, n
		if to.To = next(s.kernel.Ints, n.To); to.To != "" {
			list = append(list, []nest.Node{to})
		}
		step.Step++
		partial.Partial, again.Continue = !n.Partial, !n.Continue
		list = append(list, ones(step, partial, again)...)
	case nest.Repeat:
		more, fewer := n, n
		more.Count++
		fewer.Count--
		list = ones(more, fewer)
	case nest.Rest:
		more, fewer := n, n
		more.Count++
		fewer.Count--
		list = append(ones(more, fewer), n.Body)
	case nest.If:
		other := n
		if other.Arg = next(s.kernel.Ints, n.Arg); other.Arg != "" {
			list = append(list, []nest.Node{other})
		}
		list = append(list, n.Body)
	}
	return list
}

// wrongCursors point to another place or move another cursor.
func wrongCursors(s *scope, n nest.Node) (list [][]nest.Node) {
	switch n := n.(type) {
	case nest.Point:
		other := n
		if other.From = next(s.cursors, n.From); other.From == "" {
			other.From = next(s.kernel.Slices, n.From)
		}
		list = ones(other)
	case nest.Advance:
		other := n
		if other.Cursor = next(s.cursors, n.Cursor); other.Cursor != "" {
			list = ones(other)
		}
	case nest.FMASplat:
		other := n
		if other.From.Cursor = next(s.cursors, n.From.Cursor); other.From.Cursor != "" {
			list = ones(other)
		}
	case nest.Splat:
		other := n
		if other.From.Cursor = next(s.cursors, n.From.Cursor); other.From.Cursor != "" {
			list = ones(other)
		}
	}
	return list
}

// doubled executes twice what adds or moves.
func doubled(_ *scope, n nest.Node) [][]nest.Node {
	switch n.(type) {
	case nest.FMA, nest.FMASplat, nest.Advance:
		return [][]nest.Node{{n, n}}
	}
	return nil
}
