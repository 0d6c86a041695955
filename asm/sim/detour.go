package sim

// SameTarget reports whether the branch at instruction i may as well go where it goes in
// the edited program: from the one target every way leads to the other, and nobody sees
// what happens on it. It touches no memory but arguments, and nothing that it writes is
// read afterwards.
func (p *Program) SameTarget(edited *Program, i int) bool {
	if len(p.code) != len(edited.code) || p.code[i].target < 0 || edited.code[i].target < 0 {
		return false
	}
	here, there := p.code[i].target, edited.code[i].target
	if here == there {
		return true // two labels of one instruction
	}
	live := func(at int) state { return p.live()[at] | edited.live()[at] }
	on := detour{program: p, branch: i, again: p.testsArgument(i), to: there, live: live(there), seen: map[int]bool{}}
	back := detour{program: edited, branch: i, to: here, live: live(here), seen: map[int]bool{}}
	return on.idle(here) || back.idle(there)
}

// testsArgument reports whether the branch at instruction i compares an argument with 0,
// which it does whenever it is reached: then it always goes the same way in a call.
func (p *Program) testsArgument(i int) bool {
	if i < 2 || len(p.before(i)) != 1 || len(p.before(i-1)) != 1 {
		return false
	}
	test, load := &p.code[i-1], &p.code[i-2]
	return test.opcode == "TESTQ" && test.args[0] == test.args[1] &&
		load.opcode == "MOVQ" && load.args[0].place == parameter && load.args[1] == test.args[0]
}

// detour is a way from one target of a branch to the other.
type detour struct {
	program *Program
	branch  int  // its number
	again   bool // where the way comes back to the branch it takes it again
	to      int
	live    state // what is read after the way
	seen    map[int]bool
}

// idle reports whether every way from instruction at ends where the detour leads to, and
// does nothing else.
func (d *detour) idle(at int) bool {
	if at == d.to || d.seen[at] {
		return true // loops end, as they do without the edit
	}
	if at >= len(d.program.code) || at == d.branch && !d.again {
		return false
	}
	d.seen[at] = true
	in := &d.program.code[at]
	switch {
	case at == d.branch || in.opcode == "JMP":
		return d.idle(in.target)
	case in.opcode == "RET" || in.opcode == "VZEROUPPER" || in.opcode == "SFENCE" || in.loads() || in.changes()&d.live != 0:
		return false
	case in.target >= 0 && !d.idle(in.target):
		return false
	}
	return d.idle(at + 1)
}

// loads reports whether the instruction reads or writes elements of slices.
func (in *instruction) loads() bool {
	for _, a := range in.args {
		if a.place == memory && in.opcode != "LEAQ" {
			return true
		}
	}
	return false
}

// changes is what the instruction may give another value.
func (in *instruction) changes() (s state) {
	s = in.setFlags()
	if n := len(in.args); n > 0 && !readsLast[in.opcode] && in.target < 0 {
		s |= in.args[n-1].bit()
	}
	return s
}
