package worksheet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/upconv/upconv/specs"
)

// nails: every input is the first of a block of zeros.
func (e *example) nails() {
	in := e.input()
	sy, sx := e.axes[0].Scale, e.axes[1].Scale
	e.output(func(y, x int) string {
		if y%sy != 0 || x%sx != 0 {
			return "0"
		}
		return "=" + in.at(y/sy, x/sx)
	})
}

// pooled: every output is the largest input of its window.
func (e *example) pooled() {
	in := e.input()
	y, x := e.axes[0], e.axes[1]
	e.output(func(oy, ox int) string {
		var window []string
		for _, k := range pairs(y.Kernel, x.Kernel) {
			iy, ix := y.Stride*oy+y.Dilation*k[0]-y.PadBegin, x.Stride*ox+x.Dilation*k[1]-x.PadBegin
			if iy >= 0 && iy < y.In && ix >= 0 && ix < x.In {
				window = append(window, in.at(iy, ix))
			}
		}
		return "=MAX(" + strings.Join(window, ",") + ")"
	})
}

// unpooled: every output is the input whose index it has.
func (e *example) unpooled() {
	in := e.input()
	y, x := e.axes[0], e.axes[1]
	first := func(iy, ix int) string { // element of the window, as if the maximum were there
		at := func(e specs.Extent, i int) int { return min(max(0, e.Stride*i-e.PadBegin), e.Out-1) }
		return strconv.Itoa(at(y, iy)*x.Out + at(x, ix))
	}
	indices := e.table("indices, each another one, counted along the rows of the output", y.In, x.In, first)
	e.output(func(oy, ox int) string {
		var terms []string
		for _, i := range pairs(y.In, x.In) {
			terms = append(terms, fmt.Sprintf("(%s=%d)*%s", indices.at(i[0], i[1]), oy*x.Out+ox, in.at(i[0], i[1])))
		}
		return sum(terms)
	})
}

// shuffled: every output is a pixel of one of the channels.
func (e *example) shuffled() {
	y, x := e.axes[0], e.axes[1]
	var channels []table
	for c := range y.Scale * x.Scale {
		channels = append(channels, e.table(fmt.Sprintf("input, channel %d", c), y.In, x.In, func(iy, ix int) string {
			return strconv.Itoa((c*y.In+iy)*x.In + ix)
		}))
	}
	e.output(func(oy, ox int) string {
		return "=" + channels[oy%y.Scale*x.Scale+ox%x.Scale].at(oy/y.Scale, ox/x.Scale)
	})
}

// unshuffled: every channel of the output has one pixel of each block.
func (e *example) unshuffled() {
	in := e.input()
	y, x := e.axes[0], e.axes[1]
	for c := range y.Scale * x.Scale {
		e.table(fmt.Sprintf("output, channel %d", c), y.Out, x.Out, func(oy, ox int) string {
			return "=" + in.at(oy*y.Scale+c/x.Scale, ox*x.Scale+c%x.Scale)
		})
	}
}
