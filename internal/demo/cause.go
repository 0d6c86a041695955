package demo

import (
	"fmt"
	"image"
	"strconv"
)

// The input that the number maps start from, and the side of a cell.
const (
	mapInputWide, mapInputHigh = 4, 3
	cellSide                   = 48
)

// cause draws the lower part: how many stamps reach each output pixel, and
// what becomes of a picture of ones. models begin with the even one and the
// uneven one.
func (c *canvas) cause(models []model) error {
	c.fill(image.Rect(margin, causeRule, sheetWidth-margin, causeRule+2), mount)
	c.explain()
	for i, m := range models[:2] {
		col := column{model: &m}.hue()
		stamps, err := overlap(m.layer, mapInputHigh, mapInputWide)
		if err != nil {
			return err
		}
		gains, err := m.flat(mapInputWide, mapInputHigh, 1)
		if err != nil {
			return err
		}
		left, right := columnAt(1+2*i), columnAt(2+2*i)
		c.captions(left, col, fmt.Sprintf("stamps per pixel, k%d s%d", m.layer.Axes[0].Kernel, m.layer.Axes[0].Stride), overlapNote(m))
		c.numbers(stamps, image.Pt(left, mapTop), countCell(col))
		c.captions(right, col, "a picture of ones becomes", flatNote(gains))
		c.numbers(gains, image.Pt(right, mapTop), gainCell)
	}
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
		"Bilinear weights darken the border: beyond it, nothing stamps.")
}

// captions writes the two lines above a map.
func (c *canvas) captions(x int, col hue, head, note string) {
	c.text(heading, col, x, causeHead, tileWide, head)
	c.text(body, soft, x, causeNote, tileWide, note)
}

// overlapNote says what the counts show.
func overlapNote(m model) string {
	if m.uneven() {
		return "uneven: 1, 2 and 4 in turns"
	}
	return "even, but for the border"
}

// flatNote says what the gains show, with the corner's exact number where the
// border loses something that the middle keeps.
func flatNote(gains plane) string {
	middle := gains.at(gains.width/2, gains.height/2)
	if middle == 1 && gains.at(0, 0) < 1 {
		return fmt.Sprintf("ones inside, %.4g in the corner", gains.at(0, 0))
	}
	return "light and dark, pixel by pixel"
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

// gainCell shows a gain as the grey it would make of a middling grey.
func gainCell(v float32) (string, hue, hue) {
	letters := bright
	if v > 0.85 {
		letters = ink
	}
	return strconv.FormatFloat(float64(v), 'f', 2, 32), dark.mix(bright, min(1, 0.68*float64(v))), letters
}
