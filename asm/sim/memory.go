package sim

// region is the memory of one slice argument.
type region struct {
	name    string
	base    uint64
	slice   Slice
	written []bool
	extent  *int // elements up to the last one accessed
}

// spacing is the distance of the slices' addresses: far more than any kernel's
// slices are long, so that an address tells which slice it was meant for.
const spacing = 1 << 40

// baseOf is the address of slice i. Unless it is said to be more, it is aligned to elements
// only, so that an instruction that wants more alignment is found out.
func baseOf(i int, s Slice) uint64 {
	if s.aligned {
		return uint64(i+1) * spacing
	}
	return uint64(i+1)*spacing + 4
}

// at is the region that an address belongs to or is nearest to.
func (m *machine) at(addr uint64) *region {
	i := int((addr+spacing/2)/spacing) - 1
	if i < 0 || i >= len(m.regions) {
		m.reportAt(OutOfBounds, "", addr, "address %#x is not near any argument", addr)
		return nil
	}
	return &m.regions[i]
}

// span finds the n elements at addr, or reports why they cannot be accessed.
func (m *machine) span(addr uint64, n int, verb string) (r *region, from int, ok bool) {
	if r = m.at(addr); r == nil {
		return nil, 0, false
	}
	bytes, have := int64(addr-r.base), 4*int64(len(r.slice.data))
	kind := Misaligned
	switch {
	case bytes < 0 || bytes+4*int64(n) > have:
		kind = OutOfBounds
	case bytes%4 == 0:
		*r.extent = max(*r.extent, int(bytes/4)+n)
		return r, int(bytes / 4), true
	}
	m.reportAt(kind, r.name, addr, "%s bytes [%d,%d) of %s, which has %d (address %#x, %s at %#x)",
		verb, bytes, bytes+4*int64(n), r.name, have, addr, r.name, r.base)
	return nil, 0, false
}

// load reads n elements to the first lanes of v.
func (m *machine) load(addr uint64, n int) (v lanes) {
	if m.symbols != nil {
		return m.symbols.load(addr, n)
	}
	r, from, ok := m.span(addr, n, "reads")
	if !ok {
		return v
	}
	for i := range n {
		if r.slice.access == output && !r.written[from+i] {
			m.reportAt(Undefined, r.name, addr+4*uint64(i), "reads element %d of %s before it is written", from+i, r.name)
			return v
		}
		if r.slice.access == sums && !r.slice.outputs[from+i] {
			m.reportAt(OutOfBounds, r.name, addr+4*uint64(i), "reads element %d of %s (address %#x), which is none of its outputs", from+i, r.name, addr+4*uint64(i))
			return v
		}
		if r.slice.concern != nil && !r.slice.concern[from+i] {
			m.reportAt(OutOfBounds, r.name, addr+4*uint64(i), "reads element %d of %s (address %#x), which does not concern the call", from+i, r.name, addr+4*uint64(i))
			return v
		}
		v.set(i, bitsOf(r.slice.data[from+i]))
	}
	return v
}

// store writes elements.
func (m *machine) store(addr uint64, values ...uint32) {
	if m.symbols != nil {
		m.symbols.store(addr, values)
		return
	}
	r, from, ok := m.span(addr, len(values), "writes")
	if !ok {
		return
	}
	for i, v := range values {
		if !m.mayWrite(r, from+i, addr+4*uint64(i), v) {
			return
		}
		r.slice.data[from+i] = floatOf(v)
	}
}

// mayWrite notes that v is written to an element, or reports why it must not be.
func (m *machine) mayWrite(r *region, i int, addr uint64, v uint32) bool {
	switch {
	case r.slice.access == scratch:
		return true
	case r.slice.access == input:
		m.reportAt(ReadOnly, r.name, addr, "writes element %d of %s (address %#x), which may only be read", i, r.name, addr)
	case !r.slice.outputs[i]:
		m.reportAt(Unexpected, r.name, addr, "writes element %d of %s (address %#x), which is none of its outputs", i, r.name, addr)
	case r.written[i] && !(r.slice.again && bitsOf(r.slice.data[i]) == v):
		m.reportAt(Twice, r.name, addr, "writes element %d of %s (address %#x) a second time", i, r.name, addr)
	default:
		r.written[i] = true
		return true
	}
	return false
}

// checkOutputs reports outputs that the call left out.
func (m *machine) checkOutputs() {
	m.current = nil
	for i := range m.regions {
		r := &m.regions[i]
		missing, first := 0, -1
		for at, want := range r.slice.outputs {
			if want && !r.written[at] {
				if missing++; first < 0 {
					first = at
				}
			}
		}
		if missing > 0 {
			m.reportAt(Missing, r.name, r.base+4*uint64(first), "%d elements of %s, the first is %d (address %#x)", missing, r.name, first, r.base+4*uint64(first))
		}
	}
}
