package nest

import (
	"fmt"
	"math"
)

// jump moves a cursor by an integer that lies in a slice.
func (m *machine) jump(n Jump) error {
	m.count("")
	w, err := m.read(n, n.By, 1)
	if err != nil {
		return err
	}
	c := m.cursors[n.Cursor]
	c.at += place(w[0])
	m.cursors[n.Cursor] = c
	return nil
}

// place is the integer that has the bits of x.
func place(x float32) int { return int(math.Float32bits(x)) }

func (m *machine) permute(n Permute) error {
	if !m.defined(n.Src, n.Places) {
		return fmt.Errorf("%v: undefined register", n)
	}
	v := make([]float32, m.kernel.Lanes)
	for i, x := range m.regs[n.Places] {
		at := place(x)
		if at >= m.kernel.Lanes {
			return fmt.Errorf("%v: there is no lane %d", n, at)
		}
		v[i] = m.regs[n.Src][at]
	}
	m.regs[n.Dst] = v
	return nil
}

// gather counts as one load, which instructions do under a mask of all lanes.
func (m *machine) gather(n Gather) error {
	m.count(n.Places)
	if !m.defined(n.Places) {
		return fmt.Errorf("%v: undefined register", n)
	}
	v := make([]float32, m.kernel.Lanes)
	for i, x := range m.regs[n.Places] {
		w, err := m.read(n, Ref{n.From.Cursor, n.From.Disp + place(x)}, 1)
		if err != nil {
			return err
		}
		v[i] = w[0]
	}
	m.regs[n.Dst] = v
	return nil
}
