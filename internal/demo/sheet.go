package demo

import (
	"fmt"
	"image"

	"github.com/upconv/upconv/internal/picture"
)

// The contact sheet's layout in pixels. Text lines are given by baseline.
const (
	margin    = 60
	gap       = 32
	tileWide  = 384
	tileHigh  = 256
	columnsOf = 1 + techniques
	nameWide  = 600 // room for the input's name

	detailWide = 2 * tileWide // of the checkerboard and its cure
	detailHigh = 2 * tileHigh

	sheetWidth  = 2*margin + columnsOf*tileWide + (columnsOf-1)*gap
	sheetHeight = footLine + 48

	titleLine = 108
	underLine = 154
	ruleTop   = 196
	headLine  = 240
	sizeLine  = 272
	wholeTop  = 292
	closeTop  = wholeTop + tileHigh + 20
	noteLine  = closeTop + tileHigh + 34

	causeRule = noteLine + 50
	causeHead = causeRule + 50
	causeNote = causeHead + 32
	detailTop = causeNote + 20
	mapTop    = detailTop
	footLine  = detailTop + detailHigh + 70
)

// column is one result on the contact sheet.
type column struct {
	whole, zoom *picture.Picture // at the size they are shown
	detail      *picture.Picture // twice as large as zoom
	marked      image.Rectangle  // the part zoomed into, within whole
	size        size             // of the result itself
	from        size             // of what the layer read
	model       *model           // nil for the input
}

// view prepares the result of a model for the sheet, or the source itself.
func view(s source, p *picture.Picture, m *model) column {
	w, h := s.FitInside(tileWide, tileHigh)
	f, factor := s.focus, p.Width/s.Width
	zoomed := p.Crop(image.Rect(f.Min.X*factor, f.Min.Y*factor, f.Max.X*factor, f.Max.Y*factor))
	k := min(tileWide/f.Dx(), tileHigh/f.Dy()) &^ 1 // divisible by each factor
	col := column{
		whole:  p.Crop(image.Rect(0, 0, p.Width, p.Height)).Resample(w, h), // of a copy: results share their memory
		zoom:   zoomed.Resample(k*f.Dx(), k*f.Dy()),
		detail: zoomed.Resample(2*k*f.Dx(), 2*k*f.Dy()),
		marked: image.Rect(f.Min.X*w/s.Width, f.Min.Y*h/s.Height, f.Max.X*w/s.Width, f.Max.Y*h/s.Height),
		size:   sizeOf(p), from: sizeOf(s.Picture), model: m,
	}
	if m != nil && !m.doubles() {
		col.from = size{(p.Width + 1) / 2, (p.Height + 1) / 2}
	}
	return col
}

// hue is that of the column's family.
func (col column) hue() hue {
	switch {
	case col.model == nil:
		return slate
	case col.model.uneven():
		return rust
	}
	return teal
}

// texts are the title, the line below it and the line below the pictures.
func (col column) texts() (head, under, note string) {
	if col.model == nil {
		return "input", onSheet(col.size) + " pixels", "every pixel a square"
	}
	return col.model.title, fmt.Sprintf("%s to %s", onSheet(col.from), onSheet(col.size)), col.model.about
}

// onSheet writes a size with the sign that the sheet's fonts have.
func onSheet(s size) string { return fmt.Sprintf("%d × %d", s.width, s.height) }

// drawSheet lays out the contact sheet: the input and the five techniques, then the
// checkerboard, its cure and its cause.
func drawSheet(s source, columns []column) (*image.RGBA, error) {
	c, err := newCanvas(sheetWidth, sheetHeight)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.RGBA, c.sheet(s, columns)
}

// sheet draws everything.
func (c *canvas) sheet(s source, columns []column) error {
	const wide = sheetWidth - 2*margin
	c.text(title, ink, margin, titleLine, wide, "Five ways to enlarge a picture")
	c.text(body, soft, margin, underLine, wide, fmt.Sprintf(
		"Upper row: all of %s (%s). Lower row: the framed part. Max-unpooling starts from the largest of every 2 × 2 pixels.", c.shorten(body, s.name, nameWide), onSheet(sizeOf(s.Picture))))
	for i, col := range columns[:columnsOf] {
		c.result(col, columnAt(i))
	}
	if err := c.cause(columns[columnsOf], columns[columnsOf+1]); err != nil {
		return err
	}
	c.text(body, soft, margin, footLine, wide, "Drawn by  go run ./cmd/upconv demo  from the numbers that the layers returned. The files beside this one hold every result at full size.")
	return nil
}

// columnAt is the left edge of column i.
func columnAt(i int) int { return margin + i*(tileWide+gap) }

// result draws one column of the upper part.
func (c *canvas) result(col column, x int) {
	head, under, note := col.texts()
	c.fill(image.Rect(x, ruleTop, x+tileWide, ruleTop+5), col.hue())
	c.text(heading, col.hue(), x, headLine, tileWide, head)
	c.text(body, soft, x, sizeLine, tileWide, under)
	at := c.tile(col.whole, image.Rect(x, wholeTop, x+tileWide, wholeTop+tileHigh))
	mark := col.marked.Add(at).Inset(-4)
	c.frame(mark, 4, dark)
	c.frame(mark.Inset(1), 2, bright)
	c.tile(col.zoom, image.Rect(x, closeTop, x+tileWide, closeTop+tileHigh))
	c.text(body, ink, x, noteLine, tileWide, note)
}

// tile puts a picture in the middle of a mount and returns where it begins.
func (c *canvas) tile(p *picture.Picture, mountAt image.Rectangle) image.Point {
	c.fill(mountAt, mount)
	at := mountAt.Min.Add(image.Pt((mountAt.Dx()-p.Width)/2, (mountAt.Dy()-p.Height)/2))
	c.paste(p.RGBA(), at)
	return at
}
