package demo

import (
	"fmt"
	"io"
	"strings"

	"github.com/upconv/upconv/specs"
)

// grid is a small matrix; a nil cell was not touched.
type grid [][]*float32

// exampleSide is the height and width of the example's input and kernel.
const exampleSide = 2

// exampleValues serve as input and as kernel: [[0, 1], [2, 3]].
func exampleValues() []float32 { return []float32{0, 1, 2, 3} }

// example is one setting of the worked example, and how it is introduced.
type example struct {
	stride, padding int
	note            string
}

// examples are those of the d2l.ai chapter on transposed convolution.
func examples() []example {
	return []example{
		{1, 0, "each input element stamps the kernel at its own place"},
		{1, 1, "the same stamps; the padding crops the outer ring of the sum"},
		{2, 0, "the stamps lie two apart and no longer overlap"},
	}
}

// layer is the example as a layer of one channel.
func (e example) layer() specs.Layer {
	l := specs.Layer{Op: specs.ConvTranspose, Rank: 2, Groups: 1, InChannels: 1, OutChannels: 1}
	for i := range l.Rank {
		l.Axes[i] = specs.Axis{Kernel: exampleSide, Stride: e.stride, Dilation: 1, PadBegin: e.padding, PadEnd: e.padding}
	}
	return l
}

// printWorked prints the worked example in all its settings. The sums are the
// runtime's; the stamps are input times kernel.
func printWorked(w io.Writer) error {
	values := dense(plane{exampleSide, exampleSide, exampleValues()})
	lines := []string{"The worked example: transposed convolution of a 2 x 2 input by a 2 x 2 kernel", ""}
	lines = append(lines, beside(block("input", values), block("kernel", values))...)
	for _, e := range examples() {
		sum, err := compute(e.layer(), exampleValues(), exampleValues(), exampleSide, exampleSide)
		if err != nil {
			return err
		}
		lines = append(lines, "", fmt.Sprintf("stride %d, padding %d: %s", e.stride, e.padding, e.note), "")
		lines = append(lines, e.show(sum)...)
	}
	if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return printNumbers(w)
}

// show is the line of stamps that ends in their sum.
func (e example) show(sum plane) []string {
	var parts [][]string
	for i, v := range exampleValues() {
		parts = append(parts, block(fmt.Sprintf("%g x kernel", v), e.stamp(i, sum.width, sum.height)))
	}
	total := block("their sum", dense(sum))
	return chain(append(parts, total))
}

// stamp is what input element i adds to the output.
func (e example) stamp(i, width, height int) grid {
	g := empty(width, height)
	for k, weight := range exampleValues() {
		y := i/exampleSide*e.stride + k/exampleSide - e.padding
		x := i%exampleSide*e.stride + k%exampleSide - e.padding
		if y >= 0 && y < height && x >= 0 && x < width {
			product := exampleValues()[i] * weight
			g[y][x] = &product
		}
	}
	return g
}

// empty is a grid without values.
func empty(width, height int) grid {
	g := make(grid, height)
	for y := range g {
		g[y] = make([]*float32, width)
	}
	return g
}

// dense is a grid that holds all values of p.
func dense(p plane) grid {
	g := empty(p.width, p.height)
	for i := range p.values {
		g[i/p.width][i%p.width] = &p.values[i]
	}
	return g
}

// block sets a grid in fixed width under its heading; all lines are equally
// long.
func block(heading string, g grid) []string {
	lines := []string{heading}
	for _, row := range g {
		var b strings.Builder
		for _, v := range row {
			if v == nil {
				b.WriteString("  .")
				continue
			}
			fmt.Fprintf(&b, "%3g", *v)
		}
		lines = append(lines, b.String())
	}
	return level(lines)
}

// level pads lines to the same length.
func level(lines []string) []string {
	width := 0
	for _, l := range lines {
		width = max(width, len(l))
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = fmt.Sprintf("%-*s", width, l)
	}
	return out
}

// beside joins blocks of equal height line by line.
func beside(blocks ...[]string) []string {
	out := make([]string, len(blocks[0]))
	for i := range out {
		var row []string
		for _, b := range blocks {
			row = append(row, b[i])
		}
		out[i] = strings.TrimRight("  "+strings.Join(row, "   "), " ")
	}
	return out
}

// chain joins blocks with plus signs and, before the last, an equals sign, on
// the middle line of the grids.
func chain(blocks [][]string) []string {
	var parts [][]string
	for i, b := range blocks {
		if i > 0 {
			parts = append(parts, sign(len(b), i == len(blocks)-1))
		}
		parts = append(parts, b)
	}
	return beside(parts...)
}

// sign is a block of the given height with + or = on its middle line.
func sign(height int, last bool) []string {
	s := "+"
	if last {
		s = "="
	}
	lines := make([]string, height)
	for i := range lines {
		lines[i] = " "
	}
	lines[height/2] = s
	return lines
}
