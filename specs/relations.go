package specs

import (
	"fmt"
	"strings"
)

// sound reports whether no problem was found in the fields named.
func (c *checker) sound(fields ...string) bool {
	for _, p := range c.problems {
		root, _, _ := strings.Cut(p.Field, ".")
		for _, f := range fields {
			if root == f {
				return false
			}
		}
	}
	return true
}

// capped reports a product above a cap, or above what an int can hold.
func (c *checker) capped(field, what, unit string, by Cap, sizes ...int) {
	most := *c.limits.at(by)
	n, ok := Product(sizes...)
	factors := strings.ReplaceAll(strings.Trim(fmt.Sprint(sizes), "[]"), " ", "*")
	switch {
	case !ok:
		c.fault(field, -1, "%s has %s %s, which overflows", what, factors, unit)
	case most != 0 && n > most:
		c.problems = append(c.problems, Problem{field, -1, fmt.Sprintf("%s has %s = %d %s; the cap is %d", what, factors, n, unit, most), by})
	}
}

func (c *checker) groups() {
	l := &c.layer
	if l.Depthwise {
		if l.Groups != 0 {
			c.fault("groups", -1, "groups and depthwise are both given; leave out one of them")
		}
		return
	}
	counted := func(n int) bool { return n >= 0 && n <= MaxSize }
	if c.inRange("groups", -1, l.Groups, 1, MaxSize) && counted(l.InChannels) && counted(l.OutChannels) {
		c.divides()
	}
}

// divides checks that groups divides both channel counts, as far as given.
func (c *checker) divides() {
	l := &c.layer
	in, out := l.InChannels%l.Groups != 0, l.OutChannels%l.Groups != 0
	var fault string
	switch {
	case in && out:
		fault = fmt.Sprintf("divides neither in_channels %d nor out_channels %d", l.InChannels, l.OutChannels)
	case in:
		fault = fmt.Sprintf("does not divide in_channels %d", l.InChannels)
	case out:
		fault = fmt.Sprintf("does not divide out_channels %d", l.OutChannels)
	default:
		return
	}
	c.fault("groups", -1, "groups is %d, which %s; the nearest that fits is %s", l.Groups, fault, l.nearestGroups())
}

// nearestGroups names the divisors of the channel counts next to Groups.
func (l *Layer) nearestGroups() string {
	below, above := 1, 0
	for _, d := range divisors(gcd(l.InChannels, l.OutChannels)) {
		if d < l.Groups {
			below = max(below, d)
		} else if above == 0 || d < above {
			above = d
		}
	}
	if above == 0 {
		return fmt.Sprint(below)
	}
	return fmt.Sprintf("%d or %d", below, above)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// divisors returns the divisors of n > 0, in no particular order.
func divisors(n int) []int {
	var list []int
	for d := 1; d <= n/d; d++ {
		if n%d == 0 {
			list = append(list, d, n/d)
		}
	}
	return list
}

func (c *checker) depthwise() {
	l := &c.layer
	if l.Depthwise && l.InChannels > 0 && l.OutChannels > 0 && l.InChannels != l.OutChannels {
		c.fault("depthwise", -1, "a depthwise layer has as many output as input channels; in_channels is %d, out_channels is %d", l.InChannels, l.OutChannels)
	}
}

// extents checks that every axis with a fixed input has an output.
func (c *checker) extents() {
	for i, a := range c.layer.Spatial() {
		if a.Input == 0 || !c.axisSound() {
			continue
		}
		if _, err := c.layer.Extent(i, 0); err != nil {
			c.fault(culprit(a), i, "%v", err)
		}
	}
}

// culprit is the field that an impossible output is blamed on.
func culprit(a Axis) string {
	if a.OutputSize != 0 {
		return "output_size"
	}
	return "input"
}

// axisSound reports whether the fields that give an axis its extent are sound.
func (c *checker) axisSound() bool {
	least := 0
	if c.layer.Op.Takes("kernel") {
		least = 1
	}
	return c.sound("op", "stride", "scale", "padding", "output_padding", "output_size", "dilation", "border") &&
		!c.outOfRange(func(a Axis) int { return a.Kernel }, least) && !c.outOfRange(func(a Axis) int { return a.Input }, 0)
}

// outOfRange reports whether a parameter of some axis is below least.
func (c *checker) outOfRange(of func(Axis) int, least int) bool {
	for _, n := range c.each(of) {
		if n < least {
			return true
		}
	}
	return false
}

// weights checks the size of the weights; a free channel count counts as
// one channel a group.
func (c *checker) weights() {
	l := c.layer
	if !c.sound("kernel", "groups", "depthwise", "in_channels", "out_channels") {
		return
	}
	l.InChannels = max(l.InChannels, l.Groups, 1)
	if l.Depthwise {
		l.InChannels = max(l.InChannels, l.OutChannels)
	}
	l.OutChannels = max(l.OutChannels, l.GroupCount())
	field := "in_channels"
	if c.layer.InChannels == 0 {
		field = "out_channels"
	}
	c.capped(field, "the weight tensor", "elements", CapElements, l.WeightsShape()...)
}

// tensors checks the sizes of the input and of the output, where they are fixed.
func (c *checker) tensors() {
	l := &c.layer
	if l.Axes[0].Input == 0 || !c.sound("op", "kernel", "input", "in_channels", "out_channels") || !c.axisSound() {
		return
	}
	extents, err := l.Resolve(make([]int, l.Rank))
	if err != nil {
		return
	}
	in, out := []int{max(l.InChannels, 1)}, []int{max(l.OutChannels, 1)}
	for _, e := range extents {
		in, out = append(in, e.In), append(out, e.Out)
	}
	c.capped("input", "the input tensor", "elements", CapElements, in...)
	c.capped("input", "the output tensor", "elements", CapElements, out...)
}
