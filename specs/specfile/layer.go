package specfile

import (
	"fmt"
	"slices"
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
	shaping  string               // the key whose list says how many axes there are
	rankSure bool                 // it does
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

// axisKeys are the keys with a number for each axis, and their defaults.
var axisKeys = []struct {
	key     string
	initial int
	size    bool // 0 means "not given" in a layer and cannot be written
	of      func(*specs.Axis) *int
}{
	{"stride", 1, false, func(a *specs.Axis) *int { return &a.Stride }},
	{"scale", 0, true, func(a *specs.Axis) *int { return &a.Scale }},
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
	d.keys()
	d.rank()
	d.word()
	for _, k := range axisKeys {
		if k.key != d.shaping && d.layer.Op.Takes(k.key) {
			d.perAxis(k.key, k.initial, k.size, k.of)
		}
	}
	d.padding()
	d.groups()
	d.channels()
	for _, c := range d.layer.Op.Choices() {
		d.choice(c)
	}
	d.activation()
	d.flag("ceil_mode", &d.layer.CeilMode)
	d.flag("bias", &d.layer.Bias)
	d.flag("add", &d.layer.Add)
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
		message := p.Message
		if p.Cap != "" {
			message += fmt.Sprintf(", which --cap %s=N raises", p.Cap)
		}
		d.faults.add(d.place(p.Field, p.Index), "%s", message)
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
	d.layer = withName(specs.NewLayer(specs.ConvTranspose, 1), d.layer.Name)
	n := d.node.get("op")
	if n == nil {
		d.faults.add(d.node.at, "op is missing; supported: %s", opNames())
		return true
	}
	name, ok := d.text("op", n)
	op := opCalled(name)
	if ok && !op.Known() {
		d.faults.add(n.at, "op %s is not supported; supported: %s", specs.Quote(name), opNames())
	}
	if ok = ok && op.Known(); ok {
		d.layer = withName(specs.NewLayer(op, 1), d.layer.Name)
	}
	return ok
}

func withName(l specs.Layer, name string) specs.Layer {
	l.Name = name
	return l
}

func opNames() string {
	var names []string
	for _, o := range specs.Ops() {
		names = append(names, string(o))
	}
	return strings.Join(names, ", ")
}

// keys reports unknown keys, and those that only other ops have; their values are
// not read.
func (d *layerDecoder) keys() {
	op := d.layer.Op
	unknown := *d.node
	unknown.entries = slices.DeleteFunc(slices.Clone(d.node.entries), func(e entry) bool {
		foreign := !op.Takes(e.key) && slices.ContainsFunc(specs.Ops(), func(o specs.Op) bool { return o.Takes(e.key) })
		if foreign {
			d.faults.add(e.at, "%s has no %s; known: %s", op, e.key, strings.Join(op.Keys(), ", "))
		}
		return foreign
	})
	d.known(&unknown, op.Keys())
}

// choice reads a key whose value is one of a few words.
func (d *layerDecoder) choice(c specs.Choice) {
	c.Default(&d.layer)
	n := d.node.get(c.Key)
	if n == nil {
		return
	}
	value, ok := d.text(c.Key, n)
	if ok && !c.Set(&d.layer, value) {
		d.faults.add(n.at, "%s %s is not supported; supported: %s", c.Key, specs.Quote(value), c.Values())
	}
}

func (d *layerDecoder) activation() {
	n := d.taken("activation")
	if n == nil {
		return
	}
	value, ok := d.text("activation", n)
	if !ok {
		return
	}
	a, err := specs.ParseActivation(value)
	if err != nil {
		d.faults.add(n.at, "%v", err)
		return
	}
	d.layer.Activation = a
}

// flag reads true or false.
func (d *layerDecoder) flag(key string, into *bool) {
	if n := d.taken(key); n != nil {
		*into, _ = d.boolean(key, n)
	}
}

// taken returns the value of a key that the op takes, or nil.
func (d *layerDecoder) taken(key string) *node {
	if !d.layer.Op.Takes(key) {
		return nil
	}
	return d.node.get(key)
}

// groups reads groups and depthwise.
func (d *layerDecoder) groups() {
	if !d.layer.Op.Takes("groups") {
		return
	}
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

// channels reads the channel counts; often one follows from the other.
func (d *layerDecoder) channels() {
	d.layer.InChannels = d.channelCount("in_channels")
	d.layer.OutChannels = d.channelCount("out_channels")
	d.layer = d.layer.WithChannels()
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
	if n := d.taken("output_padding"); n != nil && d.node.get("output_size") != nil {
		d.mark("output_padding", -1)
		d.faults.add(n.at, "output_padding and output_size are both given; leave out one of them")
	}
}
