package kerneltest

import "fmt"

// comparison counts, and remembers the first difference.
type comparison struct {
	problem         *problem
	at              []int
	what            string
	compared, wrong int
	first           string
}

func newComparison(p *problem, at []int, what string) *comparison {
	return &comparison{problem: p, at: at, what: what}
}

func (c *comparison) same() { c.compared++ }

func (c *comparison) differ(i int, format string, args ...any) {
	if c.wrong == 0 {
		size := c.problem.outPlane
		c.first = c.problem.name(c.at[i/size], i%size) + " " + fmt.Sprintf(format, args...)
	}
	c.compared++
	c.wrong++
}

// err reports the differences, or that nothing was compared.
func (c *comparison) err() error {
	switch {
	case c.compared == 0:
		return fmt.Errorf("comparison (%s) is empty", c.what)
	case c.wrong > 0:
		return fmt.Errorf("not %s: %d of %d outputs; the first: %s", c.what, c.wrong, c.compared, c.first)
	}
	return nil
}

// fewest is how many outputs it takes to call most of them zero.
const fewest = 64

// weak complains when most of the outputs that have terms are zero, where a
// comparison proves little.
func (e *Expect) weak(dst []float32) error {
	zeros, summed := 0, 0
	for i := range e.Exact {
		if e.Terms(i) == 0 {
			continue
		}
		summed++
		if e.value(dst, i) == 0 {
			zeros++
		}
	}
	if summed >= fewest && zeros*2 > summed {
		return fmt.Errorf("comparison is weak: %d of %d outputs are 0", zeros, summed)
	}
	return nil
}
