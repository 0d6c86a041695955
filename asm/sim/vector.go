package sim

// lanewise describes an instruction whose result is computed lane by lane.
type lanewise struct {
	lane    func(o *operation, i int) uint32 // lane i of the result
	count   int                              // lanes of the result; 0: as many as the destination has
	memory  func(n int) int                  // lanes that a memory operand has; nil: as many as the result
	cancels bool                             // the result of two equal sources does not depend on them
	coarse  bool                             // masks select other units than lanes
}

// operation is the execution of a lanewise instruction.
type operation struct {
	*machine
	imm      int
	sources  [2]lanes // in the order of Intel's manual: the last operand but one comes first
	names    [2]string
	previous lanes // of the destination
	n        int   // lanes of the result
	width    int   // lanes of the first source
	spreads  bool  // a memory operand is one element, for all lanes
}

// src is lane i of a source.
func (o *operation) src(source, i int) uint32 {
	return o.read(&o.sources[source], o.names[source], i)
}

// dst is lane i of the destination before.
func (o *operation) dst(i int) uint32 { return o.read(&o.previous, "the destination", i) }

func (o *operation) read(v *lanes, name string, i int) uint32 {
	if !v.has(i) {
		o.report(Undefined, "reads lane %d of %s, which has no value", i, name)
	}
	return v.bits[i]
}

// execute makes the instruction of a description.
func execute(w lanewise) semantic {
	return func(m *machine, in *instruction) {
		args := in.args
		o := operation{machine: m, spreads: in.spreads}
		if len(args) > 0 && args[0].place == immediate {
			o.imm, args = int(args[0].imm), args[1:]
		}
		if len(args) < 2 {
			m.report(BadOperand, "too few operands")
			return
		}
		dst, args := args[len(args)-1], args[:len(args)-1]
		selected := ^uint64(0)
		if last := args[len(args)-1]; last.place == mask {
			selected, args = m.mask(last), args[:len(args)-1]
			if w.coarse {
				m.report(BadOperand, "its masked form is not modelled")
			}
		}
		if o.fetch(w, dst, args); m.finding == nil {
			o.write(w, dst, selected, in.zeroing)
		}
	}
}

// fetch reads the sources.
func (o *operation) fetch(w lanewise, dst arg, args []arg) {
	if len(args) < 1 || len(args) > len(o.sources) {
		o.report(BadOperand, "%d sources", len(args))
		return
	}
	o.n = w.count
	if o.n == 0 {
		o.n = dst.lanes()
	}
	if dst.place == vector {
		o.previous = o.vectors[dst.reg]
	}
	for i := range args {
		a := args[len(args)-1-i]
		o.names[i], o.sources[i] = a.text, o.source(w, a)
		if i == 0 {
			o.width = a.lanes()
		}
	}
	if w.cancels && len(args) == 2 && args[0] == args[1] {
		o.sources = [2]lanes{{defined: 1<<16 - 1}, {defined: 1<<16 - 1}}
	}
}

// source reads the lanes of one operand: of a vector, of memory, or the two halves
// of a general-purpose register.
func (o *operation) source(w lanewise, a arg) (v lanes) {
	switch a.place {
	case vector:
		v = o.vectors[a.reg]
		v.defined &= 1<<a.lanes() - 1
	case memory:
		v = o.inMemory(w, a)
	case general:
		r := o.value(a, a.size)
		v.set(0, uint32(r))
		if a.size == 8 {
			v.set(1, uint32(r>>32))
		}
	default:
		o.report(BadOperand, "%s is not a vector", a.text)
	}
	return v
}

// inMemory reads a memory operand: a vector of them, or one element for every lane.
func (o *operation) inMemory(w lanewise, a arg) lanes {
	n := o.n
	if w.memory != nil {
		n = w.memory(n)
	}
	if !o.spreads {
		return o.load(o.addressOf(a), n)
	}
	v := o.load(o.addressOf(a), 1)
	for i := range n {
		v.set(i, v.bits[0])
	}
	return v
}

// write computes the selected lanes and puts them where they belong.
func (o *operation) write(w lanewise, dst arg, selected uint64, zeroing bool) {
	result := o.previous
	for i := range o.n {
		switch {
		case selected>>i&1 == 1:
			result.set(i, w.lane(o, i))
		case zeroing:
			result.set(i, 0)
		}
	}
	switch {
	case o.finding != nil:
	case dst.place == vector:
		o.setVector(dst, result, o.n)
	case dst.place == memory:
		o.store(o.addressOf(dst), result.bits[:o.n]...)
	default:
		o.report(BadOperand, "%s is not a vector", dst.text)
	}
}

// vectorMove is VMOVUPS and VMASKMOVPS: between memory and registers, all lanes or
// those that a mask selects; the others are not touched in memory.
func vectorMove(m *machine, in *instruction) {
	if len(in.args) < 2 {
		m.report(BadOperand, "too few operands")
		return
	}
	src, dst := in.args[0], in.args[len(in.args)-1]
	n := max(src.lanes(), dst.lanes())
	selected, zeroing := 1<<n-1, in.zeroing
	if len(in.args) == 3 {
		selected = m.selection(in.args[1], n)
		zeroing = zeroing || in.args[1].place == vector
	}
	var from lanes
	if src.place == vector {
		from = m.vectors[src.reg]
	} else {
		from = m.loadSelected(src, n, selected)
	}
	m.place(dst, src.text, from, n, selected, zeroing)
}

