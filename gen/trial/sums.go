package trial

import (
	"slices"

	"github.com/upconv/upconv/internal/fma"
	"github.com/upconv/upconv/runtime/pack"
)

// product is one term of an output of channel m of a block: the input so many columns and
// rows of src after the first that its column q and row read, times weight Offset(term, m)
// of a panel.
type product struct {
	column, down, term int
	delta              int // of its tap
	section, before    int // order Channels: terms of its section, and of those before it
}

// products are the terms of the outputs of each y phase of a tile and each x phase, in the
// order that they are added in.
func (c Contract) products() (list [][][]product) {
	list = make([][][]product, c.lines)
	for line := range list {
		list[line] = make([][]product, c.x.OutStride)
	}
	add := func(line, phase int, p product) {
		p.column, _ = c.x.Place(p.delta)
		p.column += c.lead
		list[line][phase] = append(list[line][phase], p)
	}
	if c.plan.Rows > 0 {
		least, _ := c.y.Reach()
		for n, t := range c.layout.RowTerms(c.y, c.x) {
			add(t.Row, t.Phase, product{delta: t.Delta, down: t.Down - least, term: n})
		}
		return list
	}
	before := 0
	for _, section := range c.layout.Sections(c.x) {
		for n, t := range section {
			_, down := c.x.Place(t.Delta)
			p := product{delta: t.Delta, down: down, term: before + n}
			if c.layout.Order == pack.Channels {
				p.term, p.section, p.before = n, len(section), before
			}
			add(0, t.Phase, p)
		}
		before += len(section)
	}
	return list
}

// Sums are what a call has to leave in its outputs: the comment of runtime.Func, output by
// output and term by term, in the documented order and with the target's rounding. Of the
// nest it knows nothing; what is no output keeps the value that dst has.
func (c Contract) Sums(call Call) []float32 {
	dst, a := slices.Clone(call.Args.Slices[0]), call.Args.Ints
	products := c.products()
	for row := range a[rows] {
		for line := range c.lines {
			for m := range c.layout.Channels {
				for i := range a[width] {
					phase, q := c.x.Position(i)
					s := sum{c, call, m, row, q, phase}
					at := m*a[dstPlane] + (row*c.lines+line)*a[dstRow] + i
					if c.layout.Order == pack.Channels {
						at = row*a[dstRow] + i*a[dstPlane] + m
					}
					dst[at] = s.of(products[line][phase], dst[at])
				}
			}
		}
	}
	return dst
}

// sum is one output of a call.
type sum struct {
	Contract
	call              Call
	m, row, q, xPhase int
}

// of adds up the products of all input channels and y taps.
func (s sum) of(products []product, before float32) float32 {
	a, total := s.call.Args.Ints, before
	if a[again] == 0 {
		total = s.call.Args.Slices[3][s.bias()]
	}
	for channel := range a[channels] {
		for tap := range s.taps(a) {
			for _, p := range products {
				x, w := s.input(p, channel, tap), s.call.Args.Slices[2][s.weight(p, channel, tap)]
				if s.plan.Target.Fused {
					total = fma.Float32(x, w, total)
				} else {
					total += float32(x * w)
				}
			}
		}
	}
	return total
}

// bias is the place of the output's bias.
func (s sum) bias() int {
	if s.layout.Order == pack.Phases {
		return s.m*s.layout.Section + s.xPhase
	}
	return s.m
}

// input is what a product reads; beyond the ends of a row that has no copy it is 0.
func (s sum) input(p product, channel, tap int) float32 {
	a := s.call.Args.Ints
	if s.plan.Masked && (s.q+p.delta < 0 || s.q+p.delta >= a[srcRow]) {
		return 0
	}
	at := channel*a[srcPlane] + tap*a[srcTap] + (s.row*s.apart+p.down)*a[srcRow]
	return s.call.Args.Slices[1][at+p.column*max(1, s.plan.Shifted)+s.q]
}

// weight is the place of a product's weight.
func (s sum) weight(p product, channel, tap int) int {
	a, offset := s.call.Args.Ints, s.layout.Offset(s.x, p.term, s.m)
	if s.layout.Order == pack.Channels {
		return p.before*a[termStep] + p.section*(a[termSkip]+channel*a[weightStep]+tap*s.layout.Channels) + offset
	}
	return channel*a[weightStep] + tap*s.panel + offset
}

// taps is the number of y taps that a call walks.
func (c Contract) taps(a []int) int {
	if c.plan.RowTaps <= 1 {
		return 1
	}
	return a[taps]
}
