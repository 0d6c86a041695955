package specfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/upconv/upconv/specs"
)

// Spell writes a valid layer as an item of a spec file's list of layers, indented by
// two spaces; Parse reads the same layer. What equals its default is left out.
func Spell(l specs.Layer) string {
	b := &speller{layer: l}
	b.line("- ", "name", l.Name)
	b.key("op", string(l.Op))
	for _, s := range []struct {
		key     string
		of      func(*specs.Axis) *int
		initial int
	}{{"kernel", kernelOf, -1}, {"stride", strideOf, 1}, {"scale", scaleOf, 0}} {
		b.sizes(s.key, s.of, s.initial)
	}
	b.padding()
	b.sizes("output_padding", outputPaddingOf, 0)
	b.sizes("output_size", outputSizeOf, 0)
	b.sizes("dilation", dilationOf, 1)
	b.choices()
	b.weighted()
	b.sizes("input", inputOf, 0)
	b.rest()
	return b.String()
}

func kernelOf(a *specs.Axis) *int        { return &a.Kernel }
func strideOf(a *specs.Axis) *int        { return &a.Stride }
func scaleOf(a *specs.Axis) *int         { return &a.Scale }
func dilationOf(a *specs.Axis) *int      { return &a.Dilation }
func outputPaddingOf(a *specs.Axis) *int { return &a.OutputPadding }
func outputSizeOf(a *specs.Axis) *int    { return &a.OutputSize }
func inputOf(a *specs.Axis) *int         { return &a.Input }

// speller writes the keys of one layer.
type speller struct {
	strings.Builder
	layer specs.Layer
}

func (b *speller) line(mark, key, value string) {
	fmt.Fprintf(b, "  %s%s: %s\n", mark, key, value)
}

func (b *speller) key(key, value string) { b.line("  ", key, value) }

// values are those of every axis.
func (b *speller) values(of func(*specs.Axis) *int) (list []int) {
	for _, a := range b.layer.Spatial() {
		list = append(list, *of(&a))
	}
	return list
}

// spreads are the keys whose one number stands for all axes of a layer with a kernel.
var spreads = []string{"stride", "scale", "padding", "output_padding", "dilation"}

// sizes writes one number for all axes where that can be, or a list, unless all are
// initial.
func (b *speller) sizes(key string, of func(*specs.Axis) *int, initial int) {
	list := b.values(of)
	if !b.layer.Op.Takes(key) || !slices.ContainsFunc(list, func(n int) bool { return n != initial }) {
		return
	}
	if slices.Contains(spreads, key) && b.layer.Op.Takes("kernel") && len(slices.Compact(slices.Clone(list))) == 1 {
		b.key(key, strconv.Itoa(list[0]))
		return
	}
	b.key(key, spellList(list))
}

func spellList(list []int) string {
	var words []string
	for _, n := range list {
		words = append(words, strconv.Itoa(n))
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// padding writes a mode, one list, or both ends where they differ.
func (b *speller) padding() {
	begin, end := b.values(beginOf), b.values(endOf)
	switch {
	case !b.layer.Op.Takes("padding"):
	case b.layer.Padding != specs.Explicit:
		b.key("padding", string(b.layer.Padding))
	case slices.Equal(begin, end):
		b.sizes("padding", beginOf, 0)
	default:
		b.key("padding", fmt.Sprintf("{begin: %s, end: %s}", spellList(begin), spellList(end)))
	}
}

// choices writes the words that differ from those of a layer that does not say.
func (b *speller) choices() {
	for _, c := range b.layer.Op.Choices() {
		if text, initial := c.Text(&b.layer); !initial && c.Key != "layout" {
			b.key(c.Key, text)
		}
	}
	if b.layer.CeilMode {
		b.key("ceil_mode", "true")
	}
}

// weighted writes groups and channels. Channels that are free are left out, and so
// is a count that follows from the other.
func (b *speller) weighted() {
	l := b.layer
	switch {
	case l.Depthwise:
		b.key("depthwise", "true")
	case l.Groups > 1:
		b.key("groups", strconv.Itoa(l.Groups))
	}
	if l.InChannels != 0 {
		b.key("in_channels", strconv.Itoa(l.InChannels))
	}
	without := l
	without.OutChannels = 0
	if l.OutChannels != without.WithChannels().OutChannels {
		b.key("out_channels", strconv.Itoa(l.OutChannels))
	}
}

// rest writes what comes last.
func (b *speller) rest() {
	l := b.layer
	if l.Layout == specs.NHWC {
		b.key("layout", string(l.Layout))
	}
	if !l.Bias && l.Op.Takes("bias") {
		b.key("bias", "false")
	}
	if l.Activation.Function != specs.None {
		b.key("activation", l.Activation.String())
	}
	if l.Add {
		b.key("add", "true")
	}
}
