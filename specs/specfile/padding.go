package specfile

import (
	"slices"

	"github.com/upconv/upconv/specs"
)

// paddingModes are the paddings that are given by name.
var paddingModes = []specs.Padding{specs.SameUpper, specs.SameLower, specs.Valid}

// padding reads numbers for both ends, {begin: , end: } or the name of a mode.
func (d *layerDecoder) padding() {
	n := d.taken("padding")
	switch {
	case n == nil:
	case n.kind == mapping:
		d.ends(n)
	case n.kind == text && !(numeric(n.value) && !n.quoted):
		d.paddingMode(n)
	default:
		numbers := d.numbers("padding", n, false)
		d.spread(numbers, beginOf)
		d.spread(numbers, endOf)
	}
}

func beginOf(a *specs.Axis) *int { return &a.PadBegin }
func endOf(a *specs.Axis) *int   { return &a.PadEnd }

func (d *layerDecoder) paddingMode(n *node) {
	mode := specs.Padding(n.value)
	if !slices.Contains(paddingModes, mode) {
		d.mark("padding", -1)
		d.faults.add(n.at, "padding %s is not supported; supported: numbers, {begin: ..., end: ...}, %s, %s, %s",
			specs.Quote(n.value), specs.SameUpper, specs.SameLower, specs.Valid)
		d.spread([]int{impossible}, beginOf)
		return
	}
	d.layer.Padding = mode
}

// ends reads the paddings of both ends; one that is left out is 0.
func (d *layerDecoder) ends(n *node) {
	d.known(n, []string{"begin", "end"})
	if len(n.entries) == 0 {
		d.faults.add(n.at, "padding is empty; give begin, end or both")
	}
	d.end("padding.begin", n.get("begin"), beginOf)
	d.end("padding.end", n.get("end"), endOf)
	for i, a := range d.layer.Spatial() {
		if a.PadBegin == impossible && a.PadEnd == impossible {
			d.mark("padding", i)
		}
	}
}

func (d *layerDecoder) end(field string, n *node, of func(*specs.Axis) *int) {
	if n != nil {
		d.places[element{field, -1}] = n.at
		d.spread(d.numbers(field, n, false), of)
	}
}
