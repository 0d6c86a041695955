package specfile

import (
	"strings"

	"github.com/upconv/upconv/specs"
)

// layerDecoder turns one mapping into a layer.
//
// A value that is reported here is stored as one that cannot be, so that
// specs.Validate checks nothing that depends on it; what Validate then says
// about the field itself is dropped.
type layerDecoder struct {
	values
	node     *node
	layer    specs.Layer
	rankSure bool                 // the kernel says how many axes there are
	faulty   map[element]bool     // reported here
	places   map[element]Position // where Validate's problems belong
}

// element is an element of a field's list; index -1 is the field.
type element struct {
	field string
	index int
}

// impossible is a value that no field can have.
const impossible = -1 << 31

// layerKeys are the keys of a layer.
var layerKeys = []string{
	"name", "op", "kernel", "stride", "padding", "output_padding", "output_size", "dilation",
	"groups", "depthwise", "in_channels", "out_channels", "input", "layout", "bias", "activation",
}

// axisKeys are the keys with a number for each axis, and their defaults.
var axisKeys = []struct {
	key     string
	initial int
	size    bool // 0 means "not given" in a layer and cannot be written
	of      func(*specs.Axis) *int
}{
	{"stride", 1, false, func(a *specs.Axis) *int { return &a.Stride }},
	{"output_padding", 0, false, func(a *specs.Axis) *int { return &a.OutputPadding }},
	{"output_size", 0, true, func(a *specs.Axis) *int { return &a.OutputSize }},
	{"dilation", 1, false, func(a *specs.Axis) *int { return &a.Dilation }},
	{"input", 0, true, func(a *specs.Axis) *int { return &a.Input }},
}

func newLayerDecoder(n *node, faults *faults) *layerDecoder {
	d := &layerDecoder{values: values{faults}, node: n, faulty: map[element]bool{}, places: map[element]Position{}}
	for _, e := range n.entries {
		d.places[element{e.key, -1}] = e.value.at
	}
	return d
}

func (d *layerDecoder) decode(limits specs.Limits) {
	d.name()
	if !d.op() {
		d.validateName(limits)
		return
	}
	d.known(d.node, layerKeys)
	d.kernel()
	for _, k := range axisKeys {
		d.perAxis(k.key, k.initial, k.size, k.of)
	}
	d.padding()
	d.groups()
	d.channels()
	d.layout()
	d.only("activation", "none")
	d.bias()
	d.exclusive()
	d.report(d.layer.ValidateWithin(limits))
}

// mark records that a field was reported and needs no second report.
func (d *layerDecoder) mark(field string, index int) { d.faulty[element{field, index}] = true }

// place is where a problem of a field belongs: its element, its value, or the
// layer.
func (d *layerDecoder) place(field string, index int) Position {
	root, _, _ := strings.Cut(field, ".")
	for _, e := range []element{{field, index}, {field, -1}, {root, index}, {root, -1}} {
		if at, ok := d.places[e]; ok {
			return at
		}
	}
	return d.node.at
}

// report adds the problems of fields that are not reported yet.
func (d *layerDecoder) report(problems []specs.Problem) {
	for _, p := range problems {
		root, _, _ := strings.Cut(p.Field, ".")
		if d.faulty[element{root, -1}] || d.faulty[element{p.Field, -1}] || d.faulty[element{p.Field, p.Index}] {
			continue
		}
		d.faults.add(d.place(p.Field, p.Index), "%s", p.Message)
	}
}

func (d *layerDecoder) name() {
	n := d.node.get("name")
	if n == nil {
		d.faults.add(d.node.at, "name is missing")
		return
	}
	name, ok := d.text("name", n)
	if ok && name == "" {
		d.faults.add(n.at, "name is empty")
	}
	d.layer.Name = name
}

// validateName checks the name of a layer whose other keys mean nothing here.
func (d *layerDecoder) validateName(limits specs.Limits) {
	for _, p := range d.layer.ValidateWithin(limits) {
		if p.Field == "name" {
			d.report([]specs.Problem{p})
		}
	}
}

// op reports whether the other keys can be read: they depend on the op.
func (d *layerDecoder) op() bool {
	d.layer.Op, d.layer.Rank, d.layer.Groups, d.layer.Bias = specs.ConvTranspose, 1, 1, true
	n := d.node.get("op")
	if n == nil {
		d.faults.add(d.node.at, "op is missing; supported: %s", specs.ConvTranspose)
		return true
	}
	op, ok := d.text("op", n)
	if ok && op != string(specs.ConvTranspose) {
		d.faults.add(n.at, "op %s is not supported; supported: %s", specs.Quote(op), specs.ConvTranspose)
	}
	return ok && op == string(specs.ConvTranspose)
}

// only reads a key that has one supported value.
func (d *layerDecoder) only(field, supported string) {
	n := d.node.get(field)
	if n == nil {
		return
	}
	if value, ok := d.text(field, n); ok && value != supported {
		d.faults.add(n.at, "%s %s is not supported; supported: %s", field, specs.Quote(value), supported)
	}
}

// layout reads nchw, which a layer has as its zero value, or nhwc.
func (d *layerDecoder) layout() {
	n := d.node.get("layout")
	if n == nil {
		return
	}
	value, ok := d.text("layout", n)
	switch {
	case !ok || value == "nchw":
	case value == string(specs.NHWC):
		d.layer.Layout = specs.NHWC
	default:
		d.faults.add(n.at, "layout %s is not supported; supported: nchw, %s", specs.Quote(value), specs.NHWC)
	}
}

func (d *layerDecoder) bias() {
	if n := d.node.get("bias"); n != nil {
		d.layer.Bias, _ = d.boolean("bias", n)
	}
}

// groups reads groups and depthwise.
func (d *layerDecoder) groups() {
	if n := d.node.get("depthwise"); n != nil {
		d.layer.Depthwise, _ = d.boolean("depthwise", n)
	}
	n := d.node.get("groups")
	if n == nil {
		if d.layer.Depthwise {
			d.layer.Groups = 0
		}
		return
	}
	value, ok := d.positive("groups", n)
	d.layer.Groups = value
	if !ok {
		d.mark("groups", -1)
		d.layer.Groups = impossible
	}
}

// channels reads the channel counts; one of a depthwise layer stands for both.
func (d *layerDecoder) channels() {
	l := &d.layer
	l.InChannels = d.channelCount("in_channels")
	l.OutChannels = d.channelCount("out_channels")
	if one := max(l.InChannels, l.OutChannels); l.Depthwise && one > 0 && (l.InChannels == 0 || l.OutChannels == 0) {
		l.InChannels, l.OutChannels = one, one
	}
}

func (d *layerDecoder) channelCount(field string) int {
	n := d.node.get(field)
	if n == nil {
		return 0
	}
	value, ok := d.positive(field, n)
	if !ok {
		d.mark(field, -1)
		return impossible
	}
	return value
}

// exclusive reports keys that exclude each other even with their defaults.
func (d *layerDecoder) exclusive() {
	if n := d.node.get("output_padding"); n != nil && d.node.get("output_size") != nil {
		d.mark("output_padding", -1)
		d.faults.add(n.at, "output_padding and output_size are both given; leave out one of them")
	}
}
