package nest

import (
	"fmt"
	"math"
)

// operations give the operators their meaning.
var operations = map[Operator]func(a, b float32) float32{
	Add: func(a, b float32) float32 { return a + b },
	Sub: func(a, b float32) float32 { return a - b },
	Mul: func(a, b float32) float32 { return a * b },
	Div: func(a, b float32) float32 { return a / b },
	Max: func(a, b float32) float32 {
		if a > b {
			return a
		}
		return b
	},
	Min: func(a, b float32) float32 {
		if a < b {
			return a
		}
		return b
	},
	And: bitwise(func(a, b uint32) uint32 { return a & b }),
	Xor: bitwise(func(a, b uint32) uint32 { return a ^ b }),

	Or:     bitwise(func(a, b uint32) uint32 { return a | b }),
	AddInt: bitwise(func(a, b uint32) uint32 { return a + b }),
	SubInt: bitwise(func(a, b uint32) uint32 { return a - b }),
}

func bitwise(f func(a, b uint32) uint32) func(a, b float32) float32 {
	return func(a, b float32) float32 { return math.Float32frombits(f(math.Float32bits(a), math.Float32bits(b))) }
}

// defined reports whether all registers have a value.
func (m *machine) defined(names ...string) bool {
	for _, name := range names {
		if m.regs[name] == nil {
			return false
		}
	}
	return true
}

func (m *machine) compute(n Compute) error {
	f, ok := operations[n.Op]
	if !ok {
		return fmt.Errorf("%v: unknown operator", n)
	}
	if !m.defined(n.A, n.B) {
		return fmt.Errorf("%v: undefined register", n)
	}
	v := make([]float32, m.kernel.Lanes)
	for i := range v {
		v[i] = f(m.regs[n.A][i], m.regs[n.B][i])
	}
	m.regs[n.Dst] = v
	return nil
}

func (m *machine) shiftLeft(n ShiftLeft) error {
	if !m.defined(n.A) {
		return fmt.Errorf("%v: undefined register", n)
	}
	v := make([]float32, m.kernel.Lanes)
	for i, x := range m.regs[n.A] {
		v[i] = math.Float32frombits(math.Float32bits(x) << n.Count)
	}
	m.regs[n.Dst] = v
	return nil
}

func (m *machine) choose(n Choose) error {
	if !m.defined(n.Dst, n.A, n.B, n.Then) {
		return fmt.Errorf("%v: undefined register", n)
	}
	v := make([]float32, m.kernel.Lanes)
	for i := range v {
		if v[i] = m.regs[n.Dst][i]; m.regs[n.A][i] < m.regs[n.B][i] {
			v[i] = m.regs[n.Then][i]
		}
	}
	m.regs[n.Dst] = v
	return nil
}
