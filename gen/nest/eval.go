package nest

import (
	"fmt"

	"github.com/upconv/upconv/internal/fma"
)

// Args are the arguments of one call of a kernel.
type Args struct {
	Slices [][]float32 // in the order of Kernel.Slices
	Ints   []int       // in the order of Kernel.Ints
}

// Eval runs the kernel on the arguments: the meaning that every emitter has to
// keep, down to the last bit. Errors tell of an access outside a slice or of an
// undefined register, with the node.
func (k Kernel) Eval(a Args) error {
	_, err := k.Count(a)
	return err
}

// Accesses are the loads and stores of a call, and those of them under a mask.
type Accesses struct{ All, Masked int }

// Count is Eval, and counts the loads and stores of slices. An emitter that spells the
// nest makes the same: one instruction for each.
func (k Kernel) Count(a Args) (Accesses, error) {
	m := machine{kernel: k, slices: map[string][]float32{}, ints: map[string]int{},
		vars: map[string]int{}, cursors: map[string]cursor{}, regs: map[string][]float32{}, masks: map[string]lanes{}}
	for i, name := range k.Slices {
		m.slices[name] = a.Slices[i]
	}
	for i, name := range k.Ints {
		m.ints[name] = a.Ints[i]
	}
	err := m.run(k.Body)
	return m.accesses, err
}

// lanes are the lanes [from, to) that a mask selects.
type lanes struct{ from, to int }

// machine is the state of a running kernel.
type machine struct {
	kernel  Kernel
	slices  map[string][]float32
	ints    map[string]int
	vars    map[string]int
	cursors map[string]cursor
	regs    map[string][]float32
	masks   map[string]lanes

	accesses Accesses
}

type cursor struct {
	slice string
	at    int
}

