package bench

import (
	"fmt"
	"io"
	"strings"
)

// Table prints results as they come.
type Table struct {
	w       io.Writer
	columns []column
}

type column struct {
	head, format string
	text         func(Result) string
}

// NewTable prints the head of a table for the cases: the columns about several
// threads and about the plain loop are there when o asks for them.
func NewTable(w io.Writer, cases []Case, o Options) *Table {
	width := len("layer")
	for _, c := range cases {
		width = max(width, len(c.Name))
	}
	t := &Table{w: w, columns: []column{
		{"layer", fmt.Sprintf("%%-%ds", width), func(r Result) string { return r.Layer }},
		{"isa", "%-7s", func(r Result) string { return r.ISA }},
		{"thr", "%3s", func(r Result) string { return fmt.Sprint(r.Threads) }},
		{"us", "%11s", func(r Result) string { return fmt.Sprintf("%.1f", float64(r.NS)/1e3) }},
		{"rate", "%13s", Result.rate},
		{"limit", "%10s", Result.limit},
		{"share", "%6s", func(r Result) string { return known(r.Bound != BoundNone, "%.1f%%", 100*r.Share) }},
	}}
	if o.Threads > 1 {
		t.columns = append(t.columns,
			column{"scaling", "%7s", func(r Result) string { return known(r.Scaling > 0, "%.2f", r.Scaling) }},
			column{"FMA loops", "%9s", func(r Result) string { return known(r.PeakScaling > 0, "%.2f", r.PeakScaling) }})
	}
	for _, isa := range o.ISAs {
		if isa == LoopISA {
			t.columns = append(t.columns, column{"x loop", "%7s", func(r Result) string { return known(r.TimesLoop > 0, "%.1f", r.TimesLoop) }})
		}
	}
	t.columns = append(t.columns, column{"kernel", "%s", func(r Result) string { return r.Kernel }})
	head := t.line(func(c column) string { return c.head })
	fmt.Fprintf(w, "%s\n%s\n", head, strings.Repeat("-", len(head)))
	return t
}

// Row prints one result on a line.
func (t *Table) Row(r Result) {
	fmt.Fprintln(t.w, t.line(func(c column) string { return c.text(r) }))
}

func (t *Table) line(cell func(column) string) string {
	var cells []string
	for _, c := range t.columns {
		cells = append(cells, fmt.Sprintf(c.format, cell(c)))
	}
	return strings.Join(cells, " ")
}

// rate is in the unit of the limit that is nearer.
func (r Result) rate() string {
	if r.Bound == BoundCopy {
		return fmt.Sprintf("%.1f GB/s", r.OutputGBs)
	}
	return fmt.Sprintf("%.1f GFLOP/s", r.GFLOPS)
}

func (r Result) limit() string {
	if r.Bound == BoundCopy {
		return fmt.Sprintf("%.1f copy", r.CopyGBs)
	}
	return known(r.Bound != BoundNone, "%.1f FMA", r.PeakGFLOPS)
}

// known prints a figure that there is, else a dash.
func known(ok bool, format string, v float64) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf(format, v)
}
