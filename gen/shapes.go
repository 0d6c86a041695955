package gen

import (
	"fmt"
	"strings"

	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs"
)

// explainShapes prints arrays, work and overlaps of a layer.
func explainShapes(l specs.Layer) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "layer    %s\n", l.Canonical())
	fmt.Fprintf(&b, "input    %s\n", array(l, channelCount(l.InChannels, "C_in"), inputSizes(l)))
	fmt.Fprintf(&b, "output   %s\n", array(l, channelCount(l.OutChannels, outChannels(l)), outputSizes(l)))
	if l.Op.Weighted() {
		fmt.Fprintf(&b, "weights  [%s]\n", strings.Join(weightSizes(l), ", "))
		fmt.Fprintf(&b, "work     %s\n", work(l))
	}
	if l.Add {
		b.WriteString("then     a residual of the output's shape is added\n")
	}
	if l.Activation.Function != specs.None {
		fmt.Fprintf(&b, "then     %s\n", l.Activation)
	}
	if l.Op == specs.ConvTranspose {
		b.WriteString(overlaps(l))
	}
	return b.String(), nil
}

// outChannels is the name of a free number of output channels.
func outChannels(l specs.Layer) string {
	if l.Op.KeepsChannels() {
		return "C_in"
	}
	return "C_out"
}

// array spells the shape of an array in the layer's layout.
func array(l specs.Layer, channels, sizes string) string {
	if l.Layout == specs.NHWC {
		return fmt.Sprintf("[N, %s, %s]", sizes, channels)
	}
	return fmt.Sprintf("[N, %s, %s]", channels, sizes)
}

func channelCount(n int, free string) string {
	if n == 0 {
		return free
	}
	return fmt.Sprint(n)
}

func inputSizes(l specs.Layer) string {
	var sizes []string
	for i, a := range l.Spatial() {
		sizes = append(sizes, channelCount(a.Input, "in_"+axisNames(l.Rank)[i]))
	}
	return strings.Join(sizes, ", ")
}

// outputSizes prints numbers where the input is fixed, else a formula.
func outputSizes(l specs.Layer) string {
	var sizes []string
	for i, a := range l.Spatial() {
		e, err := l.Extent(i, a.Input)
		f, ok := l.Formula(i)
		switch {
		case err == nil:
			sizes = append(sizes, fmt.Sprint(e.Out))
		case !ok && a.OutputSize == 0:
			sizes = append(sizes, "out_"+axisNames(l.Rank)[i])
		case !ok:
			sizes = append(sizes, fmt.Sprint(a.OutputSize))
		default:
			sizes = append(sizes, formulaText(f, "in_"+axisNames(l.Rank)[i]))
		}
	}
	return strings.Join(sizes, ", ")
}

// formulaText spells (times*in + plus)/by without what changes nothing.
func formulaText(f specs.Formula, in string) string {
	text := in
	if f.Times != 1 {
		text = fmt.Sprintf("%d*%s", f.Times, in)
	}
	if f.Plus != 0 {
		text += fmt.Sprintf("%+d", f.Plus)
	}
	switch {
	case f.By == 1:
		return text
	case f.Plus != 0:
		text = "(" + text + ")"
	}
	return fmt.Sprintf("%s/%d", text, f.By)
}

func weightSizes(l specs.Layer) []string {
	out := channelCount(l.OutChannels, "C_out")
	switch {
	case l.Depthwise:
		out = "1"
	case l.OutChannels != 0:
		out = fmt.Sprint(l.OutChannels / l.Groups)
	case l.Groups > 1:
		out = fmt.Sprintf("C_out/%d", l.Groups)
	}
	sizes := []string{channelCount(l.InChannels, "C_in"), out}
	if l.Op != specs.ConvTranspose {
		sizes = []string{channelCount(l.OutChannels, "C_out"), groupIn(l)}
	}
	for _, a := range l.Spatial() {
		sizes = append(sizes, fmt.Sprint(a.Kernel))
	}
	return sizes
}

// groupIn is the number of input channels of a group.
func groupIn(l specs.Layer) string {
	switch {
	case l.Depthwise:
		return "1"
	case l.InChannels != 0:
		return fmt.Sprint(l.InChannels / l.Groups)
	case l.Groups > 1:
		return fmt.Sprintf("C_in/%d", l.Groups)
	}
	return "C_in"
}

// work counts two operations for every pair of an input and a kernel element,
// also for those that padding crops away; for conv and resize_conv, for every pair
// of an output and a kernel element.
func work(l specs.Layer) string {
	n, known := 2, true
	var factors []string
	times := func(v int, free string) {
		known = known && v != 0
		n *= max(v, 1)
		factors = append(factors, channelCount(v, free))
	}
	times(l.InChannels, "C_in")
	switch {
	case l.Depthwise:
	case l.OutChannels != 0:
		times(l.OutChannels/l.Groups, "")
	case l.Groups > 1:
		times(0, fmt.Sprintf("C_out/%d", l.Groups))
	default:
		times(0, "C_out")
	}
	for i, a := range l.Spatial() {
		times(a.Kernel, "")
		times(places(l, i))
	}
	if known {
		return fmt.Sprintf("%d FLOPs an image (2 * %s)", n, strings.Join(factors, " * "))
	}
	return fmt.Sprintf("2 * %s FLOPs an image", strings.Join(factors, " * "))
}

// places is the size that the kernel is applied at, and its name where it is free.
func places(l specs.Layer, axis int) (n int, name string) {
	if l.Op == specs.ConvTranspose {
		return l.Axes[axis].Input, "in_" + axisNames(l.Rank)[axis]
	}
	e, err := l.Extent(axis, 0)
	if err != nil {
		return 0, "out_" + axisNames(l.Rank)[axis]
	}
	return e.Out, ""
}

// overlapInputs and overlapOutputs bound what overlaps prints of an axis.
const (
	overlapInputs  = 5
	overlapOutputs = 24
)

// overlaps prints how many stamps cover each output, per axis, on a small input,
// and what follows for the checkerboard.
func overlaps(l specs.Layer) string {
	var b strings.Builder
	for i, a := range l.Spatial() {
		counts := overlap.Counts(overlap.Full(a, overlapInputs))
		text := strings.Trim(fmt.Sprint(counts[:min(len(counts), overlapOutputs)]), "[]")
		fmt.Fprintf(&b, "overlap  %s: %s (uncropped, %d inputs)\n", axisNames(l.Rank)[i], text, overlapInputs)
	}
	if overlap.Even(l) {
		b.WriteString("         even inside: every output sums the same number of stamps\n")
	} else {
		b.WriteString("         uneven: phases have different tap counts, so a checkerboard can appear\n")
	}
	return b.String()
}
