package demo

import (
	"fmt"
	"image"

	"github.com/upconv/upconv/internal/picture"
)

// The contact sheet's layout in pixels. Text lines are given by baseline.
const (
	margin    = 60
	gap       = 40
	tileWide  = 384
	tileHigh  = 256
	columnsOf = 5
	nameWide  = 600 // room for the input's name

	sheetWidth  = 2*margin + columnsOf*tileWide + (columnsOf-1)*gap
	sheetHeight = 1440

	titleLine = 108
	underLine = 158
	ruleTop   = 200
	headLine  = 246
	sizeLine  = 278
	wholeTop  = 298
	closeTop  = wholeTop + tileHigh + 28
	noteLine  = closeTop + tileHigh + 36

	causeRule = noteLine + 44
	causeHead = causeRule + 46
	causeNote = causeHead + 32
	mapTop    = causeNote + 20
	mapHigh   = 288
	footLine  = sheetHeight - 48
)

// column is one result on the contact sheet.
type column struct {
	whole, zoom *picture.Picture // at the size they are shown
	marked      image.Rectangle  // the part zoomed into, within whole
	size        size             // of the result itself
	model       *model           // nil for the input
	times       int              // doublings
}

// view prepares a result, factor times as large as the source, for the sheet.
func view(s source, p *picture.Picture, factor int) column {
	w, h := s.FitInside(tileWide, tileHigh)
	f := s.focus
	zoomed := p.Crop(image.Rect(f.Min.X*factor, f.Min.Y*factor, f.Max.X*factor, f.Max.Y*factor))
	k := min(tileWide/f.Dx(), tileHigh/f.Dy()) &^ 3 // divisible by each factor
	return column{
		whole:  p.Resample(w, h),
		zoom:   zoomed.Resample(k*f.Dx(), k*f.Dy()),
		marked: image.Rect(f.Min.X*w/s.Width, f.Min.Y*h/s.Height, f.Max.X*w/s.Width, f.Max.Y*h/s.Height),
		size:   sizeOf(p),
	}
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

// title names the column.
func (col column) title() string {
	if col.model == nil {
		return "input"
	}
	return fmt.Sprintf("%s ×%d", col.model.name, 1<<col.times)
}

// subtitle gives the size and what was done.
func (col column) subtitle() string {
	if col.model == nil {
		return onSheet(col.size) + " pixels"
	}
	return fmt.Sprintf("%s, %s", onSheet(col.size), [...]string{1: geometry(col.model), 2: "the same layer twice"}[col.times])
}

// onSheet writes a size with the sign that the sheet's fonts have.
func onSheet(s size) string { return fmt.Sprintf("%d × %d", s.width, s.height) }

// geometry is how people write the layer's parameters.
func geometry(m *model) string {
	a := m.layer.Axes[0]
	return fmt.Sprintf("kernel %d, stride %d", a.Kernel, a.Stride)
}

// drawSheet lays out the contact sheet. Results of nearest are left out: they
// look like the input.
func drawSheet(s source, columns []column, models []model) (*image.RGBA, error) {
	c, err := newCanvas(sheetWidth, sheetHeight)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.RGBA, c.sheet(s, columns, models)
}

// sheet draws everything.
func (c *canvas) sheet(s source, columns []column, models []model) error {
	const wide = sheetWidth - 2*margin
	c.text(title, ink, margin, titleLine, wide, "One picture, enlarged by transposed convolutions")
	c.text(body, soft, margin, underLine, wide, fmt.Sprintf(
		"Upper row: all of %s (%s). Lower row: the framed part, each pixel of the result a square.", c.shorten(body, s.name, nameWide), onSheet(sizeOf(s.Picture))))
	for i, col := range columns[:columnsOf] {
		if err := c.result(col, columnAt(i)); err != nil {
			return err
		}
	}
	if err := c.cause(models); err != nil {
		return err
	}
	c.text(body, soft, margin, footLine, wide, "Drawn by  go run ./cmd/upconv demo  from the numbers that the kernels returned. The files beside this one hold every result at full size.")
	return nil
}

// columnAt is the left edge of column i.
func columnAt(i int) int { return margin + i*(tileWide+gap) }

// result draws one column of the upper part.
func (c *canvas) result(col column, x int) error {
	c.fill(image.Rect(x, ruleTop, x+tileWide, ruleTop+5), col.hue())
	c.text(heading, col.hue(), x, headLine, tileWide, col.title())
	c.text(body, soft, x, sizeLine, tileWide, col.subtitle())
	at := c.tile(col.whole, image.Pt(x, wholeTop))
	mark := col.marked.Add(at).Inset(-4)
	c.frame(mark, 4, dark)
	c.frame(mark.Inset(1), 2, bright)
	c.tile(col.zoom, image.Pt(x, closeTop))
	note, err := col.note()
	if err != nil {
		return err
	}
	c.text(body, ink, x, noteLine, tileWide, note)
	return nil
}

// note is the caption under the zoomed part.
func (col column) note() (string, error) {
	if col.model == nil {
		return "flat areas are flat", nil
	}
	phases, err := col.model.phaseGains(col.times)
	if err != nil {
		return "", err
	}
	low, high, _ := phases.spread()
	if high-low < 0.005 {
		return fmt.Sprintf("flat areas stay flat: gain %.2f", high), nil
	}
	return fmt.Sprintf("flat areas: gain %.2f to %.2f", low, high), nil
}

// tile puts a picture in the middle of a mount and returns where it begins.
func (c *canvas) tile(p *picture.Picture, at image.Point) image.Point {
	c.fill(image.Rect(at.X, at.Y, at.X+tileWide, at.Y+tileHigh), mount)
	at = at.Add(image.Pt((tileWide-p.Width)/2, (tileHigh-p.Height)/2))
	c.paste(p.RGBA(), at)
	return at
}
