package demo

import (
	"fmt"
	"image"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// hue is an opaque colour, 0xRRGGBB.
type hue uint32

// The sheet's colours.
const (
	paper  hue = 0xfbfaf7
	mount  hue = 0xe9e7e1
	ink    hue = 0x1f2430
	soft   hue = 0x5c6370
	slate  hue = 0x465066
	teal   hue = 0x0b7773
	rust   hue = 0xc24122
	bright hue = 0xffffff
	dark   hue = 0x000000
)

// RGBA makes hue a color.Color.
func (h hue) RGBA() (r, g, b, a uint32) {
	return uint32(h>>16&0xff) * 0x101, uint32(h>>8&0xff) * 0x101, uint32(h&0xff) * 0x101, 0xffff
}

// mix is h with a share, 0 to 1, of other.
func (h hue) mix(other hue, share float64) hue {
	channel := func(shift int) hue {
		from, to := float64(h>>shift&0xff), float64(other>>shift&0xff)
		return hue(from+share*(to-from)+0.5) << shift
	}
	return channel(16) | channel(8) | channel(0)
}

// typeface is one of the fonts of the sheet, by role.
type typeface int

const (
	title typeface = iota
	heading
	body
	digits
	faceCount
)

// canvas is a picture that can be drawn and written on. Texts are placed by
// the left end of their baseline.
type canvas struct {
	*image.RGBA
	faces     [faceCount]font.Face
	shortened int // texts that did not fit
}

// newCanvas returns an empty sheet; close must follow.
func newCanvas(width, height int) (*canvas, error) {
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, width, height))}
	c.fill(c.Bounds(), paper)
	fonts := [faceCount]struct {
		data []byte
		size float64
	}{
		title:   {gobold.TTF, 50},
		heading: {gobold.TTF, 29},
		body:    {goregular.TTF, 23},
		digits:  {gomono.TTF, 24},
	}
	for i, f := range fonts {
		parsed, err := opentype.Parse(f.data)
		if err != nil {
			return nil, fmt.Errorf("font of the contact sheet: %w", err)
		}
		c.faces[i], err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.size, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			return nil, fmt.Errorf("font of the contact sheet: %w", err)
		}
	}
	return c, nil
}

// close frees the fonts.
func (c *canvas) close() {
	for _, f := range c.faces {
		f.Close()
	}
}

func (c *canvas) fill(r image.Rectangle, col hue) {
	draw.Draw(c, r, image.NewUniform(col), image.Point{}, draw.Over)
}

// frame draws the inside edge of r.
func (c *canvas) frame(r image.Rectangle, thick int, col hue) {
	c.fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+thick), col)
	c.fill(image.Rect(r.Min.X, r.Max.Y-thick, r.Max.X, r.Max.Y), col)
	c.fill(image.Rect(r.Min.X, r.Min.Y+thick, r.Min.X+thick, r.Max.Y-thick), col)
	c.fill(image.Rect(r.Max.X-thick, r.Min.Y+thick, r.Max.X, r.Max.Y-thick), col)
}

// paste puts m with its upper left corner at p.
func (c *canvas) paste(m image.Image, p image.Point) {
	draw.Draw(c, m.Bounds().Sub(m.Bounds().Min).Add(p), m, m.Bounds().Min, draw.Src)
}

// text writes s from x on, shortened where it is wider than width.
func (c *canvas) text(f typeface, col hue, x, baseline, width int, s string) {
	d := font.Drawer{Dst: c, Src: image.NewUniform(col), Face: c.faces[f], Dot: fixed.P(x, baseline)}
	d.DrawString(c.shorten(f, s, width))
}

// centered writes s in the middle of r.
func (c *canvas) centered(f typeface, col hue, r image.Rectangle, s string) {
	x := r.Min.X + (r.Dx()-c.width(f, s))/2
	up := c.faces[f].Metrics().CapHeight.Round()
	c.text(f, col, x, r.Min.Y+(r.Dy()+up)/2, r.Dx(), s)
}

// width is that of s in pixels.
func (c *canvas) width(f typeface, s string) int {
	return font.MeasureString(c.faces[f], s).Ceil()
}

// shorten drops the end of s until it fits.
func (c *canvas) shorten(f typeface, s string, width int) string {
	if c.width(f, s) <= width {
		return s
	}
	c.shortened++
	runes := []rune(s)
	for len(runes) > 0 && c.width(f, string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// paragraph writes s broken into lines of at most width, and returns the
// baseline of the line after it.
func (c *canvas) paragraph(f typeface, col hue, x, baseline, width int, s string) int {
	height := c.faces[f].Metrics().Height.Ceil() + 3
	line := ""
	for _, word := range strings.Fields(s) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && c.width(f, longer) > width {
			c.text(f, col, x, baseline, width, line)
			baseline, longer = baseline+height, word
		}
		line = longer
	}
	c.text(f, col, x, baseline, width, line)
	return baseline + height
}
