package sim

import "fmt"

// lanes are the sixteen float32 of a vector register, as bits, and which of them
// have a value.
type lanes struct {
	bits    [16]uint32
	defined uint16
}

func (v *lanes) set(i int, bits uint32) {
	v.bits[i] = bits
	v.defined |= 1 << i
}

func (v *lanes) has(i int) bool { return v.defined>>i&1 == 1 }

// flag is one of the processor's arithmetic flags.
type flag uint8

const (
	carry flag = 1 << iota
	zero
	sign
	overflow

	allFlags = carry | zero | sign | overflow
)

// flags are the flags that are set and those that have a value.
type flags struct{ set, defined flag }

// machine is the state of a call.
type machine struct {
	*Program
	values  []int // of the integer arguments
	regions []region

	general        [16]uint64
	generalDefined uint16
	vectors        [32]lanes
	masks          [8]uint64
	masksDefined   uint8
	flags          flags
	dirty          bool // vector registers were written since the last VZEROUPPER

	pc       int
	current  *instruction
	returned bool
	finding  *Finding // the first; then the call ends
	symbols  *symbols // in place of the memory and of what the flags say; nil: of a call
	stats    Stats
}

// machine sets up a call, or reports arguments that do not fit the signature.
func (p *Program) machine(a Args) (*machine, error) {
	if len(a.Slices) != len(p.slices) || len(a.Ints) != len(p.ints) {
		return nil, p.fault(-1, "", Argument, fmt.Errorf("the call has %d slices and %d ints, want %d and %d",
			len(a.Slices), len(a.Ints), len(p.slices), len(p.ints)))
	}
	m := &machine{Program: p, values: a.Ints}
	m.stats = Stats{Executed: make([]int, len(p.code)), Taken: make([]int, len(p.code)), Extents: make([]int, len(p.slices))}
	for i, s := range a.Slices {
		if s.access == output && len(s.outputs) != len(s.data) {
			return nil, p.fault(-1, "", Argument, fmt.Errorf("%s has %d elements, but outputs are given for %d", p.slices[i], len(s.data), len(s.outputs)))
		}
		m.regions = append(m.regions, region{name: p.slices[i], base: baseOf(i, s), slice: s, written: make([]bool, len(s.data)), extent: &m.stats.Extents[i]})
	}
	return m, nil
}

// report keeps the first finding.
func (m *machine) report(kind Kind, format string, args ...any) {
	m.reportAt(kind, "", 0, format, args...)
}

func (m *machine) reportAt(kind Kind, argument string, addr uint64, format string, args ...any) {
	if m.finding != nil {
		return
	}
	f := &Finding{Kind: kind, Function: m.name, Index: -1, Argument: argument, Address: addr, Detail: fmt.Sprintf(format, args...)}
	if m.current != nil {
		f.Index, f.Instruction = m.current.index, m.current.text
	}
	m.finding = f
}

// register reads a general-purpose register.
func (m *machine) register(n int, name string) uint64 {
	if m.generalDefined>>n&1 == 0 {
		m.report(Undefined, "reads %s, which has no value", name)
	}
	return m.general[n]
}

// setRegister writes that many bytes of one; writing four clears the others.
func (m *machine) setRegister(a arg, v uint64, size int) {
	if a.place != general || a.size != size {
		m.report(BadOperand, "%s is not a general-purpose register of %d bytes", a.text, size)
		return
	}
	m.general[a.reg] = cut(v, size)
	m.generalDefined |= 1 << a.reg
}

// addressOf computes the address of a memory operand.
func (m *machine) addressOf(a arg) uint64 {
	addr := m.register(a.mem.base, "the base of "+a.text) + uint64(a.mem.disp)
	if a.mem.lanes > 0 {
		m.report(BadOperand, "%s is no single address", a.text)
	} else if a.mem.index >= 0 {
		addr += m.register(a.mem.index, "the index of "+a.text) * uint64(a.mem.scale)
	}
	return addr
}

// parameter reads the frame.
func (m *machine) parameter(a arg) uint64 {
	if m.symbols != nil {
		return m.symbols.of(uint64(a.imm))
	}
	p := m.params[int(a.imm)]
	switch p.part {
	case base:
		return m.regions[p.index].base
	case length:
		return uint64(len(m.regions[p.index].slice.data))
	default:
		return uint64(m.values[p.index])
	}
}

// mask reads a mask register.
func (m *machine) mask(a arg) uint64 {
	if m.masksDefined>>a.reg&1 == 0 {
		m.report(Undefined, "reads %s, which has no value", a.text)
	}
	return m.masks[a.reg]
}

func (m *machine) setMask(a arg, v uint64) {
	m.masks[a.reg] = v
	m.masksDefined |= 1 << a.reg
}

// setVector writes a vector register; like every instruction with a VEX or EVEX
// prefix it clears the lanes from n on.
func (m *machine) setVector(a arg, v lanes, n int) {
	for i := n; i < len(v.bits); i++ {
		v.set(i, 0)
	}
	m.vectors[a.reg] = v
	m.dirty = true
}
