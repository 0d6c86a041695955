package specs

import (
	"fmt"
	"slices"
)

// Problem is one fault of a layer.
type Problem struct {
	Field   string // key of the spec file, such as "kernel" or "padding.begin"
	Index   int    // element of the field's list (the axis), or -1
	Message string // one sentence that names the field and its value
	Cap     Cap    // of the Limits that it is beyond; "" for any other problem
}

// String returns the message, after the axis it is about.
func (p Problem) String() string {
	if p.Index < 0 {
		return p.Message
	}
	return fmt.Sprintf("axis %d: %s", p.Index, p.Message)
}

// Validate returns every problem of the layer within DefaultLimits, in the
// order of the fields. A layer without problems has a canonical name, and its
// shapes can be computed. An empty Name is none: a layer need not have one.
func (l Layer) Validate() []Problem { return l.ValidateWithin(DefaultLimits()) }

// ValidateWithin is Validate with other caps.
func (l Layer) ValidateWithin(limits Limits) []Problem {
	c := &checker{layer: l, limits: limits}
	if l.Rank < 1 || l.Rank > MaxRank {
		c.fault(l.Op.rankKey(), -1, "%s has %d elements; a layer has 1 to %d spatial axes", l.Op.rankKey(), l.Rank, MaxRank)
		return c.problems
	}
	for _, check := range checks {
		if check.key == "" || l.Op.Takes(check.key) {
			check.run(c)
		}
	}
	return c.problems
}

// rankKey is the key whose list has one element for each axis.
func (o Op) rankKey() string {
	if o.Takes("scale") && !o.Takes("kernel") {
		return "scale"
	}
	return "kernel"
}

// checks is what Validate looks at, in the order of the report. A check that
// relates fields to each other is silent while one of them is faulty itself. A
// check of a key is for the ops that take it.
var checks = [...]struct {
	key string
	run func(*checker)
}{
	{"", (*checker).name}, {"", (*checker).op}, {"", (*checker).untaken},
	{"kernel", (*checker).kernel}, {"stride", (*checker).stride}, {"scale", (*checker).scale},
	{"padding", (*checker).padding}, {"output_padding", (*checker).outputPadding}, {"output_size", (*checker).outputSize},
	{"dilation", (*checker).dilation}, {"", (*checker).choices},
	{"groups", (*checker).groups}, {"depthwise", (*checker).depthwise}, {"", (*checker).channels}, {"", (*checker).sameChannels},
	{"input", (*checker).input}, {"activation", (*checker).activation}, {"", (*checker).unusedAxes},
	{"", (*checker).extents}, {"groups", (*checker).weights}, {"", (*checker).tensors},
}

// checker collects the problems of one layer.
type checker struct {
	layer    Layer
	limits   Limits
	problems []Problem
}

func (c *checker) fault(field string, index int, format string, args ...any) {
	c.problems = append(c.problems, Problem{Field: field, Index: index, Message: fmt.Sprintf(format, args...)})
}

// inRange reports a value outside [least, most].
func (c *checker) inRange(field string, index, value, least, most int) bool {
	switch {
	case value < least:
		c.fault(field, index, "%s is %d; it must be at least %d", field, value, least)
	case value > most:
		c.fault(field, index, "%s is %d; it must be at most %d", field, value, most)
	default:
		return true
	}
	return false
}

func (c *checker) name() {
	if c.layer.Name == "" {
		return
	}
	if err := CheckName(c.layer.Name); err != nil {
		c.fault("name", -1, "%v", err)
	}
}

func (c *checker) op() {
	if !c.layer.Op.Known() {
		c.fault("op", -1, "op %s is not supported; supported: %s", Quote(string(c.layer.Op)), opNames())
	}
}

// untaken reports fields that the op does not take.
func (c *checker) untaken() {
	l := c.layer
	if !l.Op.Known() {
		return
	}
	for _, f := range fields {
		if !l.Op.Takes(f.key) && f.given(&l) {
			c.fault(f.key, -1, "%s has no %s", l.Op, f.key)
		}
	}
}

// fields are those that some op does not take, in the order of the report.
var fields = []struct {
	key   string
	given func(*Layer) bool
}{
	{"kernel", anyAxis(func(a Axis) int { return a.Kernel })},
	{"stride", anyAxis(func(a Axis) int { return a.Stride })},
	{"scale", anyAxis(func(a Axis) int { return a.Scale })},
	{"padding", func(l *Layer) bool { return l.Padding != Explicit || padded(l) }},
	{"output_padding", anyAxis(func(a Axis) int { return a.OutputPadding })},
	{"output_size", anyAxis(func(a Axis) int { return a.OutputSize })},
	{"dilation", anyAxis(func(a Axis) int { return a.Dilation })},
	{"coordinate", func(l *Layer) bool { return l.Coordinate != "" }},
	{"rounding", func(l *Layer) bool { return l.Rounding != "" }},
	{"ceil_mode", func(l *Layer) bool { return l.CeilMode }},
	{"indices", func(l *Layer) bool { return l.Indices != "" }},
	{"order", func(l *Layer) bool { return l.Order != "" }},
	{"interpolation", func(l *Layer) bool { return l.Interpolation != "" }},
	{"border", func(l *Layer) bool { return l.Border != "" }},
	{"groups", func(l *Layer) bool { return l.Groups != 0 }},
	{"depthwise", func(l *Layer) bool { return l.Depthwise }},
	{"bias", func(l *Layer) bool { return l.Bias }},
	{"activation", func(l *Layer) bool { return l.Activation != Activation{} }},
	{"add", func(l *Layer) bool { return l.Add }},
}

