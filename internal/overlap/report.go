package overlap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// Cure is a layer that takes the place of another.
type Cure struct {
	About string `json:"about"`
	Layer string `json:"layer"` // an item of a spec's list of layers; empty if there is none
}

// Cures lists what may take the place of a layer.
func Cures(l specs.Layer) (list []Cure) {
	for _, k := range Kernels(l) {
		list = append(list, Cure{"a kernel that is a multiple of the stride", specfile.Spell(k)})
	}
	r, err := ResizeConv(l)
	if err != nil {
		return append(list, Cure{About: "a resize_conv; but " + err.Error()})
	}
	return append(list, Cure{"a resize_conv, which repeats each input and then convolves", specfile.Spell(r)})
}

// Text is the cures as lines to paste into a spec, each after a line break.
func Text(list []Cure) string {
	var b strings.Builder
	for i, c := range list {
		fmt.Fprintf(&b, "\n  # cure %d: %s\n%s", i+1, c.About, strings.TrimSuffix(c.Layer, "\n"))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// UnevenAxes says for each uneven axis what it adds up, and of what.
func UnevenAxes(l specs.Layer) (list []string) {
	for i, a := range l.Spatial() {
		if EvenAxis(a) {
			continue
		}
		text := fmt.Sprintf("%s: %s (kernel %d, stride %d", [...]string{"z", "y", "x"}[specs.MaxRank-l.Rank+i], turns(l, i), a.Kernel, a.Stride)
		if a.Dilation > 1 {
			text += fmt.Sprintf(", dilation %d", a.Dilation)
		}
		list = append(list, text+")")
	}
	return list
}

// maxTurns bounds the numbers that are printed of an axis.
const maxTurns = 16

// turns is the pattern of an axis, twice and its first number again where there is
// room for that.
func turns(l specs.Layer, axis int) string {
	a := l.Axes[axis]
	begin := a.PadBegin
	if e, err := l.Extent(axis, a.Input); err == nil {
		begin = e.PadBegin
	}
	once := Pattern(a, begin)
	all := slices.Concat(once, once, once[:1])
	if len(all) > maxTurns {
		return strings.Trim(fmt.Sprint(once[:min(len(once), maxTurns)]), "[]") + " ..."
	}
	return strings.Trim(fmt.Sprint(all), "[]")
}

// Small is the number of stamps along an axis for a small input, whatever the layer
// says: the smallest from inputs on that its padding leaves something of. It ends after
// most outputs.
func Small(l specs.Layer, axis, inputs, most int) ([]int, error) {
	l.Axes[axis].Input, l.Axes[axis].OutputSize = 0, 0
	for in := inputs; ; in++ {
		e, err := l.Extent(axis, in)
		if err != nil && in < specs.MaxParameter {
			continue
		}
		if err != nil {
			return nil, err
		}
		counts := Counts(e)
		return counts[:min(len(counts), most)], nil
	}
}
