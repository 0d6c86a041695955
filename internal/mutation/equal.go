package mutation

import (
	"maps"

	"github.com/upconv/upconv/gen/nest"
)

// The rules by which a mutant of a loop nest is no mistake.
const (
	Hint = "only prefetches and cursors that nothing reads see it"
	Mask = "the mask has the same lanes in every round"
)

// nestEquivalent is the rule that proves a mutant of a nest equivalent, or "".
func nestEquivalent(k nest.Kernel, m nestMutant) string {
	sound, made := k, m.kernel
	sound.Body, _ = simplified(k.Body, nil)
	made.Body, _ = simplified(m.kernel.Body, nil)
	switch {
	case sound.String() == made.String():
		return Hint
	case m.sameMask():
		return Mask
	}
	return ""
}

// names is a set of cursors.
type names map[string]bool

func (n names) with(others ...string) names {
	all := names{}
	maps.Copy(all, n)
	for _, name := range others {
		all[name] = true
	}
	return all
}

func (n names) without(name string) names {
	rest := n.with()
	delete(rest, name)
	return rest
}

func (n names) and(others names) names {
	all := n.with()
	maps.Copy(all, others)
	return all
}

// simplified are nodes without notes, prefetches and the moves of cursors that nothing
// reads afterwards, where live are the cursors that are read after the nodes; before are
// those that are read from them on.
func simplified(nodes []nest.Node, live names) (kept []nest.Node, before names) {
	for i := len(nodes) - 1; i >= 0; i-- {
		n, needed := nodes[i], true
		switch at := n.(type) {
		case nest.Note, nest.Prefetch:
			needed = false
		case nest.Point:
			if needed = live[at.Cursor]; needed {
				live = live.without(at.Cursor).with(at.From)
			}
		case nest.Advance:
			needed = live[at.Cursor]
		case nest.Loop:
			at.Body, live = around(at.Body, live)
			n = at
		case nest.Repeat:
			at.Body, live = around(at.Body, live)
			n = at
		case nest.Rest:
			body, inside := simplified(at.Body, live)
			at.Body, live = body, live.and(inside)
			n = at
		case nest.If:
			body, inside := simplified(at.Body, live)
			other, otherwise := simplified(at.Else, live)
			at.Body, at.Else, live = body, other, inside.and(otherwise)
			n = at
		default:
			live = live.with(reads(n)...)
		}
		if needed {
			kept = append([]nest.Node{n}, kept...)
		}
	}
	return kept, live
}

// around simplifies the body of a loop, after which it may run again.
func around(body []nest.Node, live names) (kept []nest.Node, before names) {
	for {
		made, inside := simplified(body, live)
		all := live.and(inside)
		if len(all) == len(live) {
			return made, live
		}
		live = all
	}
}

// reads are the cursors that a node uses.
func reads(n nest.Node) []string {
	switch n := n.(type) {
	case nest.Jump:
		return []string{n.By.Cursor}
	case nest.Splat:
		return []string{n.From.Cursor}
	case nest.FMASplat:
		return []string{n.From.Cursor}
	case nest.Load:
		return []string{n.From.Cursor}
	case nest.Gather:
		return []string{n.From.Cursor}
	case nest.LoadBytes:
		return []string{n.From.Cursor}
	case nest.Store:
		return []string{n.To.Cursor}
	case nest.StoreBytes:
		return []string{n.To.Cursor}
	}
	return nil
}

// sameMask reports whether another factor of the loop variable changes no lane: the mask
// selects the lanes from some number on, all in the rounds after the first.
func (m nestMutant) sameMask() bool {
	if len(m.with) != 1 {
		return false
	}
	was, isMask := m.node.(nest.Mask)
	now, stays := m.with[0].(nest.Mask)
	if !isMask || !stays || was.Limit != "" || was.Scale < 1 || now.Scale < 1 {
		return false
	}
	scale := now.Scale
	if now.Scale = was.Scale; now != was {
		return false
	}
	step := 0
	visit(m.kernel.Body, func(nodes []nest.Node, i int, _ func([]nest.Node) []nest.Node) {
		if l, ok := nodes[i].(nest.Loop); ok && l.Var == was.Var {
			step = divisor(step, l.Step)
		}
	})
	first := func(factor, v int) int { return min(max(-factor*v-was.Skip, 0), m.kernel.Lanes) } // lane
	for v := 0; step > 0; v += step {
		if first(scale, v) != first(was.Scale, v) {
			return false
		}
		if v > 0 && first(scale, v) == 0 {
			return true // and from then on
		}
	}
	return false
}

// divisor is the greatest common one.
func divisor(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