func anyAxis(of func(Axis) int) func(*Layer) bool {
	return func(l *Layer) bool {
		return slices.ContainsFunc(l.Spatial(), func(a Axis) bool { return of(a) != 0 })
	}
}

func padded(l *Layer) bool {
	return anyAxis(func(a Axis) int { return a.PadBegin })(l) || anyAxis(func(a Axis) int { return a.PadEnd })(l)
}

// choices checks the words.
func (c *checker) choices() {
	for _, choice := range c.layer.Op.Choices() {
		if !choice.sound(&c.layer) {
			c.fault(choice.Key, -1, "%s %s is not supported; supported: %s", choice.Key, Quote(choice.get(&c.layer)), choice.Values())
		}
	}
}

// scale: every axis has one, unless the sizes of the output are given.
func (c *checker) scale() {
	sound := true
	for i, a := range c.layer.Spatial() {
		if a.Scale == 0 && c.layer.sized() {
			continue
		}
		if sound = c.inRange("scale", i, a.Scale, 1, MaxParameter) && sound; a.Scale > 0 && a.OutputSize != 0 {
			c.fault("output_size", -1, "scale and output_size are both given; leave out one of them")
			return
		}
	}
	if sound && !c.layer.sized() {
		c.capped("scale", "the scale", "phases", CapPhases, c.each(func(a Axis) int { return a.Scale })...)
	}
}

// sized reports whether the sizes of the output are given.
func (l *Layer) sized() bool { return l.Axes[0].OutputSize != 0 && l.Op.Takes("output_size") }

// sameChannels checks the channel counts that follow from each other.
func (c *checker) sameChannels() {
	l := &c.layer
	if coarse := l.coarse(); coarse.n > 0 && min(l.InChannels, l.OutChannels) == 0 && l.blockSize() > 0 && coarse.n%l.blockSize() != 0 {
		c.fault(coarse.key, -1, "%s is %d; it must be a multiple of the block of %d", coarse.key, coarse.n, l.blockSize())
		return
	}
	if l.InChannels <= 0 || l.OutChannels <= 0 || l.Op.Weighted() || !c.sound("scale", "in_channels", "out_channels") {
		return
	}
	block := l.blockSize()
	switch {
	case l.Op.KeepsChannels() && l.InChannels != l.OutChannels:
		c.fault("out_channels", -1, "%s has as many output as input channels; in_channels is %d, out_channels is %d", l.Op, l.InChannels, l.OutChannels)
	case l.Op == PixelShuffle && times(l.OutChannels, block) != l.InChannels:
		c.fault("in_channels", -1, "in_channels is %d; it must be out_channels %d times the block of %d", l.InChannels, l.OutChannels, block)
	case l.Op == PixelUnshuffle && times(l.InChannels, block) != l.OutChannels:
		c.fault("out_channels", -1, "out_channels is %d; it must be in_channels %d times the block of %d", l.OutChannels, l.InChannels, block)
	}
}

// coarse is the channel count that holds the blocks of pixels of a shuffle.
func (l *Layer) coarse() (count struct {
	key string
	n   int
}) {
	switch l.Op {
	case PixelShuffle:
		count.key, count.n = "in_channels", l.InChannels
	case PixelUnshuffle:
		count.key, count.n = "out_channels", l.OutChannels
	}
	return count
}

func (c *checker) activation() {
	if err := c.layer.Activation.check(); err != nil {
		c.fault("activation", -1, "%v", err)
	}
}

func (c *checker) kernel() {
	sound := true
	for i, a := range c.layer.Spatial() {
		sound = c.inRange("kernel", i, a.Kernel, 1, MaxParameter) && sound
	}
	if sound {
		c.capped("kernel", "the kernel", "elements", CapKernel, c.each(func(a Axis) int { return a.Kernel })...)
	}
}

func (c *checker) stride() {
	sound := true
	for i, a := range c.layer.Spatial() {
		sound = c.inRange("stride", i, a.Stride, 1, MaxParameter) && sound
	}
	if sound && c.layer.Op == ConvTranspose {
		c.capped("stride", "the stride", "phases", CapPhases, c.each(func(a Axis) int { return a.Stride })...)
	}
}

