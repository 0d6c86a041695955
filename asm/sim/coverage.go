package sim

import "fmt"

// Coverage adds up what the calls of a program reached.
type Coverage struct {
	program         *Program
	executed, taken []int
}

// Coverage of a program that no call has been counted of yet.
func (p *Program) Coverage() *Coverage {
	return &Coverage{program: p, executed: make([]int, len(p.code)), taken: make([]int, len(p.code))}
}

// Add counts a call.
func (c *Coverage) Add(s Stats) {
	for i := range c.executed {
		c.executed[i] += s.Executed[i]
		c.taken[i] += s.Taken[i]
	}
}

// Missing lists the instructions that no call executed, and the conditional
// branches that always went the same way.
func (c *Coverage) Missing() (list []string) {
	for i, in := range c.program.code {
		_, conditional := conditions[in.opcode]
		what := ""
		switch {
		case c.executed[i] == 0:
			what = "never executed"
		case conditional && c.taken[i] == 0:
			what = "never taken"
		case conditional && c.taken[i] == c.executed[i]:
			what = "always taken"
		default:
			continue
		}
		list = append(list, fmt.Sprintf("instruction %d, %s: %s", i, in.text, what))
	}
	return list
}
