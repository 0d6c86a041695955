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

// Sums are the outputs before the first stamp and after each.
func (s Steps) Sums() []Grid {
	sum := s.blank()
	list := []Grid{sum}
	for input := range side * side {
		sum = sum.copy()
		for weight := range side * side {
			y := input/side*s.Stride[0] + weight/side - s.Padding[0]
			x := input%side*s.Stride[1] + weight%side - s.Padding[1]
			if y >= 0 && y < len(sum) && x >= 0 && x < len(sum[y]) {
				sum[y][x] += input * weight // both hold their place's number
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
<style>body{font:16px/1.5 sans-serif;color:%[2]s;background:%[3]s;max-width:60em;margin:2em auto;padding:0 1em}
figure{display:inline-block;margin:0 1em 1em 0;vertical-align:top}figcaption{font-size:14px;padding:0 20px}</style>
</head><body>
<h1>%[1]s</h1>
`

// Page is one page of HTML that needs no other file: the overlap of a layer's stamps,
// and the steps, whose stride and padding are the layer's unless they leave nothing.
func Page(name string, overlap Grid, steps Steps) string {
	var b strings.Builder
	fmt.Fprintf(&b, pageHead, escape(name), hex(ink), hex(paper))
	b.WriteString("<h2>How many stamps cover each output</h2>\n<p>For a small input. Where the numbers differ from one output to the next away from the border, a checkerboard can appear.</p>\n")
	b.WriteString(overlap.SVG("Stamps at each output"))
	fmt.Fprintf(&b, "<h2>Stamp by stamp</h2>\n<p>The input [[0, 1], [2, 3]] stamps the kernel [[0, 1], [2, 3]], stride %d by %d, padding %d by %d. Stamps add up.</p>\n",
		steps.Stride[0], steps.Stride[1], steps.Padding[0], steps.Padding[1])
	for i, g := range steps.Sums() {
		caption := "before the first stamp"
		if i > 0 {
			caption = fmt.Sprintf("+ %d × kernel", i-1)
		}
		fmt.Fprintf(&b, "<figure>%s<figcaption>%s</figcaption></figure>\n", g.SVG(caption), caption)
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
