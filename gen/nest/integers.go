package nest

import (
	"fmt"
	"math"
)

// Registers also hold integers of 32 bits: indices of elements. The nodes below work
// on their bits.

// The operators on integers wrap around.
const (
	AddInt Operator = "+ int"
	SubInt Operator = "- int"
	Or     Operator = "|" // of the bits
)

// Constant fills every lane of Dst with the same bits.
type Constant struct {
	Dst  string
	Bits uint32
}

// Spread fills every lane of Dst with the low 32 bits of an integer argument.
type Spread struct{ Dst, Arg string }

// Count fills lane i of Dst with the integer i*Step.
type Count struct {
	Dst  string
	Step int // at most 17
}

// KeepEqual fills Dst with the lanes of Then where A and B have the same bits, and
// with 0 elsewhere.
type KeepEqual struct{ Dst, A, B, Then string }

// ChooseEqual puts the lanes of Then in place of those of Dst where A and B have the
// same bits.
type ChooseEqual struct{ Dst, A, B, Then string }

// Raise puts the lanes of By in place of those of Dst where they are larger, and
// where By is a NaN and Dst is not. Rare says that they seldom are.
type Raise struct {
	Dst, By string
	Rare    bool
}

// Clear makes the lanes of Dst outside Mask 0.
type Clear struct{ Dst, Mask string }

// LoadBytes fills Dst with the bytes of Lanes/4 elements at From, widened to
// integers. With one lane it is the element.
type LoadBytes struct {
	Dst  string
	From Ref
}

// StoreBytes writes what LoadBytes reads: lanes of Src from 0 to 127.
type StoreBytes struct {
	To  Ref
	Src string
}

func (Constant) node()    {}
func (Spread) node()      {}
func (Count) node()       {}
func (KeepEqual) node()   {}
func (ChooseEqual) node() {}
func (Raise) node()       {}
func (Clear) node()       {}
func (LoadBytes) node()   {}
func (StoreBytes) node()  {}

func (c Constant) String() string { return fmt.Sprintf("%s = bits %#x", c.Dst, c.Bits) }

func (s Spread) String() string { return fmt.Sprintf("%s = spread %s", s.Dst, s.Arg) }

func (c Count) String() string { return fmt.Sprintf("%s = lane * %d", c.Dst, c.Step) }

func (k KeepEqual) String() string {
	return fmt.Sprintf("%s = %s where bits of %s = %s, else 0", k.Dst, k.Then, k.A, k.B)
}

func (c ChooseEqual) String() string {
	return fmt.Sprintf("%s = %s where bits of %s = %s", c.Dst, c.Then, c.A, c.B)
}

func (r Raise) String() string {
	return fmt.Sprintf("%s = %s where that is larger or the first NaN", r.Dst, r.By)
}

func (c Clear) String() string { return fmt.Sprintf("%s = 0 outside %s", c.Dst, c.Mask) }

func (l LoadBytes) String() string { return fmt.Sprintf("%s = load bytes %v", l.Dst, l.From) }

func (s StoreBytes) String() string { return fmt.Sprintf("store bytes %v = %s", s.To, s.Src) }

// bytesOf is the number of elements that hold a byte for each lane.
func (k Kernel) bytesOf() int { return max(1, k.Lanes/4) }

// fill makes a register lane by lane.
func (m *machine) fill(dst string, lane func(i int) uint32) {
	v := make([]float32, m.kernel.Lanes)
	for i := range v {
		v[i] = math.Float32frombits(lane(i))
	}
	m.regs[dst] = v
}

// integer executes the nodes of this file.
func (m *machine) integer(n Node) error {
	switch n := n.(type) {
	case Constant:
		m.fill(n.Dst, func(int) uint32 { return n.Bits })
	case Spread:
		m.fill(n.Dst, func(int) uint32 { return uint32(m.ints[n.Arg]) })
	case Count:
		m.fill(n.Dst, func(i int) uint32 { return uint32(i * n.Step) })
	case KeepEqual:
		return m.whereEqual(n, n.Dst, n.A, n.B, n.Then, func(int) uint32 { return 0 })
	case ChooseEqual:
		old := m.regs[n.Dst]
		if old == nil {
			return fmt.Errorf("%v: undefined register", n)
		}
		return m.whereEqual(n, n.Dst, n.A, n.B, n.Then, func(i int) uint32 { return math.Float32bits(old[i]) })
	case Raise:
		return m.raise(n)
	case Clear:
		return m.clear(n)
	case LoadBytes:
		return m.loadBytes(n)
	case StoreBytes:
		return m.storeBytes(n)
	}
	return nil
}

func (m *machine) whereEqual(n Node, dst, a, b, then string, other func(i int) uint32) error {
	if !m.defined(a, b, then) {
		return fmt.Errorf("%v: undefined register", n)
	}
	x, y, v := m.regs[a], m.regs[b], m.regs[then]
	m.fill(dst, func(i int) uint32 {
		if math.Float32bits(x[i]) == math.Float32bits(y[i]) {
			return math.Float32bits(v[i])
		}
		return other(i)
	})
	return nil
}

func (m *machine) raise(n Raise) error {
	if !m.defined(n.Dst, n.By) {
		return fmt.Errorf("%v: undefined register", n)
	}
	old, by := m.regs[n.Dst], m.regs[n.By]
	m.fill(n.Dst, func(i int) uint32 {
		if a, b := by[i], old[i]; a > b || a != a && b == b {
			return math.Float32bits(a)
		}
		return math.Float32bits(old[i])
	})
	return nil
}

func (m *machine) clear(n Clear) error {
	if !m.defined(n.Dst) {
		return fmt.Errorf("%v: undefined register", n)
	}
	on, err := m.active(n, n.Mask)
	if err != nil {
		return err
	}
	old := m.regs[n.Dst]
	m.fill(n.Dst, func(i int) uint32 {
		if i < on.from || i >= on.to {
			return 0
		}
		return math.Float32bits(old[i])
	})
	return nil
}

// bytes is the window of a byte for each lane, which counts as one access.
func (m *machine) bytes(n Node, at Ref, access func(n Node, at Ref, elements int) ([]float32, error)) ([]float32, error) {
	m.count("")
	return access(n, at, m.kernel.bytesOf())
}

func (m *machine) loadBytes(n LoadBytes) error {
	w, err := m.bytes(n, n.From, m.read)
	if err != nil {
		return err
	}
	m.fill(n.Dst, func(i int) uint32 {
		if m.kernel.Lanes == 1 {
			return math.Float32bits(w[0])
		}
		return math.Float32bits(w[i/4]) >> (8 * (i % 4)) & 0xff
	})
	return nil
}

func (m *machine) storeBytes(n StoreBytes) error {
	v := m.regs[n.Src]
	if v == nil {
		return fmt.Errorf("%v: undefined register", n)
	}
	w, err := m.bytes(n, n.To, m.write)
	if err != nil {
		return err
	}
	words := make([]uint32, len(w))
	for i, x := range v {
		b := math.Float32bits(x)
		if b > 127 {
			return fmt.Errorf("%v: lane %d is %d", n, i, b)
		}
		words[i/4] |= b << (8 * (i % 4))
	}
	for i := range w {
		w[i] = math.Float32frombits(words[i])
	}
	return nil
}
