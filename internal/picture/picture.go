// Package picture reads PNG and JPEG files into the layout that layers work
// on, planar float32, and turns that into pictures again.
package picture

import (
	"image"
	"image/color"
)

// Channels is the number of planes of a Picture: red, green, blue.
const Channels = 3

// Picture is a colour picture as a tensor [3, Height, Width]. Values are the
// sRGB-coded ones of the file scaled to 0..1, which is what networks are
// trained on; a layer's result may leave that range until it is written.
type Picture struct {
	Width, Height int
	Pix           []float32 // Channels * Height * Width values
}

// New returns a black picture; both sizes must be positive.
func New(width, height int) *Picture {
	return &Picture{Width: width, Height: height, Pix: make([]float32, Channels*height*width)}
}

// Plane returns the values of channel c, row by row; it shares memory with p.
func (p *Picture) Plane(c int) []float32 {
	n := p.Width * p.Height
	return p.Pix[c*n : (c+1)*n]
}

// Fill sets every value of every channel to v.
func (p *Picture) Fill(v float32) {
	for i := range p.Pix {
		p.Pix[i] = v
	}
}

// Crop returns a copy of the part of p inside r, which must not be empty.
func (p *Picture) Crop(r image.Rectangle) *Picture {
	r = r.Intersect(image.Rect(0, 0, p.Width, p.Height))
	q := New(r.Dx(), r.Dy())
	for c := range Channels {
		from, to := p.Plane(c), q.Plane(c)
		for y := range q.Height {
			start := (r.Min.Y+y)*p.Width + r.Min.X
			copy(to[y*q.Width:(y+1)*q.Width], from[start:])
		}
	}
	return q
}

// FromImage converts any picture of the standard library. Grey becomes three
// equal planes, and transparent parts are laid on white.
func FromImage(m image.Image) *Picture {
	s := sample(m, Channels)
	return &Picture{Width: s.Width, Height: s.Height, Pix: s.Pix}
}

// RGBA converts to eight bits a channel, opaque; values are clamped to 0..1.
func (p *Picture) RGBA() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	red, green, blue := p.Plane(0), p.Plane(1), p.Plane(2)
	for i := range red {
		px := m.Pix[4*i : 4*i+4 : 4*i+4]
		px[0], px[1], px[2], px[3] = Byte(red[i]), Byte(green[i]), Byte(blue[i]), 0xff
	}
	return m
}

// At returns the eight-bit colour of one pixel.
func (p *Picture) At(x, y int) color.RGBA {
	i := y*p.Width + x
	return color.RGBA{Byte(p.Plane(0)[i]), Byte(p.Plane(1)[i]), Byte(p.Plane(2)[i]), 0xff}
}

// Byte rounds a value of 0..1 to 0..255; what lies outside is clamped, and NaN
// becomes 0.
func Byte(v float32) uint8 { return uint8(rounded(v, 0xff)) }
