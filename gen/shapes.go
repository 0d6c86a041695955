package gen

import (
	"fmt"
	"strings"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// explainShapes prints arrays, work and overlaps of a layer.
func explainShapes(l specs.Layer) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "layer    %s\n", l.Canonical())
	fmt.Fprintf(&b, "input    %s\n", array(l, channelCount(l.InChannels, "C_in"), inputSizes(l)))
	fmt.Fprintf(&b, "output   %s\n", array(l, channelCount(l.OutChannels, "C_out"), outputSizes(l)))
	fmt.Fprintf(&b, "weights  [%s]\n", strings.Join(weightSizes(l), ", "))
	fmt.Fprintf(&b, "work     %s\n", work(l))
	overlap, err := overlaps(l)
	b.WriteString(overlap)
	return b.String(), err
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
	geometries, ok := polyphase.Geometries(&l)
	var sizes []string
	for i, a := range l.Spatial() {
		e, err := l.Extent(i, a.Input)
		switch {
		case err == nil:
			sizes = append(sizes, fmt.Sprint(e.Out))
		case ok && a.OutputSize == 0:
			x := polyphase.Transposed(geometries[i])
			sizes = append(sizes, fmt.Sprintf("%d*in_%s%+d", x.OutStride, axisNames(l.Rank)[i], x.OutExtra))
		default:
			sizes = append(sizes, fmt.Sprint(a.OutputSize))
		}
	}
	return strings.Join(sizes, ", ")
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
	for _, a := range l.Spatial() {
		sizes = append(sizes, fmt.Sprint(a.Kernel))
	}
	return sizes
}

// work counts two operations for every pair of an input and a kernel element,
// also for those that padding crops away.
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
	default:
		times(0, fmt.Sprintf("C_out/%d", l.Groups))
	}
	for i, a := range l.Spatial() {
		times(a.Kernel, "")
		times(a.Input, "in_"+axisNames(l.Rank)[i])
	}
	if known {
		return fmt.Sprintf("%d FLOPs an image (2 * %s)", n, strings.Join(factors, " * "))
	}
	return fmt.Sprintf("2 * %s FLOPs an image", strings.Join(factors, " * "))
}

// overlaps prints how many stamps cover each output, per axis, on a small input,
// and what follows for the checkerboard.
func overlaps(l specs.Layer) (string, error) {
	var b strings.Builder
	even := true
	for i, a := range l.Spatial() {
		x := polyphase.Transposed(polyphase.Geometry{Kernel: a.Kernel, Stride: a.Stride, Dilation: a.Dilation})
		const in = 5
		var counts []string
		for o := range min(x.Out(in), 24) {
			n := 0
			for range x.Terms(o, in) {
				n++
			}
			counts = append(counts, fmt.Sprint(n))
		}
		fmt.Fprintf(&b, "overlap  %s: %s (uncropped, %d inputs)\n", axisNames(l.Rank)[i], strings.Join(counts, " "), in)
		even = even && x.MinTaps() == x.MaxTaps()
	}
	if even {
		b.WriteString("         even inside: every output sums the same number of stamps\n")
	} else {
		b.WriteString("         uneven: phases have different tap counts, so a checkerboard can appear\n")
	}
	return b.String(), nil
}
