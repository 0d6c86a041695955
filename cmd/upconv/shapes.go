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
	if l.Depthwise {
		out = in
	}
	var input, output []string
	weights := []string{in, groupWidth(l)}
	for i, a := range l.Spatial() {
		size := number(a.Input, axisNames[specs.MaxRank-l.Rank+i])
		input = append(input, size)
		weights = append(weights, strconv.Itoa(a.Kernel))
		output = append(output, outputSize(l, i, size))
	}
	return shapes{arrayShape(l, in, input), bracket(weights), bracket([]string{out}), arrayShape(l, out, output)}
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

// groupWidth is the number of output channels of a group: C_out/groups.
func groupWidth(l specs.Layer) string {
	switch {
	case l.Depthwise:
		return "1"
	case l.OutChannels != 0:
		return strconv.Itoa(l.OutChannels / l.Groups)
	case l.Groups == 1:
		return "C_out"
	}
	return "C_out/" + strconv.Itoa(l.Groups)
}

// outputSize is a number, or Stride*size + a constant for a free size.
func outputSize(l specs.Layer, axis int, size string) string {
	a, p := l.Axes[axis], l.Padding
	switch {
	case a.OutputSize != 0:
		return strconv.Itoa(a.OutputSize)
	case a.Input != 0:
		e, err := l.Extent(axis, a.Input)
		if err != nil {
			return "?"
		}
		return strconv.Itoa(e.Out)
	}
	rest := 0 // same_upper and same_lower: the stride times the size
	if p == specs.Explicit || p == specs.Valid {
		rest = a.OutputPadding + a.Dilation*(a.Kernel-1) + 1 - a.Stride - a.PadBegin - a.PadEnd
	}
	text := size
	if a.Stride != 1 {
		text = strconv.Itoa(a.Stride) + size
	}
	if rest != 0 {
		text += fmt.Sprintf("%+d", rest)
	}
	return text
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