func (c *checker) padding() {
	switch c.layer.Padding {
	case Explicit:
		c.explicitPadding()
	case SameUpper, SameLower, Valid:
		c.paddingMode()
		for i, a := range c.layer.Spatial() {
			if a.PadBegin != 0 || a.PadEnd != 0 {
				c.fault("padding", i, "padding is %s and has the numbers %d and %d too; give one of them", c.layer.Padding, a.PadBegin, a.PadEnd)
			}
		}
	default:
		c.fault("padding", -1, "padding %s is not supported; supported: numbers, %s, %s, %s",
			Quote(string(c.layer.Padding)), SameUpper, SameLower, Valid)
	}
}

// paddingMode reports modes whose padding nothing gives.
func (c *checker) paddingMode() {
	l := &c.layer
	strided := slices.ContainsFunc(l.Spatial(), func(a Axis) bool { return a.Stride > 1 })
	switch {
	case l.Op == MaxUnpool:
		c.fault("padding", -1, "max_unpool takes padding in numbers, those of the max_pool; got %s", l.Padding)
	case l.Op == Conv && l.Padding.same() && strided && l.Axes[0].Input == 0:
		c.fault("padding", -1, "padding %s with a stride needs input: the padding follows from both", l.Padding)
	}
}

// explicitPadding names the field as short as it can be said: padding, unless
// the two ends differ.
func (c *checker) explicitPadding() {
	for i, a := range c.layer.Spatial() {
		if a.PadBegin == a.PadEnd {
			c.inRange("padding", i, a.PadBegin, 0, MaxParameter)
			continue
		}
		c.inRange("padding.begin", i, a.PadBegin, 0, MaxParameter)
		c.inRange("padding.end", i, a.PadEnd, 0, MaxParameter)
	}
	c.poolPadding()
}

// poolPadding: a window of a max_pool that lies in the padding has no maximum.
func (c *checker) poolPadding() {
	for i, a := range c.layer.Spatial() {
		span, ok := Product(a.Dilation, a.Kernel-1)
		if pad := max(a.PadBegin, a.PadEnd); c.layer.Op == MaxPool && ok && pad > span && a.Kernel > 0 {
			c.fault("padding", i, "padding is %d; it must be less than what the kernel spans, %d*(%d-1) + 1 = %d", pad, a.Dilation, a.Kernel, span+1)
		}
	}
}

func (c *checker) outputPadding() {
	for i, a := range c.layer.Spatial() {
		if !c.inRange("output_padding", i, a.OutputPadding, 0, MaxParameter) || a.Stride < 1 || a.Dilation < 1 {
			continue
		}
		if limit := max(a.Stride, a.Dilation); a.OutputPadding >= limit {
			c.fault("output_padding", i, "output_padding is %d; it must be less than max(stride, dilation) = %d", a.OutputPadding, limit)
		}
	}
}

func (c *checker) outputSize() {
	l := &c.layer
	given := c.allOrNone("output_size", func(a Axis) int { return a.OutputSize })
	if !given || l.Op != ConvTranspose {
		return
	}
	for _, a := range l.Spatial() {
		if a.OutputPadding != 0 {
			c.fault("output_padding", -1, "output_padding and output_size are both given; leave out one of them")
			break
		}
	}
	if l.Axes[0].Input == 0 && (l.Padding == SameUpper || l.Padding == SameLower) {
		c.fault("output_size", -1, "output_size with padding %s needs input: the padding follows from both", l.Padding)
	}
}

func (c *checker) dilation() {
	for i, a := range c.layer.Spatial() {
		c.inRange("dilation", i, a.Dilation, 1, MaxParameter)
	}
}

func (c *checker) channels() {
	c.inRange("in_channels", -1, c.layer.InChannels, 0, MaxSize)
	c.inRange("out_channels", -1, c.layer.OutChannels, 0, MaxSize)
}

func (c *checker) input() {
	c.allOrNone("input", func(a Axis) int { return a.Input })
}

// allOrNone checks sizes that are given for every axis or for none, and
// reports whether they are given and sound.
func (c *checker) allOrNone(field string, of func(Axis) int) (given bool) {
	sound, zeros := true, 0
	for i, n := range c.each(of) {
		sound = c.inRange(field, i, n, 0, MaxSize) && sound
		if n == 0 {
			zeros++
		}
	}
	if sound && zeros != 0 && zeros != c.layer.Rank {
		c.fault(field, -1, "%s is given for %d of %d axes; give all or none", field, c.layer.Rank-zeros, c.layer.Rank)
	}
	return sound && zeros == 0
}

func (c *checker) unusedAxes() {
	for _, a := range c.layer.Axes[c.layer.Rank:] {
		if a != (Axis{}) {
			c.fault(c.layer.Op.rankKey(), -1, "the layer has %d spatial axes and parameters for more", c.layer.Rank)
			return
		}
	}
}

// each returns one parameter of every spatial axis.
func (c *checker) each(of func(Axis) int) []int {
	var values []int
	for _, a := range c.layer.Spatial() {
		values = append(values, of(a))
	}
	return values
}
