package sim

// SameBranch reports whether the branch at instruction i goes the same way with another
// condition, whenever its function is called: counts are never negative. That decides it
// for a branch after
//
//	TESTQ n, n     where n is an argument, which is 0 or more
//	DECQ n         where n came from one that the branch into the loop found positive
//	CMPQ a, b      where both are arguments or grow from 0
func (p *Program) SameBranch(i int, opcode string) bool {
	was, ok := conditions[p.code[i].opcode]
	other, known := conditions[opcode]
	if !ok || !known || i == 0 {
		return false
	}
	before := &p.code[i-1]
	for _, f := range p.outcomes(before, i-1) {
		if other.reads&^f.defined != 0 || was.holds(f.set) != other.holds(f.set) {
			return false
		}
	}
	return len(p.outcomes(before, i-1)) > 0
}

// outcomes are the flags that an instruction can leave; nil if that is not known.
func (p *Program) outcomes(in *instruction, at int) (list []flags) {
	const large = 1 << 40
	switch {
	case in.opcode == "TESTQ" && in.args[0] == in.args[1] && p.grown(in.args[0], at, map[int]bool{}):
		for _, n := range []uint64{0, 1, large} {
			_, f := and(n, n)
			list = append(list, f)
		}
	case in.opcode == "DECQ" && p.counted(in.args[0], at):
		for _, n := range []uint64{1, 2, large} {
			_, f := subtract(n, 1)
			if f.set &^= carry; !p.carryless(at, map[int]bool{}) {
				f.defined &^= carry
			}
			list = append(list, f)
		}
	case in.opcode == "CMPQ" && p.grown(in.args[0], at, map[int]bool{}) && p.grown(in.args[1], at, map[int]bool{}):
		for _, pair := range [][2]uint64{{0, 0}, {0, 1}, {1, 0}, {large, 3}, {3, large}} {
			_, f := subtract(pair[0], pair[1])
			list = append(list, f)
		}
	}
	return list
}

// carryless reports whether no carry is left before instruction at, which keeps it: what
// set flags last compared with 0, or added to or multiplied a count or an address, which are
// far from the end of the integers.
func (p *Program) carryless(at int, seen map[int]bool) bool {
	for _, i := range p.before(at) {
		in := &p.code[i]
		switch {
		case seen[i] || p.leaves(i, at):
		case in.opcode == "DECQ" || !setsFlags[in.opcode]:
			if seen[i] = true; !p.carryless(i, seen) {
				return false
			}
		case in.opcode == "TESTQ" || in.opcode == "XORQ" || in.opcode == "IMUL3Q":
		case in.opcode != "ADDQ" || in.args[0].place != immediate || in.args[0].imm < 0:
			return false
		}
	}
	return at > 0
}

// leaves reports whether instruction i is the test of a loop that ends, before instruction
// at, because its variable is not below its count any more.
func (p *Program) leaves(i, at int) bool {
	in := &p.code[i]
	if i != at-1 || in.target == at || i == 0 || in.opcode != "JLT" && in.opcode != "JLE" {
		return false
	}
	test := &p.code[i-1]
	return test.opcode == "CMPQ" && p.grown(test.args[0], i-1, map[int]bool{}) && p.grown(test.args[1], i-1, map[int]bool{})
}

// before lists the instructions that can come right before one.
func (p *Program) before(at int) (list []int) {
	for i := range p.code {
		in := &p.code[i]
		if in.target == at || i == at-1 && in.opcode != "JMP" && in.opcode != "RET" {
			list = append(list, i)
		}
	}
	return list
}

// writers calls f with each instruction that can have given a register the value that it
// has before instruction at, until one does not hold. It does not hold either where the
// function begins.
func (p *Program) writers(r arg, at int, seen map[int]bool, holds func(i int) bool) bool {
	for _, i := range p.before(at) {
		if seen[i] {
			continue
		}
		seen[i] = true
		if p.code[i].writes()&r.bit() != 0 || p.code[i].opcode == "DECQ" && p.code[i].args[0] == r {
			if !holds(i) {
				return false
			}
			continue
		}
		if !p.writers(r, i, seen, holds) {
			return false
		}
	}
	return at > 0
}

// grown reports whether an operand is a count: an argument, a constant, or a register that
// came from 0 or an argument by adding what is not negative.
func (p *Program) grown(a arg, at int, active map[int]bool) bool {
	switch a.place {
	case parameter:
		return true
	case immediate:
		return a.imm >= 0
	case general:
	default:
		return false
	}
	return p.writers(a, at, map[int]bool{}, func(i int) bool {
		if active[i] {
			return true // around a loop: by induction
		}
		active[i] = true
		in := &p.code[i]
		switch in.opcode {
		case "XORQ":
			return in.args[0] == in.args[1]
		case "MOVQ":
			return p.grown(in.args[0], i, active)
		case "ADDQ":
			return in.args[0].place == immediate && in.args[0].imm >= 0 && p.grown(in.args[1], i, active)
		case "LEAQ":
			m := in.args[0].mem
			return m.index < 0 && m.disp >= 0 && p.grown(arg{place: general, reg: m.base, size: 8}, i, active)
		}
		return false
	})
}

// counted reports whether a register that is counted down was positive before: it is an
// argument that the way into the loop tests, or was left by the same instruction.
func (p *Program) counted(a arg, at int) bool {
	return p.writers(a, at, map[int]bool{}, func(i int) bool {
		if i == at {
			return true
		}
		in := &p.code[i]
		if in.opcode != "MOVQ" || in.args[0].place != parameter || i+2 >= len(p.code) {
			return false
		}
		test, skip := &p.code[i+1], &p.code[i+2]
		return test.opcode == "TESTQ" && test.args[0].bit() == a.bit() && test.args[0] == test.args[1] && (skip.opcode == "JLE" || skip.opcode == "JEQ")
	})
}
