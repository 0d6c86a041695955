package specfile

import (
	"github.com/upconv/upconv/specs"
)

// numberOrList is the type of a key with a number for each axis.
const numberOrList = "an integer in plain decimal digits, or a list of them"

// kernel reads the kernel, whose length is the rank of the layer.
func (d *layerDecoder) kernel() {
	n := d.node.get("kernel")
	d.rankSure = n != nil && n.kind == list && len(n.items) >= 1 && len(n.items) <= specs.MaxRank
	if d.rankSure {
		d.layer.Rank = len(n.items)
		d.spread(d.numbers("kernel", n, false), func(a *specs.Axis) *int { return &a.Kernel })
		return
	}
	d.mark("kernel", -1)
	d.layer.Rank = d.likelyRank()
	d.noKernel(n)
}

// noKernel says why a kernel does not tell the rank.
func (d *layerDecoder) noKernel(n *node) {
	switch {
	case n == nil:
		d.faults.add(d.node.at, "kernel is missing")
	case n.kind == list:
		d.faults.add(n.at, "kernel has %d elements; a layer has 1 to %d spatial axes", len(n.items), specs.MaxRank)
	case n.kind == plain && decimal(n.value):
		d.faults.add(n.at, "kernel must be a list, whose length is the number of axes: write [%s] for 1-D or [%s, %s] for 2-D", n.value, n.value, n.value)
	default:
		d.wrong("kernel", "a list of integers in plain decimal digits", n)
	}
}

// likelyRank guesses the rank from the other keys when the kernel is faulty, so
// that their own faults can be found too.
func (d *layerDecoder) likelyRank() int {
	for _, k := range axisKeys {
		if n := d.node.get(k.key); n != nil && n.kind == list && len(n.items) >= 1 && len(n.items) <= specs.MaxRank {
			return len(n.items)
		}
	}
	return 1
}

// perAxis reads a key with a number for all axes or one for each.
func (d *layerDecoder) perAxis(field string, initial int, size bool, of func(*specs.Axis) *int) {
	numbers := []int{initial}
	if n := d.node.get(field); n != nil {
		numbers = d.numbers(field, n, size)
	}
	d.spread(numbers, of)
}

// spread stores numbers in the axes; one number stands for all of them.
func (d *layerDecoder) spread(numbers []int, of func(*specs.Axis) *int) {
	for i := range d.layer.Spatial() {
		*of(&d.layer.Axes[i]) = numbers[min(i, len(numbers)-1)]
	}
}

// numbers reads an integer or a list of one for each axis. A faulty one is
// impossible; the result is never empty.
func (d *layerDecoder) numbers(field string, n *node, size bool) []int {
	if n.kind != list {
		return []int{d.element(field, numberOrList, -1, n, size)}
	}
	if len(n.items) == 0 {
		d.mark(field, -1)
		d.faults.add(n.at, "%s is an empty list; give one number, or one for each axis", field)
		return []int{impossible}
	}
	if len(n.items) != d.layer.Rank && d.rankSure {
		d.mark(field, -1)
		d.faults.add(n.at, "%s has %d elements, kernel has %d; give one number, or one for each axis", field, len(n.items), d.layer.Rank)
	}
	var result []int
	for i, item := range n.items {
		d.places[element{field, i}] = item.at
		result = append(result, d.element(field, "an integer in plain decimal digits", i, item, size))
	}
	return result
}

// element reads one number; sizes must be positive, all else Validate checks.
func (d *layerDecoder) element(field, want string, index int, n *node, size bool) int {
	value, ok := d.number(field, want, n)
	if ok && (!size || d.counts(field, value, n)) {
		return value
	}
	d.mark(field, index)
	return impossible
}
