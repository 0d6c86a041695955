package sim

import "math/bits"

// semantic executes one instruction.
type semantic func(m *machine, in *instruction)

// value reads an integer operand of that many bytes.
func (m *machine) value(a arg, size int) uint64 {
	switch a.place {
	case immediate:
		return uint64(a.imm)
	case general:
		if a.size != size {
			m.report(BadOperand, "%s has %d bytes, want %d", a.text, a.size, size)
		}
		return cut(m.register(a.reg, a.text), size)
	case parameter:
		return m.parameter(a)
	case memory:
		v := m.load(m.addressOf(a), size/4)
		return uint64(v.bits[1])<<32 | uint64(v.bits[0])
	}
	m.report(BadOperand, "%s is not an integer", a.text)
	return 0
}

// cut keeps the low bytes.
func cut(v uint64, size int) uint64 {
	if size == 4 {
		return uint64(uint32(v))
	}
	return v
}

// move copies its first operand, of that many bytes, to its second.
func move(size int) semantic {
	return func(m *machine, in *instruction) {
		if !m.operands(in, 2) {
			return
		}
		v, dst := m.value(in.args[0], size), in.args[1]
		if dst.place == memory {
			words := []uint32{uint32(v), uint32(v >> 32)}
			m.store(m.addressOf(dst), words[:size/4]...)
			return
		}
		m.setRegister(dst, v, size)
	}
}

// loadAddress computes an address and touches no memory.
func loadAddress(m *machine, in *instruction) {
	if !m.operands(in, 2) {
		return
	}
	if in.args[0].place != memory {
		m.report(BadOperand, "%s is not an address", in.args[0].text)
		return
	}
	m.setRegister(in.args[1], m.addressOf(in.args[0]), 8)
}

// operands reports another number of them.
func (m *machine) operands(in *instruction, n int) bool {
	if len(in.args) != n {
		m.report(BadOperand, "%d operands, want %d", len(in.args), n)
	}
	return m.finding == nil
}

// unit is an operation of the integer unit on 64 bits: its result and flags.
type unit func(a, b uint64) (uint64, flags)

// update is an instruction whose last operand becomes unit(last, first); cancels
// tells that the result does not depend on two equal operands.
func update(f unit, cancels bool) semantic {
	return func(m *machine, in *instruction) {
		if !m.operands(in, 2) {
			return
		}
		src, dst := in.args[0], in.args[1]
		if cancels && src.place == general && src == dst {
			m.setRegister(dst, 0, 8)
		}
		a, b := m.value(dst, 8), m.value(src, 8)
		r, flags := f(a, b)
		m.setRegister(dst, r, 8)
		m.setFlags(flags, a, b, r)
	}
}

// compare is an instruction that only sets the flags of unit(first, last).
func compare(f unit) semantic {
	return func(m *machine, in *instruction) {
		if m.operands(in, 2) {
			a, b := m.value(in.args[0], 8), m.value(in.args[1], 8)
			r, flags := f(a, b)
			m.setFlags(flags, a, b, r)
		}
	}
}

// decrement leaves the carry as it was.
func decrement(m *machine, in *instruction) {
	if !m.operands(in, 1) {
		return
	}
	r, f := subtract(m.value(in.args[0], 8), 1)
	m.setRegister(in.args[0], r, 8)
	m.setOtherFlags(flags{set: f.set&^carry | m.flags.set&carry, defined: f.defined&^carry | m.flags.defined&carry}, r)
}

// setFlags notes the flags of an operation on these operands with this result.
func (m *machine) setFlags(f flags, of ...uint64) {
	if m.setOtherFlags(f, of...); m.symbols != nil {
		m.symbols.carry = m.symbols.flags
	}
}

// setOtherFlags is setFlags of an operation that keeps the carry.
func (m *machine) setOtherFlags(f flags, of ...uint64) {
	if m.flags = f; m.symbols != nil {
		m.symbols.flags = m.symbols.of(append(of, uint64(f.defined))...)
	}
}

// multiply is the signed product of the first two operands. The other flags than
// carry and overflow are undefined.
func multiply(m *machine, in *instruction) {
	if !m.operands(in, 3) {
		return
	}
	a, b := m.value(in.args[0], 8), m.value(in.args[1], 8)
	hi, lo := bits.Mul64(a, b)
	hi -= a>>63*b + b>>63*a // of signed numbers
	m.setRegister(in.args[2], lo, 8)
	f := flags{defined: carry | overflow}
	if hi != uint64(int64(lo)>>63) {
		f.set = carry | overflow
	}
	m.setFlags(f, a, b)
}

func add(a, b uint64) (uint64, flags) {
	r, c := bits.Add64(a, b, 0)
	return r, arithmetic(r, c == 1, (a^r)&(b^r)>>63 == 1)
}

func subtract(a, b uint64) (uint64, flags) {
	r, c := bits.Sub64(a, b, 0)
	return r, arithmetic(r, c == 1, (a^b)&(a^r)>>63 == 1)
}

func and(a, b uint64) (uint64, flags) { return a & b, arithmetic(a&b, false, false) }

func xor(a, b uint64) (uint64, flags) { return a ^ b, arithmetic(a^b, false, false) }

// arithmetic are the flags of a result.
func arithmetic(r uint64, c, o bool) flags {
	f := flags{defined: allFlags}
	for _, each := range []struct {
		flag flag
		is   bool
	}{{carry, c}, {zero, r == 0}, {sign, r>>63 == 1}, {overflow, o}} {
		if each.is {
			f.set |= each.flag
		}
	}
	return f
}

// condition says which flags a branch reads and when it is taken.
type condition struct {
	reads flag
	holds func(f flag) bool
}

func (f flag) has(b flag) bool { return f&b != 0 }

func (f flag) less() bool { return f.has(sign) != f.has(overflow) }

// branch goes to the target if the condition holds.
func branch(c condition) semantic {
	return func(m *machine, in *instruction) {
		if c.reads&^m.flags.defined != 0 {
			m.report(Undefined, "reads flags that have no value")
			return
		}
		if c.holds(m.flags.set) {
			jump(m, in)
		}
	}
}

func jump(m *machine, in *instruction) {
	m.stats.Taken[in.index]++
	m.pc = in.target
}

func ret(m *machine, _ *instruction) {
	if m.dirty {
		m.report(VectorState, "vector registers were written since the last VZEROUPPER")
	}
	m.returned = true
}

// fence orders stores of one processor as others see them.
func fence(m *machine, _ *instruction) {
	if m.stats.Fenced = true; m.symbols != nil {
		m.symbols.fence()
	}
}

// prefetch computes its address, which may lie anywhere.
func prefetch(m *machine, in *instruction) {
	if m.operands(in, 1) {
		m.addressOf(in.args[0])
	}
}

// maskMove copies between a general-purpose register and a mask of 16 bits.
func maskMove(m *machine, in *instruction) {
	if !m.operands(in, 2) {
		return
	}
	src, dst := in.args[0], in.args[1]
	switch {
	case src.place == general && dst.place == mask:
		m.setMask(dst, uint64(uint16(m.value(src, 4))))
	case src.place == mask && dst.place == general:
		m.setRegister(dst, uint64(uint16(m.mask(src))), 4)
	default:
		m.report(BadOperand, "%s to %s", src.text, dst.text)
	}
}

// maskAnd is the lanes that both masks select.
func maskAnd(m *machine, in *instruction) {
	if m.operands(in, 3) {
		m.setMask(in.args[2], uint64(uint16(m.mask(in.args[0])&m.mask(in.args[1]))))
	}
}
