package figure

import (
	"fmt"
	"strings"
)

// Steps is the worked example of a transposed convolution, whose input and kernel are
// [[0, 1], [2, 3]]: the sum after each input element stamped the kernel.
type Steps struct{ Stride, Padding [2]int } // of rows and columns

// side is the height and width of the example's input and kernel, which hold 0 to 3 in
// order.
const side = 2

// size is that of the output, which may be empty.
func (s Steps) size(axis int) int { return s.Stride[axis]*(side-1) + side - 2*s.Padding[axis] }

// Empty reports a padding that leaves nothing of the output.
func (s Steps) Empty() bool { return s.size(0) <= 0 || s.size(1) <= 0 }

// weight is the kernel element that an input puts onto an output, by their numbers in
// order, or -1.
func (s Steps) weight(input, y, x int) int {
	ky := y + s.Padding[0] - input/side*s.Stride[0]
	kx := x + s.Padding[1] - input%side*s.Stride[1]
	if ky < 0 || ky >= side || kx < 0 || kx >= side {
		return -1
	}
	return ky*side + kx
}

// Sums are the outputs before the first stamp and after each.
func (s Steps) Sums() []Grid {
	sum := s.blank()
	list := []Grid{sum}
	for input := range side * side {
		sum = sum.copy()
		for y, row := range sum {
			for x := range row {
				row[x] += input * max(0, s.weight(input, y, x)) // both hold their place's number
			}
		}
		list = append(list, sum)
	}
	return list
}

func (s Steps) blank() Grid {
	g := make(Grid, s.size(0))
	for y := range g {
		g[y] = make([]int, s.size(1))
	}
	return g
}

func (g Grid) copy() Grid {
	c := make(Grid, len(g))
	for y, row := range g {
		c[y] = append(c[y], row...)
	}
	return c
}

// pageHead is the page up to its first figure; it loads nothing.
const pageHead = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>%[1]s</title>
<style>body{font:16px/1.5 sans-serif;color:%[2]s;background:%[3]s;max-width:64em;margin:2em auto;padding:0 1em}
figure{display:inline-block;margin:0 .5em 1em 0;vertical-align:middle}figcaption{font-size:14px;padding:0 20px}
section{border-top:1px solid %[4]s;padding:.5em 0}section>span{font-size:28px;padding:0 .3em}pre{font-size:14px;background:%[4]s;padding:1em;overflow:auto}</style>
</head><body>
<h1>%[1]s</h1>
`

// Page is one page of HTML that needs no other file: the overlap of a layer's stamps, what
// is to say about it, and the steps, whose stride and padding are the layer's unless they
// leave nothing.
func Page(name string, overlap Grid, verdict string, steps Steps) string {
	var b strings.Builder
	fmt.Fprintf(&b, pageHead, escape(name), hex(ink), hex(paper), hex(weak))
	b.WriteString("<h2>How many stamps cover each output</h2>\n<p>For a small input. Where the numbers differ from one output to the next away from the border, a checkerboard can appear.</p>\n")
	b.WriteString(overlap.SVG("Stamps at each output"))
	fmt.Fprintf(&b, "<pre>%s</pre>\n", escape(verdict))
	fmt.Fprintf(&b, "<h2>Stamp by stamp</h2>\n<p>The input [[0, 1], [2, 3]] stamps the kernel [[0, 1], [2, 3]], stride %d by %d, padding %d by %d. Each step multiplies the kernel by the framed input, and adds it to the framed outputs.</p>\n",
		steps.Stride[0], steps.Stride[1], steps.Padding[0], steps.Padding[1])
	values := Grid{{0, 1}, {2, 3}}
	sums := steps.Sums()
	for input, sum := range sums[1:] {
		b.WriteString("<section>")
		write(&b, "input", values, func(y, x int) bool { return y*side+x == input })
		b.WriteString("<span>×</span>")
		write(&b, "kernel", values, func(int, int) bool { return false })
		b.WriteString("<span>→</span>")
		write(&b, fmt.Sprintf("output after %d of %d stamps", input+1, len(sums)-1), sum, func(y, x int) bool { return steps.weight(input, y, x) >= 0 })
		b.WriteString("</section>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

// write writes a figure with its caption.
func write(b *strings.Builder, caption string, g Grid, mark func(y, x int) bool) {
	fmt.Fprintf(b, "<figure>%s<figcaption>%s</figcaption></figure>", g.marked(caption, mark), caption)
}
