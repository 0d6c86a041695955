package demo

import (
	"fmt"
	"image"
	"strconv"

	"github.com/upconv/upconv/specs"
)

// The input that the number maps start from, and the side of a cell.
const (
	mapInputWide, mapInputHigh = 4, 2
	cellSide                   = tileWide / (2 * mapInputWide)
	secondMapTop               = mapTop + detailHigh - 2*mapInputHigh*cellSide
)

// cause draws the lower part: what an uneven overlap does to the picture, what the
// layer in its place does, and how many stamps reach each output pixel.
func (c *canvas) cause(uneven, cured column) error {
	c.fill(image.Rect(margin, causeRule, sheetWidth-margin, causeRule+2), mount)
	c.explain()
	for i, col := range []column{uneven, cured} {
		x, hue := columnAt(1+2*i), col.hue()
		note, err := flatNote(col.model)
		if err != nil {
			return err
		}
		c.captions(x, hue, detailWide, col.model.title, note)
		c.tile(col.detail, image.Rect(x, detailTop, x+detailWide, detailTop+detailHigh))
	}
	return c.maps(*uneven.model)
}

// maps draws the numbers of stamps of the uneven layer and of a layer like it whose
// kernel is a multiple of the stride.
func (c *canvas) maps(m model) error {
	x := columnAt(columnsOf - 1)
	even := transposed(4, 0, false)
	for _, row := range []struct {
		layer specs.Layer
		hue   hue
		top   int
		note  string
	}{{m.layer, rust, mapTop, "k3 s2: 1, 2 and 4 in turns"}, {even, teal, secondMapTop, "k4 s2: even inside"}} {
		stamps, err := overlap(row.layer, mapInputHigh, mapInputWide)
		if err != nil {
			return err
		}
		c.numbers(stamps, image.Pt(x, row.top), countCell(row.hue))
		c.text(body, soft, x, row.top-20, tileWide, row.note)
	}
	c.text(heading, slate, x, causeHead, tileWide, "stamps at each pixel")
	return nil
}

// explain writes the first column.
func (c *canvas) explain() {
	x := columnAt(0)
	c.text(heading, slate, x, causeHead, tileWide, "Where it comes from")
	y := c.paragraph(body, ink, x, causeNote+6, tileWide,
		"Each input pixel stamps the kernel onto the output, two pixels from the last stamp. Where stamps overlap, they add up.")
	y = c.paragraph(body, ink, x, y+12, tileWide,
		"A kernel that is a multiple of the stride covers every pixel equally often. Any other leaves a grid, unless its weights happen to make up for it.")
	c.paragraph(body, ink, x, y+12, tileWide,
		"Enlarging first and then convolving, with the same nine weights, leaves none.")
}

// captions writes the two lines above a picture.
func (c *canvas) captions(x int, col hue, wide int, head, note string) {
	c.text(heading, col, x, causeHead, wide, head)
	c.text(body, soft, x, causeNote, wide, note)
}

// flatNote says what the model does to flat areas.
func flatNote(m *model) (string, error) {
	phases, err := m.phaseGains(1)
	if err != nil {
		return "", err
	}
	low, high, _ := phases.spread()
	if high-low < 0.005 {
		return fmt.Sprintf("flat areas stay flat: every pixel times %.2f", high), nil
	}
	return fmt.Sprintf("flat areas become a grid: pixels times %.2f to %.2f", low, high), nil
}

// cell says how to show one number.
type cell func(v float32) (text string, ground, letters hue)

// numbers draws a grid of values.
func (c *canvas) numbers(p plane, at image.Point, show cell) {
	for i, v := range p.values {
		corner := at.Add(image.Pt(i%p.width*cellSide, i/p.width*cellSide))
		r := image.Rectangle{corner, corner.Add(image.Pt(cellSide, cellSide))}
		text, ground, letters := show(v)
		c.fill(r, paper)
		c.fill(image.Rectangle{r.Min, r.Max.Sub(image.Pt(2, 2))}, ground)
		c.centered(digits, letters, image.Rectangle{r.Min, r.Max.Sub(image.Pt(2, 2))}, text)
	}
}

// countCell shades counts from 1 to 4 in shades of one colour.
func countCell(strong hue) cell {
	return func(v float32) (string, hue, hue) {
		share := float64(v) / 4
		letters := ink
		if share > 0.6 {
			letters = bright
		}
		return strconv.Itoa(int(v)), paper.mix(strong, share*share*0.75+share*0.25), letters
	}
}
