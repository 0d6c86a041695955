package worksheet

import (
	"fmt"
	"strconv"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// input adds the table of the layer's input.
func (e *example) input() table { return e.values("input", e.axes[0].In, e.axes[1].In) }

// output adds the table of the layer's output.
func (e *example) output(cell func(y, x int) string) {
	e.table("output", e.axes[0].Out, e.axes[1].Out, cell)
}

// parameters adds the kernel and, where there is one, the bias, as a first term.
func (e *example) parameters() (kernel table, bias []string) {
	kernel = e.values("kernel", e.axes[0].Kernel, e.axes[1].Kernel)
	if e.layer.Bias {
		b := e.table("bias", 1, 1, func(int, int) string { return "0" })
		bias = []string{b.at(0, 0)}
	}
	return kernel, bias
}

// pairs are the indices of a table of the given size, row by row.
func pairs(height, width int) (list [][2]int) {
	for y := range height {
		for x := range width {
			list = append(list, [2]int{y, x})
		}
	}
	return list
}

// stamps: every input stamps the kernel onto a table of its own; their sum is the output.
func (e *example) stamps() {
	y, x := e.axes[0], e.axes[1]
	in := e.input()
	kernel, bias := e.parameters()
	var stamps []table
	for _, i := range pairs(y.In, x.In) {
		title := "stamp of the input in " + in.at(i[0], i[1])
		stamps = append(stamps, e.table(title, y.Out, x.Out, func(oy, ox int) string {
			if ky, kx := weight(y, i[0], oy), weight(x, i[1], ox); ky >= 0 && kx >= 0 {
				return "=" + in.at(i[0], i[1]) + "*" + kernel.at(ky, kx)
			}
			return ""
		}))
	}
	covering := func(oy, ox int) (list []string) {
		for n, i := range pairs(y.In, x.In) {
			if weight(y, i[0], oy) >= 0 && weight(x, i[1], ox) >= 0 {
				list = append(list, stamps[n].at(oy, ox))
			}
		}
		return list
	}
	e.output(func(oy, ox int) string { return sum(append(bias[:len(bias):len(bias)], covering(oy, ox)...)) })
	e.table("number of stamps at each output", y.Out, x.Out, func(oy, ox int) string { return strconv.Itoa(len(covering(oy, ox))) })
}

// weight is the kernel element that input i puts onto output o, or -1.
func weight(e specs.Extent, i, o int) int {
	behind := o + e.PadBegin - e.Stride*i
	if behind < 0 || behind%e.Dilation != 0 || behind/e.Dilation >= e.Kernel {
		return -1
	}
	return behind / e.Dilation
}

// windows: every output is the sum of the weights times the inputs below them.
func (e *example) windows() {
	in := e.input()
	kernel, bias := e.parameters()
	e.convolve(in, kernel, bias, specs.ZeroBorder, e.axes[0].In, e.axes[1].In)
}

// resized: the enlarged input, and the convolution of that.
func (e *example) resized() {
	y, x := e.axes[0], e.axes[1]
	in := e.input()
	kernel, bias := e.parameters()
	high, wide := y.In*y.Scale, x.In*x.Scale
	enlarge := e.nearest(in, specs.Asymmetric, specs.Floor, high, wide)
	if e.layer.Interpolation == specs.InterpolateBilinear {
		enlarge = e.linear(in, specs.HalfPixel, high, wide)
	}
	large := e.table("enlarged", high, wide, enlarge)
	e.axes[0].Stride, e.axes[1].Stride = 1, 1
	e.convolve(large, kernel, bias, e.layer.Border, high, wide)
}

// convolve adds the output of a convolution of a table of the given size.
func (e *example) convolve(in, kernel table, bias []string, border specs.Border, high, wide int) {
	y, x := e.axes[0], e.axes[1]
	e.output(func(oy, ox int) string {
		terms := bias[:len(bias):len(bias)]
		for _, k := range pairs(y.Kernel, x.Kernel) {
			iy := beyond(y.Stride*oy+y.Dilation*k[0]-y.PadBegin, high, border)
			ix := beyond(x.Stride*ox+x.Dilation*k[1]-x.PadBegin, wide, border)
			if iy >= 0 && ix >= 0 {
				terms = append(terms, in.at(iy, ix)+"*"+kernel.at(k[0], k[1]))
			}
		}
		return sum(terms)
	})
}

// beyond is the element of n that is found at i, or -1 for none.
func beyond(i, n int, border specs.Border) int {
	inside := i >= 0 && i < n
	switch {
	case inside:
		return i
	case border == specs.Replicate:
		return min(max(i, 0), n-1)
	case border == specs.Reflect && i < 0:
		return -i
	case border == specs.Reflect:
		return 2*(n-1) - i
	}
	return -1
}

// repeated: every output is the nearest input.
func (e *example) repeated() {
	in := e.input()
	e.output(e.nearest(in, e.layer.Coordinate, e.layer.Rounding, e.axes[0].Out, e.axes[1].Out))
}

// nearest are the cells of a nearest resize of a table.
func (e *example) nearest(in table, c specs.Coordinate, r specs.Rounding, high, wide int) func(y, x int) string {
	rows, columns := make([]int, high), make([]int, wide)
	polyphase.NearestMap(rows, e.axes[0].In, c, r)
	polyphase.NearestMap(columns, e.axes[1].In, c, r)
	return func(y, x int) string { return "=" + in.at(rows[y], columns[x]) }
}

// interpolated: every output weighs the nearest inputs.
func (e *example) interpolated() {
	in := e.input()
	e.output(e.linear(in, e.layer.Coordinate, e.axes[0].Out, e.axes[1].Out))
}

// linear are the cells of a linear resize of a table, with weights as fractions.
func (e *example) linear(in table, c specs.Coordinate, high, wide int) func(y, x int) string {
	rows, columns := make([]polyphase.Pair, high), make([]polyphase.Pair, wide)
	polyphase.LinearMap(rows, e.axes[0].In, c)
	polyphase.LinearMap(columns, e.axes[1].In, c)
	return func(y, x int) string {
		var terms []string
		for _, a := range shares(rows[y]) {
			for _, b := range shares(columns[x]) {
				terms = append(terms, in.at(a.input, b.input)+times(a.num*b.num, a.den*b.den))
			}
		}
		return sum(terms)
	}
}

// share is an input, and its weight as a fraction.
type share struct {
	input    int
	num, den int64
}

// shares are the one or two inputs of a pair.
func shares(p polyphase.Pair) []share {
	w := p.Weight
	if w.Num == 0 {
		return []share{{p.First, 1, 1}}
	}
	return []share{{p.First, w.Den - w.Num, w.Den}, {p.Second, w.Num, w.Den}}
}

// times spells a weight in lowest terms: nothing for 1.
func times(num, den int64) string {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	if num == den {
		return ""
	}
	return fmt.Sprintf("*%d/%d", num/a, den/a)
}
