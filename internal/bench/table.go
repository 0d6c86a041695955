package bench

import (
	"fmt"
	"io"
	"strings"
)

// Table prints results as they come.
type Table[R any] struct {
	w       io.Writer
	columns []column[R]
}

type column[R any] struct {
	head, format string
	text         func(R) string
}

// NewTable prints the head of a table for the cases: the columns about several
// threads and about the plain loop are there when o asks for them.
func NewTable(w io.Writer, cases []Case, o Options) *Table[Result] {
	t := &Table[Result]{w: w, columns: []column[Result]{
		{"layer", nameFormat(cases), func(r Result) string { return r.Layer }},
		{"isa", "%-7s", func(r Result) string { return r.ISA }},
		{"thr", "%3s", func(r Result) string { return fmt.Sprint(r.Threads) }},
		{"us", "%11s", func(r Result) string { return fmt.Sprintf("%.1f", float64(r.NS)/1e3) }},
		{"rate", "%13s", Result.rate},
		{"limit", "%10s", Result.limit},
		{"share", "%6s", func(r Result) string { return known(r.Bound != BoundNone, "%.1f%%", 100*r.Share) }},
	}}
	if o.Threads > 1 {
		t.columns = append(t.columns,
			column[Result]{"scaling", "%7s", func(r Result) string { return known(r.Scaling > 0, "%.2f", r.Scaling) }},
			column[Result]{"FMA loops", "%9s", func(r Result) string { return known(r.PeakScaling > 0, "%.2f", r.PeakScaling) }})
	}
	for _, isa := range o.ISAs {
		if isa == LoopISA {
			t.columns = append(t.columns, column[Result]{"x loop", "%7s", func(r Result) string { return known(r.TimesLoop > 0, "%.1f", r.TimesLoop) }})
		}
	}
	t.columns = append(t.columns, column[Result]{"kernel", "%s", func(r Result) string { return r.Kernel }})
	t.head()
	return t
}

// NewBuildTable prints the head of a table of what it takes to build layers.
func NewBuildTable(w io.Writer, cases []Case) *Table[BuildResult] {
	t := &Table[BuildResult]{w: w, columns: []column[BuildResult]{
		{"layer", nameFormat(cases), func(r BuildResult) string { return r.Layer }},
		{"isa", "%-7s", func(r BuildResult) string { return r.ISA }},
		{"weights KB", "%10s", func(r BuildResult) string { return fmt.Sprintf("%.1f", float64(r.Weights)/1e3) }},
		{"copy us", "%9s", func(r BuildResult) string { return fmt.Sprintf("%.1f", float64(r.CopyNS)/1e3) }},
		{"build us", "%9s", func(r BuildResult) string { return fmt.Sprintf("%.1f", float64(r.BuildNS)/1e3) }},
		{"x copy", "%6s", func(r BuildResult) string { return fmt.Sprintf("%.1f", r.TimesCopy) }},
		{"kernel", "%s", func(r BuildResult) string { return r.Kernel }},
	}}
	t.head()
	return t
}

// nameFormat is as wide as the longest name.
func nameFormat(cases []Case) string {
	width := len("layer")
	for _, c := range cases {
		width = max(width, len(c.Name))
	}
	return fmt.Sprintf("%%-%ds", width)
}

func (t *Table[R]) head() {
	head := t.line(func(c column[R]) string { return c.head })
	fmt.Fprintf(t.w, "%s\n%s\n", head, strings.Repeat("-", len(head)))
}

// Row prints one result on a line.
func (t *Table[R]) Row(r R) {
	fmt.Fprintln(t.w, t.line(func(c column[R]) string { return c.text(r) }))
}

func (t *Table[R]) line(cell func(column[R]) string) string {
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
