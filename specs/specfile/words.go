package specfile

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/specs"
)

// words are what an op is called too, for layers of so many axes: bilinear interpolation
// is linear on one axis.
var words = map[string]struct {
	op   specs.Op
	rank int
}{
	"linear":    {specs.Bilinear, 1},
	"trilinear": {specs.Bilinear, 3},
}

// Names are what an op may be called in a spec file, its own name first.
func Names(o specs.Op) []string {
	list := []string{string(o)}
	for word, w := range words {
		if w.op == o {
			list = append(list, word)
		}
	}
	slices.Sort(list[1:])
	return list
}

// opCalled is the op of that name or word; what is none is itself.
func opCalled(name string) specs.Op {
	if w, ok := words[name]; ok {
		return w.op
	}
	return specs.Op(name)
}

// word reports an op whose word is for another number of axes than the layer has.
func (d *layerDecoder) word() {
	n := d.node.get("op")
	if n == nil || !d.rankSure {
		return
	}
	if w, ok := words[n.value]; ok && w.rank != d.layer.Rank {
		d.faults.add(n.at, "%s is for %s, but %s has %d elements; write %s, which is for any number",
			n.value, axesText(w.rank), d.shaping, d.layer.Rank, w.op)
	}
}

func axesText(n int) string {
	if n == 1 {
		return "1 axis"
	}
	return fmt.Sprintf("%d axes", n)
}