func (m *machine) run(nodes []Node) error {
	for _, n := range nodes {
		if err := m.step(n); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) step(n Node) error {
	switch n := n.(type) {
	case Loop:
		return m.loop(n)
	case Rest:
		if m.vars[n.Var]+n.Count == m.ints[n.To] {
			return m.run(n.Body)
		}
	case If:
		if m.ints[n.Arg] != 0 {
			return m.run(n.Body)
		}
		return m.run(n.Else)
	case Point:
		if from, ok := m.cursors[n.From]; ok {
			m.cursors[n.Cursor] = from
		} else {
			m.cursors[n.Cursor] = cursor{slice: n.From}
		}
	case Advance:
		m.advance(n)
	case Jump:
		return m.jump(n)
	case Mask:
		m.mask(n)
	case Zero:
		m.regs[n.Dst] = make([]float32, m.kernel.Lanes)
	case Splat:
		return m.splat(n)
	case Load:
		return m.load(n)
	case Permute:
		return m.permute(n)
	case Gather:
		return m.gather(n)
	case FMA:
		return m.fma(n)
	case Compute:
		return m.compute(n)
	case ShiftLeft:
		return m.shiftLeft(n)
	case Choose:
		return m.choose(n)
	case Interleave:
		return m.interleave(n)
	case Deinterleave:
		return m.deinterleave(n)
	case Store:
		return m.store(n)
	case LoadRun, StoreRun, ZeroRun:
		return m.moveRun(n)
	default:
		return m.integer(n)
	}
	return nil
}

func (m *machine) loop(l Loop) error {
	if !l.Continue {
		m.vars[l.Var] = 0
	}
	limit := m.ints[l.To] - l.Step
	if l.Partial {
		limit = m.ints[l.To] - 1
	}
	for ; m.vars[l.Var] <= limit; m.vars[l.Var] += l.Step {
		if err := m.run(l.Body); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) advance(a Advance) {
	c, by := m.cursors[a.Cursor], a.Times
	if a.Dim != "" {
		by *= m.ints[a.Dim]
	}
	c.at += by
	m.cursors[a.Cursor] = c
}

func (m *machine) mask(n Mask) {
	at := n.Scale*m.vars[n.Var] + n.Skip
	within := func(lane int) int { return min(max(lane, 0), m.kernel.Lanes) }
	if n.Limit == "" {
		m.masks[n.Dst] = lanes{within(-at), m.kernel.Lanes}
	} else {
		m.masks[n.Dst] = lanes{0, within(m.ints[n.Limit] - at)}
	}
}

// window returns n elements at r; n is what the access really touches.
func (m *machine) window(node Node, r Ref, n int) ([]float32, error) {
	c, ok := m.cursors[r.Cursor]
	if !ok {
		return nil, fmt.Errorf("%v: cursor %s is not set", node, r.Cursor)
	}
	s, at := m.slices[c.slice], c.at+r.Disp
	if n > 0 && (at < 0 || at+n > len(s)) {
		return nil, fmt.Errorf("%v: elements [%d,%d) of %s, which has %d", node, at, at+n, c.slice, len(s))
	}
	if n == 0 {
		return nil, nil
	}
	return s[at : at+n], nil
}

// count notes a load or store.
func (m *machine) count(mask string) {
	m.accesses.All++
	if mask != "" {
		m.accesses.Masked++
	}
}

func (m *machine) splat(n Splat) error {
	m.count("")
	w, err := m.window(n, n.From, 1)
	if err != nil {
		return err
	}
	v := make([]float32, m.kernel.Lanes)
	for i := range v {
		v[i] = w[0]
	}
	m.regs[n.Dst] = v
	return nil
}

// active are the lanes that a mask selects; "" selects all.
func (m *machine) active(mask string) lanes {
	if mask == "" {
		return lanes{0, m.kernel.Lanes}
	}
	return m.masks[mask]
}

func (m *machine) load(n Load) error {
	m.count(n.Mask)
	on := m.active(n.Mask)
	w, err := m.window(n, Ref{n.From.Cursor, n.From.Disp + on.from}, on.to-on.from)
	if err != nil {
		return err
	}
	v := make([]float32, m.kernel.Lanes)
	copy(v[on.from:], w)
	m.regs[n.Dst] = v
	return nil
}

func (m *machine) fma(n FMA) error {
	acc, a, b := m.regs[n.Acc], m.regs[n.A], m.regs[n.B]
	if acc == nil || a == nil || b == nil {
		return fmt.Errorf("%v: undefined register", n)
	}
	for i := range acc {
		if m.kernel.Fused {
			acc[i] = fma.Float32(a[i], b[i], acc[i])
		} else {
			acc[i] += float32(a[i] * b[i])
		}
	}
	return nil
}

func (m *machine) interleave(n Interleave) error {
	s, lanes := len(n.Regs), m.kernel.Lanes
	all := make([]float32, s*lanes)
	for r, name := range n.Regs {
		if m.regs[name] == nil {
			return fmt.Errorf("%v: undefined register", n)
		}
		for i, x := range m.regs[name] {
			all[i*s+r] = x
		}
	}
	for r, name := range n.Regs {
		m.regs[name] = all[r*lanes : (r+1)*lanes]
	}
	return nil
}

func (m *machine) deinterleave(n Deinterleave) error {
	s, lanes := len(n.Regs), m.kernel.Lanes
	var all []float32
	for _, name := range n.Regs {
		if m.regs[name] == nil {
			return fmt.Errorf("%v: undefined register", n)
		}
		all = append(all, m.regs[name]...)
	}
	for r, name := range n.Regs {
		v := make([]float32, lanes)
		for i := range v {
			v[i] = all[i*s+r]
		}
		m.regs[name] = v
	}
	return nil
}

func (m *machine) store(n Store) error {
	m.count(n.Mask)
	v := m.regs[n.Src]
	if v == nil {
		return fmt.Errorf("%v: undefined register", n)
	}
	to, on := n.To, m.active(n.Mask)
	if n.Count > 0 {
		on = lanes{n.Lane, n.Lane + n.Count}
	} else {
		to.Disp += on.from
	}
	w, err := m.window(n, to, on.to-on.from)
	copy(w, v[on.from:])
	return err
}
