package sim

// state is a set of what a machine holds: a bit for each register, one for the carry and one
// for the other flags.
type state uint64

const (
	generalBit = 0
	vectorBit  = 16
	maskBit    = 48
	carryBit   = 56
	flagsBit   = 57 // the others
)

// allFlagBits are those of all flags.
const allFlagBits state = 1<<carryBit | 1<<flagsBit

func (s state) has(bit int) bool { return s>>bit&1 == 1 }

// bit is the set of the register alone; empty if the operand is none.
func (a arg) bit() state {
	switch a.place {
	case general:
		return 1 << (generalBit + a.reg)
	case vector:
		return 1 << (vectorBit + a.reg)
	case mask:
		return 1 << (maskBit + a.reg)
	}
	return 0
}

// live is for each instruction, and for the end, what may be read from there on before it
// is written, by an instruction that branches, that reads or writes elements of slices, or
// whose own result is live: what a loop only ever adds to is not.
func (p *Program) live() []state {
	live := make([]state, len(p.code)+1)
	for changed := true; changed; {
		changed = false
		for i := len(p.code) - 1; i >= 0; i-- {
			in := &p.code[i]
			after := live[i+1]
			switch {
			case in.opcode == "RET":
				after = 0
			case in.opcode == "JMP":
				after = live[in.target]
			case in.target >= 0:
				after |= live[in.target]
			}
			before := after
			if in.target >= 0 || in.loads() || in.changes()&after != 0 {
				before = after&^in.writes() | in.reads()
			}
			if before != live[i] {
				live[i], changed = before, true
			}
		}
	}
	return live
}

// fresh are the instructions that write their last operand without reading it, unless a
// mask keeps a part of it.
var fresh = map[string]bool{
	"MOVQ": true, "MOVL": true, "LEAQ": true, "KMOVW": true, "IMUL3Q": true, "VMOVUPS": true, "VMASKMOVPS": true, "VPCMPGTD": true, "VCMPPS": true,
	"VMULPS": true, "VADDPS": true, "VSUBPS": true, "VDIVPS": true, "VMAXPS": true, "VMINPS": true, "VANDPS": true, "VPANDD": true, "VPSLLD": true, "VXORPS": true, "VPXORD": true,
	"VBROADCASTSS": true, "VPBROADCASTD": true, "VMOVD": true, "VMOVQ": true, "VPINSRQ": true, "VPMOVZXBD": true,
	"VORPS": true, "VPORD": true, "VPADDD": true, "VPSUBD": true, "VPCMPEQD": true, "VPACKSSDW": true, "VPACKUSWB": true, "VPMOVDB": true, "VMOVLPS": true, "KANDW": true,
	"VSHUFPS": true, "VPERMPS": true, "VUNPCKLPD": true, "VUNPCKHPD": true, "VUNPCKLPS": true, "VUNPCKHPS": true, "VPERMILPS": true, "VBLENDPS": true, "VPERM2F128": true, "VSHUFF32X4": true,
	"VEXTRACTF128": true, "VEXTRACTF32X4": true, "VEXTRACTF64X4": true,
}

// cancels are the instructions whose result does not depend on two equal sources.
var cancels = map[string]bool{"VXORPS": true, "VPXORD": true, "XORQ": true, "SUBQ": true}

// merges reports whether a mask keeps lanes of the destination.
func (in *instruction) merges() bool {
	for _, a := range in.args[:max(0, len(in.args)-1)] {
		if a.place == mask && in.opcode != "KMOVW" {
			return !in.zeroing
		}
	}
	return false
}

// writes is what the instruction gives a new value, whatever it was.
func (in *instruction) writes() (s state) {
	s = in.setFlags()
	if n := len(in.args); n > 0 && !readsLast[in.opcode] && in.target < 0 && !in.merges() {
		s |= in.args[n-1].bit()
	}
	return s
}

// setsFlags are the instructions that set all flags that branches read, or leave those
// that they do not set without a value.
var setsFlags = map[string]bool{"ADDQ": true, "SUBQ": true, "XORQ": true, "CMPQ": true, "TESTQ": true, "IMUL3Q": true}

// setFlags are the flags that the instruction gives a new value; DECQ keeps the carry.
func (in *instruction) setFlags() state {
	switch {
	case setsFlags[in.opcode]:
		return allFlagBits
	case in.opcode == "DECQ":
		return 1 << flagsBit
	}
	return 0
}

// reads is what the instruction's results depend on; a prefetch has none.
func (in *instruction) reads() (s state) {
	if in.opcode == "PREFETCHT0" || in.opcode == "PREFETCHT1" {
		return 0
	}
	c := conditions[in.opcode]
	if c.reads&carry != 0 {
		s |= 1 << carryBit
	}
	if c.reads&^carry != 0 {
		s |= 1 << flagsBit
	}
	n := len(in.args)
	if n >= 2 && cancels[in.opcode] && in.args[0] == in.args[1] && !in.merges() {
		return s
	}
	for i, a := range in.args {
		if a.place == memory {
			s |= 1 << (generalBit + a.mem.base)
			if a.mem.index >= 0 {
				s |= 1 << (generalBit + a.mem.index)
			}
			continue
		}
		if i == n-1 && fresh[in.opcode] && !in.merges() {
			continue
		}
		s |= a.bit()
	}
	return s
}

// holding are, by register, the places of the arguments that general-purpose registers
// hold before instruction at, however it is reached; 0 where that is not known.
func (p *Program) holding(at int) [16]int {
	const unknown = 0
	reached := make([]bool, len(p.code)+1)
	held := make([][16]int, len(p.code)+1)
	reached[0] = true
	flow := func(to int, state [16]int) (changed bool) {
		if !reached[to] {
			reached[to], held[to] = true, state
			return true
		}
		for r := range state {
			if held[to][r] != unknown && held[to][r] != state[r] {
				held[to][r], changed = unknown, true
			}
		}
		return changed
	}
	for changed := true; changed; {
		changed = false
		for i := range p.code {
			in := &p.code[i]
			if !reached[i] {
				continue
			}
			state := in.hold(held[i])
			if in.target >= 0 {
				changed = flow(in.target, state) || changed
			}
			if in.opcode != "JMP" && in.opcode != "RET" {
				changed = flow(i+1, state) || changed
			}
		}
	}
	return held[at]
}

// hold is what registers hold after the instruction.
func (in *instruction) hold(state [16]int) [16]int {
	written := in.writes()
	if in.opcode == "DECQ" {
		written |= in.args[0].bit()
	}
	for r := range state {
		if written.has(generalBit + r) {
			state[r] = 0
		}
	}
	if in.opcode == "MOVQ" && in.args[0].place == parameter && in.args[1].place == general {
		state[in.args[1].reg] = int(in.args[0].imm)
	}
	return state
}
