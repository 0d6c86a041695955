package polyphase

import (
	"fmt"
	"strings"
)

// String prints one phase a line:
//
//	phase 0: in[q-1]*w3 + in[q]*w1   q in [0,in), interior [1,in)
func (a Axis) String() string {
	var b strings.Builder
	for _, p := range a.Phases {
		fmt.Fprintf(&b, "phase %d: %s   q in [0,%s), interior [%d,%s)\n",
			p.Offset, p.Sum(a.InStride), quotient(p.Extra, a.InStride), p.Lo, quotient(p.Hi, a.InStride))
	}
	return b.String()
}

// Sum prints the taps of p as a sum, "nothing" for none.
func (p Phase) Sum(inStride int) string {
	if len(p.Taps) == 0 {
		return "nothing"
	}
	var terms []string
	for _, t := range p.Taps {
		terms = append(terms, t.Term(inStride))
	}
	return strings.Join(terms, " + ")
}

// Term prints one tap: in[q-1]*w3.
func (t Tap) Term(inStride int) string {
	q := "q"
	if inStride != 1 {
		q = fmt.Sprintf("%d*q", inStride)
	}
	if t.Weight.Den != 0 {
		return weigh(fmt.Sprintf("in[%s]", affine(q, t.Delta)), t.Weight)
	}
	var w []string
	for _, k := range t.Kernel {
		w = append(w, fmt.Sprintf("w%d", k))
	}
	sum := strings.Join(w, "+")
	if len(w) > 1 {
		sum = "(" + sum + ")"
	}
	return fmt.Sprintf("in[%s]*%s", affine(q, t.Delta), sum)
}

// weigh prints in[q]*3/4, or in[q] for a weight of 1.
func weigh(input string, w Ratio) string {
	if w.Num == w.Den {
		return input
	}
	return fmt.Sprintf("%s*%d/%d", input, w.Num, w.Den)
}

// quotient prints the end of a range: in+c, divided by the stride.
func quotient(c, stride int) string {
	if stride == 1 {
		return affine("in", c)
	}
	if c == 0 {
		return fmt.Sprintf("in/%d", stride)
	}
	return fmt.Sprintf("(%s)/%d", affine("in", c), stride)
}

// affine prints name+c without a zero.
func affine(name string, c int) string {
	if c == 0 {
		return name
	}
	return fmt.Sprintf("%s%+d", name, c)
}
