package nest

import (
	"fmt"
	"strings"
)

// String prints the kernel as indented pseudo code, one node a line.
func (k Kernel) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(%s []float32; %s int)  lanes %d\n", k.Name, strings.Join(k.Slices, ", "), strings.Join(k.Ints, ", "), k.Lanes)
	printNodes(&b, k.Body, 1)
	return b.String()
}

func printNodes(b *strings.Builder, nodes []Node, depth int) {
	for _, n := range nodes {
		fmt.Fprintf(b, "%s%v\n", strings.Repeat("    ", depth), n)
		switch n := n.(type) {
		case Loop:
			printNodes(b, n.Body, depth+1)
		case Repeat:
			printNodes(b, n.Body, depth+1)
		case If:
			printNodes(b, n.Body, depth+1)
			if n.Else != nil {
				fmt.Fprintf(b, "%selse\n", strings.Repeat("    ", depth))
				printNodes(b, n.Else, depth+1)
			}
		case Rest:
			printNodes(b, n.Body, depth+1)
		}
	}
}

func (l Loop) String() string {
	from, cond := "0", fmt.Sprintf("%s+%d <= %s", l.Var, l.Step, l.To)
	if l.Continue {
		from = l.Var
	}
	if l.Partial || l.Step == 1 {
		cond = fmt.Sprintf("%s < %s", l.Var, l.To)
	}
	return fmt.Sprintf("for %s = %s; %s; %s += %d", l.Var, from, cond, l.Var, l.Step)
}

func (i If) String() string { return fmt.Sprintf("if %s != 0", i.Arg) }

func (r Rest) String() string {
	if r.Count == 0 {
		return fmt.Sprintf("if %s < %s", r.Var, r.To)
	}
	return fmt.Sprintf("if %s+%d == %s", r.Var, r.Count, r.To)
}

func (p Point) String() string { return fmt.Sprintf("%s = %s", p.Cursor, p.From) }

func (a Advance) String() string {
	switch {
	case a.Dim == "":
		return fmt.Sprintf("%s += %d", a.Cursor, a.Times)
	case a.Times == 1:
		return fmt.Sprintf("%s += %s", a.Cursor, a.Dim)
	default:
		return fmt.Sprintf("%s += %d*%s", a.Cursor, a.Times, a.Dim)
	}
}

func (j Jump) String() string { return fmt.Sprintf("%s += integer %v", j.Cursor, j.By) }

func (s Splat) String() string { return fmt.Sprintf("%s = splat %v", s.Dst, s.From) }

func (z Zero) String() string { return z.Dst + " = 0" }

func (l Load) String() string { return fmt.Sprintf("%s = load %v%s", l.Dst, l.From, where(l.Mask)) }

func (p Prefetch) String() string { return fmt.Sprintf("prefetch %v", p.From) }

func (p Permute) String() string { return fmt.Sprintf("%s = %s[%s]", p.Dst, p.Src, p.Places) }

func (g Gather) String() string { return fmt.Sprintf("%s = gather %v[%s]", g.Dst, g.From, g.Places) }

func (f FMA) String() string { return fmt.Sprintf("%s += %s * %s", f.Acc, f.A, f.B) }

func (f FMASplat) String() string { return fmt.Sprintf("%s += %s * splat %v", f.Acc, f.A, f.From) }

func (c Compute) String() string {
	if c.Op == Max || c.Op == Min {
		return fmt.Sprintf("%s = %s(%s, %s)", c.Dst, c.Op, c.A, c.B)
	}
	return fmt.Sprintf("%s = %s %s %s", c.Dst, c.A, c.Op, c.B)
}

func (s ShiftLeft) String() string { return fmt.Sprintf("%s = %s << %d", s.Dst, s.A, s.Count) }

func (c Choose) String() string { return fmt.Sprintf("%s = %s where %s < %s", c.Dst, c.Then, c.A, c.B) }

func (i Interleave) String() string { return "interleave " + strings.Join(i.Regs, ", ") }

func (d Deinterleave) String() string { return "deinterleave " + strings.Join(d.Regs, ", ") }

func (s Store) String() string {
	part := ""
	if s.Count > 0 {
		part = fmt.Sprintf(" lanes %d to %d", s.Lane, s.Lane+s.Count-1)
	}
	if s.Past {
		part = " past the caches"
	}
	return fmt.Sprintf("store %v = %s%s%s", s.To, s.Src, part, where(s.Mask))
}

func (Fence) String() string { return "fence" }

func (n Note) String() string { return "// " + n.Text }

func (r Ref) String() string { return fmt.Sprintf("%s[%d]", r.Cursor, r.Disp) }

func (m Mask) String() string {
	if m.Limit == "" {
		return fmt.Sprintf("%s = lanes where %d*%s + %d + lane >= 0", m.Dst, m.Scale, m.Var, m.Skip)
	}
	return fmt.Sprintf("%s = lanes where %d*%s + %d + lane < %s", m.Dst, m.Scale, m.Var, m.Skip, m.Limit)
}

// where prints the mask of a load or store.
func where(mask string) string {
	if mask == "" {
		return ""
	}
	return " where " + mask
}
