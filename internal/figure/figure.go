// Package figure draws how the stamps of a transposed convolution meet: the number of
// stamps at each output as coloured cells, as SVG or PNG, and the steps of the worked
// example as one page of HTML. It knows numbers and colours, nothing of layers' kernels.
package figure

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
)

// Grid is a table of small numbers, row by row.
type Grid [][]int

// Overlap is the number of stamps at each output of a layer of two axes: the product of
// the numbers along each. rows and columns are those of each axis.
func Overlap(rows, columns []int) Grid {
	g := make(Grid, len(rows))
	for y, a := range rows {
		for _, b := range columns {
			g[y] = append(g[y], a*b)
		}
	}
	return g
}

// size is the number of columns and rows.
func (g Grid) size() (columns, rows int) {
	if len(g) == 0 {
		return 0, 0
	}
	return len(g[0]), len(g)
}

// most is the largest number.
func (g Grid) most() int {
	n := 0
	for _, row := range g {
		n = max(n, slices.Max(row))
	}
	return n
}

// The colours: nothing, one, and the strongest; numbers turn white on strong cells.
var (
	paper  = color.RGBA{0xfb, 0xfa, 0xf7, 0xff}
	weak   = color.RGBA{0xf4, 0xe6, 0xe0, 0xff}
	strong = color.RGBA{0xc2, 0x41, 0x22, 0xff}
	ink    = color.RGBA{0x1f, 0x24, 0x30, 0xff}
	bright = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

// shade is the colour of a cell that holds n of at most most, and that of its number.
func shade(n, most int) (ground, letters color.RGBA) {
	if n == 0 {
		return bright, ink
	}
	share := 0.0
	if most > 1 {
		share = float64(n-1) / float64(most-1)
	}
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + share*(float64(b)-float64(a)) + 0.5) }
	ground = color.RGBA{mix(weak.R, strong.R), mix(weak.G, strong.G), mix(weak.B, strong.B), 0xff}
	if share > 0.6 {
		return ground, bright
	}
	return ground, ink
}

// Sizes in pixels.
const (
	cell   = 40
	line   = 2  // between cells
	border = 20 // around the picture
	frame  = 4  // of a marked cell
)

// hex writes a colour as CSS does.
func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// SVG draws the grid as a picture of its own. title is what it shows, for readers who
// cannot see it.
func (g Grid) SVG(title string) string {
	return g.marked(title, func(int, int) bool { return false })
}

// marked is SVG with a frame in the cells that mark says.
func (g Grid) marked(title string, mark func(y, x int) bool) string {
	columns, rows := g.size()
	wide, high := columns*cell+2*border, rows*cell+2*border
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", wide, high, wide, high)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="%s"/>`+"\n", wide, high, hex(paper))
	fmt.Fprintln(&b, `<g font-family="monospace" font-size="18" text-anchor="middle">`)
	for y, row := range g {
		for x, n := range row {
			ground, letters := shade(n, g.most())
			left, top := border+x*cell, border+y*cell
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, left, top, cell-line, cell-line, hex(ground))
			if mark(y, x) {
				fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="%s" stroke-width="%d"/>`,
					left+frame/2, top+frame/2, cell-line-frame, cell-line-frame, hex(ink), frame)
			}
			fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%d</text>`+"\n", left+(cell-line)/2, top+cell/2+5, hex(letters), n)
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// escape makes text safe between tags.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
