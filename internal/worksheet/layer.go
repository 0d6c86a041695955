package worksheet

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// The most that a sheet shows.
const (
	maxSide    = 40  // cells of a table along an axis
	maxWeights = 256 // terms of a formula
)

// example is the layer that a sheet is about, of one channel and as if it had two axes.
type example struct {
	Sheet
	layer specs.Layer
	axes  [2]specs.Extent
}

// pages lay out the tables of each op.
var pages = map[specs.Op]func(*example){
	specs.ConvTranspose:  (*example).stamps,
	specs.Conv:           (*example).windows,
	specs.ResizeConv:     (*example).resized,
	specs.Nearest:        (*example).repeated,
	specs.Bilinear:       (*example).interpolated,
	specs.BedOfNails:     (*example).nails,
	specs.MaxPool:        (*example).pooled,
	specs.MaxUnpool:      (*example).unpooled,
	specs.PixelShuffle:   (*example).shuffled,
	specs.PixelUnshuffle: (*example).unshuffled,
}

// Of is the sheet of a layer of one or two axes: one channel of it on a small input,
// before a residual and an activation.
func Of(l specs.Layer) (*Sheet, error) {
	if l.Rank > 2 {
		return nil, fmt.Errorf("layer %s has %d spatial axes; a spreadsheet has room for one or two", l.Canonical(), l.Rank)
	}
	e := &example{layer: l, axes: [2]specs.Extent{{In: 1, Out: 1, Kernel: 1, Stride: 1, Scale: 1, Dilation: 1}, {}}}
	for i := range l.Spatial() {
		extent, err := small(l, i)
		if err != nil {
			return nil, err
		}
		e.axes[2-l.Rank+i] = extent
	}
	if err := e.fits(); err != nil {
		return nil, err
	}
	e.note(l.Canonical() + ": one channel of a small input")
	e.note("")
	pages[l.Op](e)
	return &e.Sheet, nil
}

// fits reports a layer that is too large for a sheet.
func (e *example) fits() error {
	y, x := e.axes[0], e.axes[1]
	switch {
	case max(y.In, x.In, y.Out, x.Out) > maxSide:
		return fmt.Errorf("layer %s makes [%d, %d] of [%d, %d] here; a spreadsheet shows at most %d a side",
			e.layer.Canonical(), y.Out, x.Out, y.In, x.In, maxSide)
	case y.Kernel*x.Kernel > maxWeights || e.blocks() && y.Scale*x.Scale > maxWeights:
		return fmt.Errorf("layer %s has too many weights for a spreadsheet, which has room for %d", e.layer.Canonical(), maxWeights)
	}
	return nil
}

// blocks reports a layer that turns channels into pixels or back.
func (e *example) blocks() bool {
	return e.layer.Op == specs.PixelShuffle || e.layer.Op == specs.PixelUnshuffle
}

// small is the extent of an axis for a small input, whatever the layer says, unless the
// output is given in numbers: then the layer is not the same for another one.
func small(l specs.Layer, axis int) (specs.Extent, error) {
	a := &l.Axes[axis]
	least := 2
	switch {
	case a.Scale == 0 && a.OutputSize != 0 && l.Op.Takes("coordinate"):
		least = max(a.Input, least)
	case l.Op == specs.Conv || l.Op == specs.MaxPool:
		least = max(1, a.Dilation*(a.Kernel-1)+1+a.Stride-a.PadBegin-a.PadEnd)
		fallthrough
	default:
		a.Input, a.OutputSize = 0, 0
	}
	if l.Op == specs.PixelUnshuffle {
		least = 2 * a.Scale
	}
	for in := least; ; in++ {
		e, err := l.Extent(axis, in)
		if err == nil || in >= maxSide {
			return e, err
		}
	}
}
