package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/upconv/upconv/specs"
)

// shapes are the shapes of a layer's arrays as text; sizes that the layer leaves
// free are letters.
type shapes struct{ input, weights, bias, output string }

// axisNames are the letters of the spatial axes; a layer has the last ones.
var axisNames = [specs.MaxRank]string{"D", "H", "W"}

func shapesOf(l specs.Layer) shapes {
	in, out := number(l.InChannels, "C_in"), number(l.OutChannels, "C_out")
	if l.Depthwise || l.Op.KeepsChannels() {
		out = in
	}
	var input, output []string
	weights := []string{in, groupWidth(l.OutChannels, "C_out", l)}
	if l.Op != specs.ConvTranspose {
		weights = []string{out, groupWidth(l.InChannels, "C_in", l)}
	}
	for i, a := range l.Spatial() {
		size := number(a.Input, axisNames[specs.MaxRank-l.Rank+i])
		input = append(input, size)
		weights = append(weights, strconv.Itoa(a.Kernel))
		output = append(output, outputSize(l, i, size))
	}
	s := shapes{arrayShape(l, in, input), "none", "none", arrayShape(l, out, output)}
	if l.Op.Weighted() {
		s.weights, s.bias = bracket(weights), bracket([]string{out})
	}
	return s
}

// arrayShape spells the shape of an array in the layer's layout.
func arrayShape(l specs.Layer, channels string, sizes []string) string {
	if l.Layout == specs.NHWC {
		return bracket(slices.Concat([]string{"N"}, sizes, []string{channels}))
	}
	return bracket(slices.Concat([]string{"N", channels}, sizes))
}

// number is n, or a letter for one that is free.
func number(n int, free string) string {
	if n == 0 {
		return free
	}
	return strconv.Itoa(n)
}

// groupWidth is the number of channels of a group: C_out/groups.
func groupWidth(channels int, free string, l specs.Layer) string {
	switch {
	case l.Depthwise:
		return "1"
	case !l.Op.Weighted() || channels == 0 && l.Groups == 1:
		return free
	case channels != 0:
		return strconv.Itoa(channels / l.Groups)
	}
	return free + "/" + strconv.Itoa(l.Groups)
}

// outputSize is a number, or a formula of a free size.
func outputSize(l specs.Layer, axis int, size string) string {
	a := l.Axes[axis]
	f, ok := l.Formula(axis)
	switch {
	case a.OutputSize != 0:
		return strconv.Itoa(a.OutputSize)
	case a.Input != 0:
		e, err := l.Extent(axis, a.Input)
		if err != nil {
			return "?"
		}
		return strconv.Itoa(e.Out)
	case !ok:
		return "out_" + size
	}
	text := size
	if f.Times != 1 {
		text = strconv.Itoa(f.Times) + size
	}
	if f.Plus != 0 {
		text += fmt.Sprintf("%+d", f.Plus)
	}
	switch {
	case f.By == 1:
		return text
	case f.Plus == 0:
		return fmt.Sprintf("%s/%d", text, f.By)
	}
	return fmt.Sprintf("(%s)/%d", text, f.By)
}

func bracket(parts []string) string { return "[" + strings.Join(parts, ", ") + "]" }

// shapeText spells the shape of an array.
func shapeText(shape []int) string {
	var parts []string
	for _, n := range shape {
		parts = append(parts, strconv.Itoa(n))
	}
	return bracket(parts)
}
