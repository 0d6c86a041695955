package sim

import (
	"hash/maphash"
	"math/rand/v2"
	"slices"
)

// identityRounds is how often straight-line code runs on symbols: a lane of a mask shows
// one bit of a symbol.
const identityRounds = 40

// Same reports whether an edit of straight-line code changes nothing that anything later
// can see: edited is the program with n instructions in place of instruction i, by
// Replace. From up to i on to the next branch or label both run on symbols in place of
// registers, arguments and memory. They are the same if they read and store the same
// symbols at the same places in the same order and agree in every register and flag that
// is read afterwards, of vectors in the lanes that an instruction of either names. Prefetches
// change nothing.
//
// Symbols are drawn anew each round. Integers are sums and products of them, so that equal
// numbers mean equal polynomials; results of floating-point instructions are known by their
// operands alone, of which those that commute have no order.
func (p *Program) Same(edited *Program, i, n int) bool {
	from, to := p.block(i)
	if edited.branches(i, n) || p.branches(i, 1) {
		return false
	}
	live, width := p.live()[to], max(p.width(), edited.width())
	known := p.holding(from)
	for r, param := range edited.holding(from) {
		if known[r] != param {
			known[r] = 0
		}
	}
	random := rand.New(rand.NewPCG(uint64(i), uint64(n)))
	for range identityRounds {
		seed, state := maphash.MakeSeed(), random.Uint64()
		a, okA := p.straight(from, to, seed, state, known)
		b, okB := edited.straight(from, to+n-1, seed, state, known)
		if !okA || !okB || !a.agrees(b, live, width) {
			return false
		}
	}
	return true
}

// branches reports whether one of n instructions goes elsewhere than to the next.
func (p *Program) branches(i, n int) bool {
	for _, in := range p.code[i : i+n] {
		if in.target >= 0 || in.opcode == "RET" {
			return true
		}
	}
	return false
}

// block is the straight-line code around instruction i: none of it but the first is
// jumped to, none of it branches.
func (p *Program) block(i int) (from, to int) {
	leads := map[int]bool{}
	for _, in := range p.code {
		if in.target >= 0 {
			leads[in.target] = true
		}
	}
	for from = i; from > 0 && !leads[from] && !p.branches(from-1, 1); from-- {
	}
	for to = i + 1; to < len(p.code) && !leads[to] && !p.branches(to, 1); to++ {
	}
	return from, to
}

// width is the number of lanes of the widest vector that an instruction names: nothing reads
// those beyond.
func (p *Program) width() (lanes int) {
	for _, in := range p.code {
		for _, a := range in.args {
			if a.place == vector {
				lanes = max(lanes, a.lanes())
			}
		}
	}
	return lanes
}

// straight runs instructions on symbols, with arguments in the registers that are known to
// hold them; ok is false if one of the instructions is a finding.
func (p *Program) straight(from, to int, seed maphash.Seed, state uint64, known [16]int) (m *machine, ok bool) {
	m = &machine{Program: p, symbols: &symbols{seed: seed}}
	m.symbols.flags = m.symbols.of(state)
	m.symbols.carry = m.symbols.flags
	r := rand.New(rand.NewPCG(state, 0))
	for i := range m.general {
		if m.general[i] = r.Uint64(); known[i] > 0 {
			m.general[i] = m.symbols.of(uint64(known[i]))
		}
	}
	for i := range m.vectors {
		for lane := range m.vectors[i].bits {
			m.vectors[i].set(lane, r.Uint32())
		}
	}
	for i := range m.masks {
		m.masks[i] = uint64(uint16(r.Uint32()))
	}
	m.generalDefined, m.masksDefined, m.flags.defined = 1<<16-1, 1<<8-1, allFlags
	m.dirty = state&1 == 1
	for i := from; i < to && m.finding == nil; i++ {
		m.current = &p.code[i]
		symbolic(m.current.opcode)(m, m.current)
	}
	return m, m.finding == nil
}

// agrees compares what two machines have done and what they hold that is live, of vectors
// the first lanes.
func (m *machine) agrees(o *machine, live state, width int) bool {
	if m.symbols.log != o.symbols.log || m.dirty != o.dirty {
		return false
	}
	if live.has(carryBit) && m.symbols.carry != o.symbols.carry || live.has(flagsBit) && m.symbols.flags != o.symbols.flags {
		return false
	}
	for i := range m.general {
		if live.has(generalBit+i) && m.general[i] != o.general[i] {
			return false
		}
	}
	for i := range m.vectors {
		a, b := &m.vectors[i], &o.vectors[i]
		if live.has(vectorBit+i) && (!slices.Equal(a.bits[:width], b.bits[:width]) || (a.defined^b.defined)<<(16-width) != 0) {
			return false
		}
	}
	for i := range m.masks {
		if live.has(maskBit+i) && m.masks[i] != o.masks[i] {
			return false
		}
	}
	return true
}
