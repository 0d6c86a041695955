package kerneltest

import (
	"slices"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// size is a proposal for what a layer leaves open.
type size struct {
	batch   int
	input   [specs.MaxRank]int // innermost axes last
	in, out int                // channels of a group
}

// sizes are tried in this order while the work stays within the budget: sizes
// that are odd, one, taller than wide and wider than a tile; channel counts that
// differ and divide by no vector length, and some that do.
var sizes = []size{
	{2, [3]int{2, 3, 19}, 3, 5},
	{1, [3]int{1, 1, 1}, 1, 2},
	{1, [3]int{3, 7, 5}, 17, 9},
	{3, [3]int{1, 2, 35}, 8, 16},
	{2, [3]int{4, 1, 10}, 5, 3},
	{1, [3]int{2, 6, 67}, 2, 19},
	{parallel, [3]int{1, 16, 16}, 12, 33},
	{1, [3]int{1, 2, 3}, manyChannels, 2},
	{1, [3]int{1, 1, 67}, manyChannels, 1},
}

// manyChannels is a number of input channels whose sums a kernel takes in passes.
const manyChannels = 260

// parallel stands for the batch size that gives parallelWork multiply-adds, enough
// for the runtime to use several goroutines.
const (
	parallel     = 0
	parallelWork = 1 << 20
)

// fallback is for layers whose channels alone exceed the budget.
var fallback = size{1, [3]int{1, 3, 11}, 3, 5}

// casesWork bounds the multiply-adds of all cases of a layer, for a kernel that
// works through one element at a time; a vector kernel may do more.
const (
	casesWork       = 1 << 25
	vectorCasesWork = 1 << 27
)

// Cases lists what a layer is checked with: fields that it fixes stay, open ones
// take several values. Every other case has the bias the other way round, because
// one kernel serves both. The cases together stay within budget multiply-adds,
// except that one as wide as the layer allows is always returned, and one with the
// other bias unless it is very large. The error says why no input fits the layer.
func Cases(l specs.Layer, budget int) ([]Case, error) {
	var cases []Case
	wide := map[bool]bool{} // with and without bias, a case has more than one element in a row
	for i, s := range sizes {
		c, p, err := s.fit(l, l.Bias == (i%2 == 0))
		if err != nil {
			return nil, err
		}
		if p.work() > budget || slices.Contains(cases, c) {
			continue
		}
		budget -= p.work()
		wide[c.Layer.Bias] = wide[c.Layer.Bias] || p.sizeIn[specs.MaxRank-1] > 1
		cases = append(cases, c)
	}
	for _, bias := range []bool{l.Bias, !l.Bias} {
		if wide[bias] {
			continue
		}
		c, p, err := fallback.fit(l, bias)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(cases, c) && (bias == l.Bias || p.work() <= secondWork) {
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// secondWork is the most multiply-adds of a case beyond the budget that is run both
// with and without the bias.
const secondWork = 1 << 26

// fit fills in what the layer leaves open.
func (s size) fit(l specs.Layer, bias bool) (Case, *problem, error) {
	l.Name, l.Bias = "", bias && l.Op.Takes("bias")
	l.InChannels, l.OutChannels = s.channels(l)
	shape := runtime.Shape{Batch: s.batch}
	for i := range l.Spatial() {
		shape.Input[i] = admit(&l, i, s.input[specs.MaxRank-l.Rank+i])
	}
	if s.batch == parallel {
		shape.Batch = 1
		p, err := newProblem(l, shape)
		if err != nil {
			return Case{}, nil, err
		}
		shape.Batch = 1 + parallelWork/p.work()
	}
	p, err := newProblem(l, shape)
	return Case{l, shape}, p, err
}

// widestVector is how many lanes a vector has at most.
const widestVector = 16

// channels returns the layer's channels, the open ones filled in.
func (s size) channels(l specs.Layer) (in, out int) {
	if l.Depthwise {
		c := max(l.InChannels, l.OutChannels)
		if c == 0 {
			c = max(s.in, s.out)
		}
		return c, c
	}
	if l = l.WithChannels(); !l.Op.Weighted() && l.InChannels == 0 {
		if l.Layout == specs.NHWC && (l.Op == specs.MaxUnpool || l.Order == specs.DCR) {
			s.in += widestVector // fewer have no kernel
		}
		l.InChannels = s.in
		if l.Op == specs.PixelShuffle {
			l.InChannels, l.OutChannels = 0, s.in
		}
		l = l.WithChannels()
	}
	in, out = l.InChannels, l.OutChannels
	if in == 0 {
		in = l.Groups * s.in
	}
	if out == 0 {
		out = l.Groups * s.out
	}
	return in, out
}

// admit returns the input size of an axis: the fixed one, or the first from want
// on that gives an output, or the largest below.
func admit(l *specs.Layer, axis, want int) int {
	a := l.Axes[axis]
	if a.Input != 0 {
		return a.Input
	}
	fits := func(in int) bool {
		_, err := l.Extent(axis, in)
		return err == nil
	}
	most := want + a.OutputSize + a.PadBegin + a.PadEnd + max(0, a.Dilation*(a.Kernel-1)) + a.Scale
	for in := want; in <= most; in++ {
		if fits(in) {
			return in
		}
	}
	for in := want - 1; in > 0; in-- {
		if fits(in) {
			return in
		}
	}
	return want
}
