package figure

import (
	"image"
	"image/draw"
	"image/png"
	"io"
	"strconv"
)

// glyphs are the digits, three dots wide and five high, one row of dots a letter: its
// bits are the dots, the highest on the left.
var glyphs = [10]string{"75557", "26227", "71747", "71717", "55711", "74717", "74757", "71111", "75757", "75717"}

// The sizes of a glyph in dots, and of a dot in pixels.
const (
	glyphWide, glyphHigh = 3, 5
	dot                  = 3
)

// PNG writes the grid as a picture.
func (g Grid) PNG(w io.Writer) error { return png.Encode(w, g.image()) }

func (g Grid) image() *image.RGBA {
	columns, rows := g.size()
	m := image.NewRGBA(image.Rect(0, 0, columns*cell+2*border, rows*cell+2*border))
	draw.Draw(m, m.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	for y, row := range g {
		for x, n := range row {
			ground, letters := shade(n, g.most())
			r := image.Rect(0, 0, cell-line, cell-line).Add(image.Pt(border+x*cell, border+y*cell))
			draw.Draw(m, r, image.NewUniform(ground), image.Point{}, draw.Src)
			number(m, r, image.NewUniform(letters), n)
		}
	}
	return m
}

// number writes n in the middle of r.
func number(m draw.Image, r image.Rectangle, ink image.Image, n int) {
	digits := strconv.Itoa(n)
	wide := len(digits)*(glyphWide+1) - 1
	at := r.Min.Add(image.Pt((r.Dx()-wide*dot)/2, (r.Dy()-glyphHigh*dot)/2))
	for _, d := range digits {
		for y, bits := range glyphs[d-'0'] {
			for x := range glyphWide {
				if (bits-'0')>>(glyphWide-1-x)&1 == 1 {
					p := at.Add(image.Pt(x*dot, y*dot))
					draw.Draw(m, image.Rect(p.X, p.Y, p.X+dot, p.Y+dot), ink, image.Point{}, draw.Src)
				}
			}
		}
		at.X += (glyphWide + 1) * dot
	}
}
