package nest

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/internal/fma"
)

// Args are the arguments of one call of a kernel.
type Args struct {
	Slices [][]float32 // in the order of Kernel.Slices
	Ints   []int       // in the order of Kernel.Ints
	Inputs []bool      // elements of the second slice that may be read; nil: all

	Outputs []bool // elements of the first slice that must be written, once, and no others; nil: any
	Overlap bool   // or more than once
}

// Eval runs the kernel on the arguments: the meaning that every emitter has to
// keep, down to the last bit. Errors tell of an access outside a slice or of a register,
// cursor or loop variable without a value, with the node.
func (k Kernel) Eval(a Args) error {
	_, err := k.Count(a)
	return err
}

// Accesses are the loads and stores of a call, and those of them under a mask.
type Accesses struct {
	All, Masked int
	Fenced      bool // a fence came after all that was stored past the caches
}

// Count is Eval, and counts the loads and stores of slices. An emitter that spells the
// nest makes the same: one instruction for each.
func (k Kernel) Count(a Args) (Accesses, error) {
	m := machine{kernel: k, slices: map[string][]float32{}, ints: map[string]int{},
		vars: map[string]int{}, cursors: map[string]cursor{}, regs: map[string][]float32{}, masks: map[string]lanes{}, inputs: map[string][]bool{}}
	for i, name := range k.Slices {
		m.slices[name] = a.Slices[i]
	}
	for i, name := range k.Ints {
		m.ints[name] = a.Ints[i]
	}
	if a.Inputs != nil {
		m.inputs[k.Slices[1]] = a.Inputs
	}
	if a.Outputs != nil { // of what it writes alone a call may read the sums
		m.left = slices.Clone(a.Outputs)
		if a.Overlap {
			m.again = a.Outputs
		}
		m.inputs[k.Slices[0]] = a.Outputs
	}
	err := m.run(k.Body)
	if i := slices.Index(m.left, true); err == nil && i >= 0 {
		err = fmt.Errorf("%s: element %d of %s is not written", k.Name, i, k.Slices[0])
	}
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
	inputs  map[string][]bool // of slices of which not all may be read
	left    []bool            // outputs that are not written yet; nil: any may be
	again   []bool            // those that may be written again; nil: none

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
	case Repeat:
		return m.repeat(n)
	case Rest:
		if _, started := m.vars[n.Var]; !started {
			return unset(n, n.Var)
		}
		if left := m.ints[n.To] - m.vars[n.Var]; left > 0 && (n.Count == 0 || n.Count == left) {
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
		return m.mask(n)
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
	case FMASplat:
		return m.fmaSplat(n)
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
	case Fence:
		m.accesses.Fenced = true
	default:
		return m.integer(n)
	}
	return nil
}

func (m *machine) loop(l Loop) error {
	if _, started := m.vars[l.Var]; l.Continue && !started {
		return unset(l, l.Var)
	}
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

// unset is an error about a loop variable that no loop has started.
func unset(n Node, name string) error { return fmt.Errorf("%v: no loop over %s before", n, name) }

func (m *machine) mask(n Mask) error {
	if _, started := m.vars[n.Var]; n.Var != "" && !started {
		return unset(n, n.Var)
	}
	at := n.Scale*m.vars[n.Var] + n.Skip
	within := func(lane int) int { return min(max(lane, 0), m.kernel.Lanes) }
	if n.Limit == "" {
		m.masks[n.Dst] = lanes{within(-at), m.kernel.Lanes}
	} else {
		m.masks[n.Dst] = lanes{0, within(m.ints[n.Limit] - at)}
	}
	return nil
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

// read is window of elements that are read.
func (m *machine) read(node Node, r Ref, n int) ([]float32, error) {
	w, err := m.window(node, r, n)
	c := m.cursors[r.Cursor]
	if inputs := m.inputs[c.slice]; err == nil && inputs != nil && n > 0 {
		if i := slices.Index(inputs[c.at+r.Disp:][:n], false); i >= 0 {
			return nil, fmt.Errorf("%v: element %d of %s is none that the call may read", node, c.at+r.Disp+i, c.slice)
		}
	}
	return w, err
}

// write is window of elements that are written.
func (m *machine) write(node Node, r Ref, n int) ([]float32, error) {
	w, err := m.window(node, r, n)
	c := m.cursors[r.Cursor]
	if err != nil || n == 0 || m.left == nil || c.slice != m.kernel.Slices[0] {
		return w, err
	}
	left := m.left[c.at+r.Disp:][:n]
	may := left
	if m.again != nil {
		may = m.again[c.at+r.Disp:][:n]
	}
	if i := slices.Index(may, false); i >= 0 {
		return nil, fmt.Errorf("%v: element %d of %s is no output, or is written already", node, c.at+r.Disp+i, c.slice)
	}
	clear(left)
	return w, nil
}

// count notes a load or store.
func (m *machine) count(mask string) {
	m.accesses.All++
	if mask != "" {
		m.accesses.Masked++
	}
}

func (m *machine) splat(n Splat) (err error) {
	m.regs[n.Dst], err = m.everywhere(n, n.From)
	return err
}

// everywhere is a vector of copies of one element.
func (m *machine) everywhere(node Node, from Ref) ([]float32, error) {
	m.count("")
	w, err := m.read(node, from, 1)
	if err != nil {
		return nil, err
	}
	return slices.Repeat(w, m.kernel.Lanes), nil
}

// active are the lanes that a mask selects; "" selects all.
func (m *machine) active(node Node, mask string) (lanes, error) {
	if mask == "" {
		return lanes{0, m.kernel.Lanes}, nil
	}
	on, ok := m.masks[mask]
	if !ok {
		return on, fmt.Errorf("%v: mask %s is not set", node, mask)
	}
	return on, nil
}

func (m *machine) load(n Load) error {
	m.count(n.Mask)
	on, err := m.active(n, n.Mask)
	if err != nil {
		return err
	}
	w, err := m.read(n, Ref{n.From.Cursor, n.From.Disp + on.from}, on.to-on.from)
	if err != nil {
		return err
	}
	v := make([]float32, m.kernel.Lanes)
	copy(v[on.from:], w)
	m.regs[n.Dst] = v
	return nil
}

func (m *machine) fma(n FMA) error {
	return m.multiplyAdd(n, m.regs[n.Acc], m.regs[n.A], m.regs[n.B])
}

func (m *machine) fmaSplat(n FMASplat) error {
	b, err := m.everywhere(n, n.From)
	if err != nil {
		return err
	}
	return m.multiplyAdd(n, m.regs[n.Acc], m.regs[n.A], b)
}

// multiplyAdd adds a*b to acc.
func (m *machine) multiplyAdd(node Node, acc, a, b []float32) error {
	if acc == nil || a == nil || b == nil {
		return fmt.Errorf("%v: undefined register", node)
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
	if n.Past {
		m.accesses.Fenced = false
	}
	v := m.regs[n.Src]
	if v == nil {
		return fmt.Errorf("%v: undefined register", n)
	}
	on, err := m.active(n, n.Mask)
	if err != nil {
		return err
	}
	to := n.To
	if n.Count > 0 {
		on = lanes{n.Lane, n.Lane + n.Count}
	} else {
		to.Disp += on.from
	}
	w, err := m.write(n, to, on.to-on.from)
	copy(w, v[on.from:])
	return err
}
