package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/figure"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs"
)

// The picture's input on each axis, and the most outputs it shows.
const (
	drawnInputs  = 4
	drawnOutputs = 40
)

// drawOverlap writes the picture that the file's name asks for.
func drawOverlap(path string, l specs.Layer) error {
	encode, ok := overlapEncoders[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return fmt.Errorf("%s: an overlap is drawn as .svg or .png", path)
	}
	g, err := overlapGrid(l)
	if err != nil {
		return err
	}
	return outdir.WriteFile(path, func(w io.Writer) error { return encode(w, g, l) })
}

// writePage writes the page of a layer. The worked example has the layer's stride and,
// where that leaves something of it, its padding at the beginning.
func writePage(path string, l specs.Layer) error {
	g, err := overlapGrid(l)
	if err != nil {
		return err
	}
	steps := figure.Steps{Stride: [2]int{1, 1}}
	for i, a := range l.Spatial() {
		steps.Stride[2-l.Rank+i] = min(a.Stride, drawnInputs)
		steps.Padding[2-l.Rank+i] = a.PadBegin
	}
	if steps.Empty() {
		steps.Padding = [2]int{}
	}
	verdict, err := gen.Explain(l, "checkerboard")
	if err != nil {
		return err
	}
	return outdir.WriteFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, figure.Page(l.Canonical(), g, verdict, steps))
		return err
	})
}

// overlapEncoders are the kinds of pictures, by the name's ending.
var overlapEncoders = map[string]func(io.Writer, figure.Grid, specs.Layer) error{
	".svg": func(w io.Writer, g figure.Grid, l specs.Layer) error {
		_, err := io.WriteString(w, g.SVG("Stamps at each output of "+l.Canonical()+", for a small input"))
		return err
	},
	".png": func(w io.Writer, g figure.Grid, _ specs.Layer) error { return g.PNG(w) },
}

// overlapGrid is the number of stamps at each output, as the layer crops it; a layer of
// one axis has one row.
func overlapGrid(l specs.Layer) (figure.Grid, error) {
	if l.Op != specs.ConvTranspose {
		return nil, fmt.Errorf("a %s has no stamps that overlap; only those of conv_transpose are drawn", l.Op)
	}
	if l.Rank > 2 {
		return nil, fmt.Errorf("layer %s has %d spatial axes; one or two can be drawn", l.Canonical(), l.Rank)
	}
	axes := [][]int{{1}}
	for i := range l.Spatial() {
		counts, err := overlap.Small(l, i, drawnInputs, drawnOutputs)
		if err != nil {
			return nil, err
		}
		axes = append(axes, counts)
	}
	last := len(axes) - 1
	return figure.Overlap(axes[last-1], axes[last]), nil
}
