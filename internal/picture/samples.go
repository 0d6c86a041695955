package picture

import (
	"context"
	"image"
	"image/color"
)

// Samples is a picture as a tensor [Channels, Height, Width], of the sRGB-coded values
// of its file scaled to 0..1: one channel of grey; red, green and blue; or these and
// how opaque each pixel is, by which the colours are not multiplied.
type Samples struct {
	Channels, Width, Height int
	Deep                    bool // sixteen bits a channel in the file, not eight
	Pix                     []float32
}

// samplers take a colour apart into so many channels, in sixteen bits each.
var samplers = map[int]func(color.Color) [4]uint16{
	1: func(c color.Color) [4]uint16 {
		return [4]uint16{color.Gray16Model.Convert(onWhite(c)).(color.Gray16).Y}
	},
	Channels: func(c color.Color) [4]uint16 { w := onWhite(c); return [4]uint16{w.R, w.G, w.B} },
	4: func(c color.Color) [4]uint16 {
		s := color.NRGBA64Model.Convert(c).(color.NRGBA64)
		return [4]uint16{s.R, s.G, s.B, s.A}
	},
}

// onWhite lays a colour on a white ground.
func onWhite(c color.Color) color.RGBA64 {
	r, g, b, a := c.RGBA()
	white := 0xffff - a // what the ground adds to premultiplied values
	return color.RGBA64{uint16(r + white), uint16(g + white), uint16(b + white), 0xffff}
}

// ReadSamples is Read for pictures of 1, 3 or 4 channels; for another number it reads
// those that the file has. Fewer channels than these lay what is transparent on white,
// and make colours grey.
func ReadSamples(ctx context.Context, path string, maxPixels, channels int) (*Samples, error) {
	m, err := readImage(ctx, path, maxPixels)
	if err != nil {
		return nil, err
	}
	if samplers[channels] == nil {
		channels = channelsOf(m)
	}
	return sample(m, channels), nil
}

// channelsOf is how many channels say all of a picture.
func channelsOf(m image.Image) int {
	switch m := m.(type) {
	case *image.Gray, *image.Gray16:
		return 1
	case interface{ Opaque() bool }:
		if m.Opaque() {
			return Channels
		}
	}
	return 4
}

// deep reports a picture of sixteen bits a channel.
func deep(m image.Image) bool {
	switch m.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return true
	}
	return false
}

// sample converts any picture of the standard library.
func sample(m image.Image, channels int) *Samples {
	b := m.Bounds()
	s := &Samples{Channels: channels, Width: b.Dx(), Height: b.Dy(), Deep: deep(m)}
	plane, take := s.Width*s.Height, samplers[channels]
	s.Pix = make([]float32, channels*plane)
	for i := range plane {
		values := take(m.At(b.Min.X+i%s.Width, b.Min.Y+i/s.Width))
		for c := range channels {
			s.Pix[c*plane+i] = float32(values[c]) / 0xffff
		}
	}
	return s
}

// Image converts to as many bits as Deep says; values are clamped to 0..1.
func (s *Samples) Image() image.Image {
	r := image.Rect(0, 0, s.Width, s.Height)
	switch {
	case s.Channels == 1 && s.Deep:
		m := image.NewGray16(r)
		s.each(func(x, y int, v [4]uint16) { m.SetGray16(x, y, color.Gray16{Y: v[0]}) })
		return m
	case s.Channels == 1:
		m := image.NewGray(r)
		s.each(func(x, y int, v [4]uint16) { m.SetGray(x, y, color.Gray{Y: uint8(v[0])}) })
		return m
	case s.Deep:
		m := image.NewNRGBA64(r)
		s.each(func(x, y int, v [4]uint16) { m.SetNRGBA64(x, y, color.NRGBA64{R: v[0], G: v[1], B: v[2], A: v[3]}) })
		return m
	}
	m := image.NewNRGBA(r)
	s.each(func(x, y int, v [4]uint16) {
		m.SetNRGBA(x, y, color.NRGBA{R: uint8(v[0]), G: uint8(v[1]), B: uint8(v[2]), A: uint8(v[3])})
	})
	return m
}

// each calls set with the whole numbers of every pixel; without a channel for it, it is
// opaque.
func (s *Samples) each(set func(x, y int, v [4]uint16)) {
	most := float32(0xff)
	if s.Deep {
		most = 0xffff
	}
	plane := s.Width * s.Height
	for i := range plane {
		v := [4]uint16{3: uint16(most)}
		for c := range s.Channels {
			v[c] = rounded(s.Pix[c*plane+i], most)
		}
		set(i%s.Width, i/s.Width, v)
	}
}

// rounded is a value of 0..1 as one of 0..most; what lies outside is clamped, and NaN
// becomes 0.
func rounded(v, most float32) uint16 {
	switch {
	case v >= 1:
		return uint16(most)
	case v > 0:
		return uint16(float32(v*most) + 0.5)
	}
	return 0
}
