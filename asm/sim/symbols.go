package sim

import "hash/maphash"

// symbols stand for what straight-line code does not know when it begins: whatever
// memory, the arguments and the flags hold is a number that depends on its name alone, so
// that equal numbers come from equal expressions.
type symbols struct {
	seed   maphash.Seed
	carry  uint64 // what the carry was made from
	flags  uint64 // what the other flags were made from
	stores uint64 // before the next access: a load after a store may see it
	log    uint64 // of all accesses and fences, in order
	fenced bool   // nothing was accessed since the last fence
}

// of is the symbol of an expression over these.
func (s *symbols) of(parts ...uint64) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, p := range parts {
		maphash.WriteComparable(&h, p)
	}
	return h.Sum64()
}

// load is memory with a symbol in each place.
func (s *symbols) load(addr uint64, n int) (v lanes) {
	s.log, s.fenced = s.of(s.log, addr, uint64(n)), false
	for i := range n {
		v.set(i, uint32(s.of(addr+4*uint64(i), s.stores)))
	}
	return v
}

// store notes what is stored where.
func (s *symbols) store(addr uint64, values []uint32) {
	s.stores++
	s.fenced = false
	for i, v := range values {
		s.log = s.of(s.log, addr+4*uint64(i), uint64(v), s.stores)
	}
}

// fence notes that what was stored so far comes before what follows.
func (s *symbols) fence() {
	if !s.fenced {
		s.log, s.fenced = s.of(s.log), true
	}
}

// expression is an instruction whose lanes are expressions, not numbers: nothing but
// their operands matters to them.
type expression struct {
	commutes bool // in its two sources
	keeps    bool // what two equal sources hold
	cancels  bool // two equal sources, to 0
	adds     bool // reads its destination
}

// expressions are the lanewise instructions that compute; the others move lanes.
var expressions = map[string]expression{
	"VFMADD231PS": {commutes: true, adds: true}, "VFMADD213PS": {adds: true}, "VFMADD132PS": {adds: true},
	"VFNMADD231PS": {adds: true}, "VFMSUB231PS": {adds: true},
	"VMULPS": {commutes: true}, "VADDPS": {commutes: true}, "VSUBPS": {}, "VDIVPS": {}, "VMAXPS": {}, "VMINPS": {},
	"VORPS": {commutes: true, keeps: true}, "VPORD": {commutes: true, keeps: true}, "VANDPS": {commutes: true, keeps: true}, "VPANDD": {commutes: true, keeps: true},
	"VXORPS": {commutes: true, cancels: true}, "VPXORD": {commutes: true, cancels: true},
}

// symbolic are the semantics of code over symbols, where they are others.
func symbolic(opcode string) semantic {
	if e, ok := expressions[opcode]; ok {
		w := vectors[opcode]
		w.lane = func(o *operation, i int) uint32 { return e.lane(o, opcode, i) }
		return execute(w)
	}
	switch opcode {
	case "VPSLLD":
		w := vectors[opcode]
		w.lane = func(o *operation, i int) uint32 { return uint32(o.symbols.of(uint64(o.imm), uint64(o.src(0, i)))) }
		return execute(w)
	case "VPACKSSDW", "VPACKUSWB": // each lane is made from two
		w := vectors[opcode]
		w.lane = func(o *operation, i int) uint32 { return o.expression(opcode, i&3/2, i&^3+i&1*2, 2) }
		return execute(w)
	case "VPMOVDB":
		w := vectors[opcode]
		w.lane = func(o *operation, i int) uint32 { return o.expression(opcode, 0, 4*i, 4) }
		return execute(w)
	case "VPCMPEQD":
		return comparison(func(o *operation, i int) uint32 {
			a, b := uint64(o.src(0, i)), uint64(o.src(1, i))
			return one(a == b) | uint32(o.symbols.of(min(a, b), max(a, b)))&1
		})
	case "VPCMPGTD", "VCMPPS":
		return comparison(func(o *operation, i int) uint32 {
			return uint32(o.symbols.of(uint64(o.imm), uint64(o.src(0, i)), uint64(o.src(1, i)))) & 1
		})
	}
	return semantics[opcode]
}

// expression is the symbol of n lanes of a source.
func (o *operation) expression(opcode string, source, from, n int) uint32 {
	parts := []uint64{maphash.String(o.symbols.seed, opcode)}
	for i := range n {
		parts = append(parts, uint64(o.src(source, from+i)))
	}
	return uint32(o.symbols.of(parts...))
}

// lane is the symbol of a lane.
func (e expression) lane(o *operation, opcode string, i int) uint32 {
	a, b := uint64(o.src(0, i)), uint64(o.src(1, i))
	switch {
	case a == b && e.cancels:
		return 0
	case a == b && e.keeps:
		return uint32(a)
	}
	if e.commutes && a > b {
		a, b = b, a
	}
	parts := []uint64{maphash.String(o.symbols.seed, opcode), a, b}
	if e.adds {
		parts = append(parts, uint64(o.dst(i)))
	}
	return uint32(o.symbols.of(parts...))
}
