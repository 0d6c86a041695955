package demo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// print writes the run's results as text.
func (s *session) print(w io.Writer, written []string) error {
	fmt.Fprintf(w, "Picture: %s, %s pixels\n\n", s.source.name, sizeOf(s.source.Picture))
	if err := printTable(w, s.rows); err != nil {
		return err
	}
	if err := printGains(w, s.models); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nFiles written:\n  %s\n\n", strings.Join(written, "\n  "))
	return printWorked(w)
}

// printTable says what ran; x4 is the layer of x2 applied to its own result.
func printTable(w io.Writer, rows []measured) error {
	fmt.Fprintln(w, "Enlarged (x4: the layer applied to its result at x2; max-unpool: from the maxima of 2 x 2 pixels)")
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "  result\tkernel that ran\tin\tout\ttime\trate")
	for _, r := range rows {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%.4g ms\t%s\n",
			r.result, r.kernel, r.in, r.out, r.elapsed.Seconds()*1e3, r.rate())
	}
	return t.Flush()
}

// printGains says what the layers do to flat areas and to the border.
func printGains(w io.Writer, models []model) error {
	fmt.Fprintln(w, "\nA flat picture of ones, doubled, becomes (by phase of the output pixel, far from the border)")
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, m := range models {
		if !m.doubles() {
			continue
		}
		g, err := m.phaseGains(1)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "  %s\t%.2f  %.2f  %.2f  %.2f\t%s\n", m.name, g.at(0, 0), g.at(1, 0), g.at(0, 1), g.at(1, 1), verdict(g))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return printBorder(w, named(models, "transposed"))
}

// verdict is the reading of a row of gains.
func verdict(g plane) string {
	low, high, _ := g.spread()
	switch {
	case high-low < 0.005:
		return "even"
	case low == 0:
		return "one pixel in four"
	}
	return "uneven: the checkerboard"
}

// printBorder gives the darkening that bilinear weights cause.
func printBorder(w io.Writer, m model) error {
	g, err := m.flat(4, 4, 1)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Bilinear weights in a transposed convolution darken the border, since nothing beyond it adds its share:\n%.4g in the corner, %.4g along the edges. That is the layer as it is defined; bilinear interpolation repeats the border and gives 1.\n",
		g.at(0, 0), g.at(g.width/2, 0))
	return err
}