// streamingStore is VMOVNTPS: a store of all lanes to an address that is a multiple of
// their size.
func streamingStore(m *machine, in *instruction) {
	if len(in.args) != 2 || in.args[1].place != memory {
		m.report(BadOperand, "wants a vector and memory")
		return
	}
	n := in.args[0].lanes()
	m.stats.Fenced = false
	if addr := m.addressOf(in.args[1]); m.symbols == nil && addr%uint64(4*n) != 0 {
		if r := m.at(addr); r != nil {
			m.reportAt(Misaligned, r.name, addr, "writes %d bytes of %s at address %#x, which is no multiple of as many", 4*n, r.name, addr)
		}
		return
	}
	vectorMove(m, in)
}

// selection are the lanes that a mask selects: bits of a mask register, or the
// signs of a vector.
func (m *machine) selection(a arg, n int) (selected int) {
	if a.place == mask {
		return int(m.mask(a)) & (1<<n - 1)
	}
	for i := range n {
		if !m.vectors[a.reg].has(i) {
			m.report(Undefined, "reads lane %d of %s, which has no value", i, a.text)
		}
		selected |= int(m.vectors[a.reg].bits[i]>>31) << i
	}
	return selected
}

// loadSelected reads the selected lanes from memory.
func (m *machine) loadSelected(a arg, n, selected int) (v lanes) {
	if a.place != memory {
		m.report(BadOperand, "%s is not a vector", a.text)
		return v
	}
	addr := m.addressOf(a)
	if selected == 1<<n-1 {
		return m.load(addr, n)
	}
	for i := range n {
		if selected>>i&1 == 1 && m.finding == nil {
			v.set(i, m.load(addr+4*uint64(i), 1).bits[0])
		}
	}
	return v
}

// place writes the selected lanes of a vector to a register or to memory.
func (m *machine) place(dst arg, name string, v lanes, n, selected int, zeroing bool) {
	if missing := selected &^ int(v.defined); missing != 0 && m.finding == nil {
		m.report(Undefined, "reads lanes %#b of %s, which have no value", missing, name)
	}
	switch {
	case m.finding != nil:
	case dst.place == vector:
		result := m.vectors[dst.reg]
		for i := range n {
			if selected>>i&1 == 1 {
				result.set(i, v.bits[i])
			} else if zeroing {
				result.set(i, 0)
			}
		}
		m.setVector(dst, result, n)
	case dst.place != memory:
		m.report(BadOperand, "%s is not a vector", dst.text)
	default:
		m.storeSelected(m.addressOf(dst), v, n, selected)
	}
}

func (m *machine) storeSelected(addr uint64, v lanes, n, selected int) {
	if selected == 1<<n-1 {
		m.store(addr, v.bits[:n]...)
		return
	}
	for i := range n {
		if selected>>i&1 == 1 && m.finding == nil {
			m.store(addr+4*uint64(i), v.bits[i])
		}
	}
}

// zeroUpper clears all but the first four lanes of the first sixteen registers.
func zeroUpper(m *machine, _ *instruction) {
	for r := range 16 {
		for i := 4; i < 16; i++ {
			m.vectors[r].set(i, 0)
		}
	}
	m.dirty = false
}

// comparison compares lanes, into a mask or into lanes of all ones.
func comparison(holds func(o *operation, i int) uint32) semantic {
	return func(m *machine, in *instruction) {
		o, args := operation{machine: m}, in.args
		if len(args) > 0 && args[0].place == immediate {
			o.imm, args = int(args[0].imm), args[1:]
		}
		if len(args) != 3 {
			m.report(BadOperand, "%d operands, want 3 and perhaps a constant", len(in.args))
			return
		}
		if args[2].place == vector {
			execute(lanewise{lane: func(o *operation, i int) uint32 { return -holds(o, i) }})(m, in)
			return
		}
		o.fetch(lanewise{count: args[1].lanes()}, args[2], args[:2])
		selected := uint64(0)
		for i := range o.n {
			selected |= uint64(holds(&o, i)) << i
		}
		m.setMask(args[2], selected)
	}
}

// predicates of VCMPPS that are modelled; a and b are Intel's sources.
var predicates = map[int]func(a, b float32) bool{
	0x07: func(a, b float32) bool { return a == a && b == b },
	0x11: func(a, b float32) bool { return a < b },
	0x16: func(a, b float32) bool { return !(a <= b) },
}

// floatsCompare compares floats by the predicate that the constant names.
func floatsCompare(o *operation, i int) uint32 {
	holds, ok := predicates[o.imm]
	if !ok {
		o.report(BadOperand, "predicate %#x is not modelled", o.imm)
		return 0
	}
	return one(holds(floatOf(o.src(0, i)), floatOf(o.src(1, i))))
}

// isGreater compares signed integers.
func isGreater(o *operation, i int) uint32 { return one(int32(o.src(0, i)) > int32(o.src(1, i))) }

// isEqual compares bits.
func isEqual(o *operation, i int) uint32 { return one(o.src(0, i) == o.src(1, i)) }

func one(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
