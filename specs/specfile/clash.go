package specfile

import (
	"strings"

	"github.com/upconv/upconv/specs"
)

// clashes reports layers whose names cannot stand in one package.
func (d *fileDecoder) clashes(layers []*node) {
	first := map[string]*node{} // by Go name without case, which equal names share
	for _, layer := range layers {
		n := layer.get("name")
		if n == nil || n.kind != text || specs.CheckName(n.value) != nil {
			continue
		}
		key := strings.ToLower(specs.GoName(n.value))
		before, used := first[key]
		if !used {
			first[key] = n
			continue
		}
		d.clash(n, before)
	}
}

func (d *fileDecoder) clash(n, before *node) {
	switch {
	case n.value == before.value:
		d.faults.add(n.at, "duplicate layer name %q; the first is in line %d", n.value, before.at.Line)
	case strings.EqualFold(n.value, before.value):
		d.faults.add(n.at, "layer names %q and %q in line %d differ only in case", n.value, before.value, before.at.Line)
	case specs.GoName(n.value) == specs.GoName(before.value):
		d.faults.add(n.at, "layer names %q and %q in line %d give the same Go name %s",
			n.value, before.value, before.at.Line, specs.GoName(n.value))
	default:
		d.faults.add(n.at, "layer names %q and %q in line %d give Go names that differ only in case: %s and %s",
			n.value, before.value, before.at.Line, specs.GoName(n.value), specs.GoName(before.value))
	}
}
