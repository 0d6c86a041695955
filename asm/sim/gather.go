package sim

// gather is VGATHERDPS: lanes that a mask selects, each from an address of its own.
// It clears the mask, and the processor refuses equal registers.
func gather(m *machine, in *instruction) {
	if len(in.args) != 3 {
		m.report(BadOperand, "%d operands, want 3", len(in.args))
		return
	}
	from, selector, dst := in.args[0], in.args[1], in.args[2]
	if from.place != memory {
		from, selector = selector, from
	}
	n := dst.lanes()
	switch {
	case from.place != memory || from.mem.lanes != n || dst.place != vector || selector.place != vector && selector.place != mask:
		m.report(BadOperand, "its operands are not addresses, a mask and a vector")
	case from.mem.index == dst.reg || selector.place == vector && (selector.reg == dst.reg || selector.reg == from.mem.index):
		m.report(BadOperand, "two of its vectors are one")
	}
	if m.finding != nil {
		return
	}
	m.setVector(dst, m.gathered(from, dst, m.selection(selector, n)), n)
	if selector.place == mask {
		m.setMask(selector, 0)
	} else {
		m.setVector(selector, lanes{defined: 1<<16 - 1}, n)
	}
}

// gathered is the destination with the selected lanes loaded.
func (m *machine) gathered(from, dst arg, selected int) lanes {
	v, places := m.vectors[dst.reg], m.vectors[from.mem.index]
	base := m.register(from.mem.base, "the base of "+from.text) + uint64(from.mem.disp)
	for i := range dst.lanes() {
		if selected>>i&1 == 0 {
			continue
		}
		if !places.has(i) {
			m.report(Undefined, "reads lane %d of the index of %s, which has no value", i, from.text)
		}
		offset := int64(int32(places.bits[i])) * int64(from.mem.scale)
		one := m.load(base+uint64(offset), 1)
		if m.finding != nil {
			return v
		}
		v.set(i, one.bits[0])
	}
	return v
}
