package specfile

import (
	"github.com/upconv/upconv/specs"
)

// numberOrList is the type of a key with a number for each axis.
const numberOrList = "an integer in plain decimal digits, or a list of them"

// shapingKeys are the keys whose list can say how many axes a layer has: the first
// one that the op takes and, where there is a choice, the layer gives.
var shapingKeys = []struct {
	key  string
	size bool
	of   func(*specs.Axis) *int
}{
	{"kernel", false, func(a *specs.Axis) *int { return &a.Kernel }},
	{"scale", true, func(a *specs.Axis) *int { return &a.Scale }},
	{"output_size", true, func(a *specs.Axis) *int { return &a.OutputSize }},
}

// rank reads the key whose length is the rank of the layer.
func (d *layerDecoder) rank() {
	row := shapingKeys[0]
	if !d.layer.Op.Takes("kernel") {
		row = shapingKeys[1]
		if d.node.get("scale") == nil && d.taken("output_size") != nil {
			row = shapingKeys[2]
		}
	}
	d.shaping = row.key
	n := d.node.get(row.key)
	d.rankSure = n != nil && n.kind == list && len(n.items) >= 1 && len(n.items) <= specs.MaxRank
	if d.rankSure {
		d.setRank(len(n.items))
		d.spread(d.numbers(row.key, n, row.size), row.of)
		d.scaleMissing()
		return
	}
	d.mark(row.key, -1)
	d.setRank(d.likelyRank())
	d.noRank(n)
}

// scaleMissing reports a layer with a kernel that wants a scale too.
func (d *layerDecoder) scaleMissing() {
	if d.shaping == "kernel" && d.layer.Op.Takes("scale") && d.node.get("scale") == nil {
		d.mark("scale", -1)
		d.faults.add(d.node.at, "scale is missing")
	}
}

// setRank starts the axes from their defaults.
func (d *layerDecoder) setRank(rank int) {
	d.layer = withName(specs.NewLayer(d.layer.Op, rank), d.layer.Name)
}

// noRank says why a list does not tell the rank.
func (d *layerDecoder) noRank(n *node) {
	key := d.shaping
	switch {
	case n == nil && key == "scale" && d.layer.Op.Takes("output_size"):
		d.faults.add(d.node.at, "scale is missing; or give output_size")
	case n == nil:
		d.faults.add(d.node.at, "%s is missing", key)
	case n.kind == list:
		d.faults.add(n.at, "%s has %d elements; a layer has 1 to %d spatial axes", key, len(n.items), specs.MaxRank)
	case n.kind == plain && decimal(n.value):
		d.faults.add(n.at, "%s must be a list, whose length is the number of axes: write [%s] for 1-D or [%s, %s] for 2-D", key, n.value, n.value, n.value)
	default:
		d.wrong(key, "a list of integers in plain decimal digits", n)
	}
}

// likelyRank guesses the rank from the other keys when the list is faulty, so
// that their own faults can be found too.
func (d *layerDecoder) likelyRank() int {
	for _, k := range axisKeys {
		if n := d.taken(k.key); n != nil && n.kind == list && len(n.items) >= 1 && len(n.items) <= specs.MaxRank {
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
		d.faults.add(n.at, "%s has %d elements, %s has %d; give one number, or one for each axis", field, len(n.items), d.shaping, d.layer.Rank)
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
