package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The sample's size, and how many points a side of each pixel is averaged of.
const (
	SampleWidth  = 192
	SampleHeight = 128
	oversample   = 4
)

// SampleFocus is the middle of the part worth looking at closely: the rim of
// the sun, rings, the smooth sky and a ridge.
func SampleFocus() image.Point { return image.Pt(143, 61) }

// Sample renders the project's own picture, a lighthouse at dusk: gradients,
// rings, fine stripes, sharp edges and lettering, each of which shows another
// trait of an upsampling layer.
func Sample() (*Picture, error) {
	m := image.NewRGBA(image.Rect(0, 0, oversample*SampleWidth, oversample*SampleHeight))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := scene((float64(x)+0.5)/oversample, (float64(y)+0.5)/oversample)
			m.SetRGBA(x, y, color.RGBA{Byte(float32(c.r)), Byte(float32(c.g)), Byte(float32(c.b)), 0xff})
		}
	}
	if err := letter(m, "upconv", 116, 119, 19); err != nil {
		return nil, err
	}
	return FromImage(m).Resample(SampleWidth, SampleHeight), nil
}

// letter writes text with its baseline starting at (x, y); size and position
// are in pixels of the sample.
func letter(m draw.Image, text string, x, y int, size float64) error {
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return fmt.Errorf("font of the sample picture: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: oversample * size, DPI: 72})
	if err != nil {
		return fmt.Errorf("font of the sample picture: %w", err)
	}
	defer face.Close()
	d := font.Drawer{
		Dst: m, Src: image.NewUniform(color.RGBA{0xff, 0xf4, 0xd6, 0xff}), Face: face,
		Dot: fixed.P(oversample*x, oversample*y),
	}
	d.DrawString(text)
	return nil
}

// rgb is a colour of the scene, 0..1 a channel.
type rgb struct{ r, g, b float64 }

// over mixes c towards top by the share a of 0..1.
func (c rgb) over(top rgb, a float64) rgb {
	a = math.Max(0, math.Min(1, a))
	return rgb{c.r + a*(top.r-c.r), c.g + a*(top.g-c.g), c.b + a*(top.b-c.b)}
}

// The scene's geometry, in pixels of the sample.
const (
	horizon          = 86
	sunX, sunY, sunR = 122, 60, 21
	towerX           = 40
	towerTop         = 34
	towerFoot        = 94
	waterline        = 105
)

// scene is the colour at one point, painted from back to front.
func scene(x, y float64) rgb {
	if y < horizon {
		return lighthouse(hills(sun(sky(y), x, y), x, y), x, y)
	}
	return lighthouse(lake(x, y), x, y)
}

// sky is a gradient through four colours, from the top to the horizon.
func sky(y float64) rgb {
	stops := [...]rgb{{.09, .13, .34}, {.36, .27, .55}, {.90, .46, .42}, {1, .80, .50}}
	t := math.Min(y/horizon, 0.9999) * float64(len(stops)-1)
	i := int(t)
	return stops[i].over(stops[i+1], t-float64(i))
}

// sun is a flat disc in a glow, with thin rings around it.
func sun(c rgb, x, y float64) rgb {
	d := math.Hypot(x-sunX, y-sunY)
	if d < sunR {
		return rgb{.97, .90, .62}
	}
	c = c.over(rgb{1, .78, .48}, 0.75*math.Exp(-(d-sunR)/16))
	if ring := math.Mod(d-sunR, 6); ring > 4.4 && d < sunR+44 {
		c = c.over(rgb{1, .90, .70}, 0.55*(1-(d-sunR)/46))
	}
	return c
}

// hills are two ridges.
func hills(c rgb, x, y float64) rgb {
	far := 75 - 6*math.Sin(x/19+0.6) - 3.5*math.Sin(x/7.3)
	near := 82 - 5*math.Sin(x/27+3.6) - 1.5*math.Sin(x/5.1)
	switch {
	case y > near:
		return rgb{.16, .14, .30}
	case y > far:
		return rgb{.38, .25, .42}.over(rgb{.60, .36, .44}, (y-far)/14)
	}
	return c
}

// lake is the lake: the sky upside down, darker, under ripples that grow
// finer towards the horizon, with the sun's path on them.
func lake(x, y float64) rgb {
	depth := y - horizon
	c := sky(horizon-1.9*depth).over(rgb{.07, .10, .26}, 0.42)
	ripple := 0.5 + 0.5*math.Sin(90*math.Log(1+depth/14)+0.6*math.Sin(x/9))
	width := 10 + 0.45*depth
	path := math.Exp(-(x - sunX) * (x - sunX) / (2 * width * width))
	c = c.over(rgb{1, .86, .58}, 0.85*path*ripple)
	return c.over(rgb{.05, .07, .20}, 0.16*(1-ripple))
}

// lighthouse is a striped tower with a lantern on a rock, and its beam.
func lighthouse(c rgb, x, y float64) rgb {
	c = beam(c, x, y)
	if rx, ry := (x-towerX+3)/33, (y-waterline)/14; rx*rx+ry*ry < 1 {
		return rock(c, ry)
	}
	half := 4.6 + 3.6*(y-towerTop)/(towerFoot-towerTop)
	side := (x - towerX) / half
	switch {
	case y < towerTop-14 || y > towerFoot || math.Abs(side) > 1.5:
		return c
	case y < towerTop:
		return lantern(c, x, y)
	case math.Abs(side) > 1:
		return c
	}
	paint := rgb{.96, .94, .92}
	if math.Mod(y-towerTop+1.1*(x-towerX)+60, 12) < 6 {
		paint = rgb{.83, .16, .20}
	}
	return paint.over(rgb{.10, .08, .24}, 0.30-0.38*side)
}

// rock is the ground of the tower above the waterline (height below 0) and its
// reflection under it.
func rock(c rgb, height float64) rgb {
	if height < 0 {
		return rgb{.10, .09, .20}.over(rgb{.30, .22, .36}, -height)
	}
	return c.over(rgb{.08, .07, .18}, 0.75*(1-height))
}

// lantern is the lit room above the tower, with its gallery and roof.
func lantern(c rgb, x, y float64) rgb {
	up, off := towerTop-y, math.Abs(x-towerX)
	switch {
	case up < 2 && off < 6.5:
		return rgb{.15, .12, .26}
	case up >= 2 && up < 8 && off < 3.6:
		return rgb{1, .95, .70}
	case up >= 8 && off < 5.2*(14-up)/6:
		return rgb{.70, .13, .18}
	}
	return c
}

// beam is a wedge of light to the upper left and right of the lantern.
func beam(c rgb, x, y float64) rgb {
	dx, dy := x-towerX, y-(towerTop-5)
	d := math.Hypot(dx, dy)
	spread := math.Abs(dy+0.16*dx) / (math.Abs(dx) + 1)
	return c.over(rgb{1, .96, .78}, 0.50*math.Exp(-d/60)*math.Max(0, 1-spread/0.17))
}
