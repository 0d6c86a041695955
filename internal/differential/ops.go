package differential

import (
	"fmt"
	"math/rand/v2"

	"github.com/upconv/upconv/specs"
)

// RandomOps draws n different valid layers of the given ops, of 1 to 3 axes and
// both layouts, with every key that the op takes.
func RandomOps(seed uint64, n int, ops ...specs.Op) []specs.Layer {
	d := dice{rand.New(rand.NewPCG(seed, 1))}
	seen := map[string]bool{}
	var layers []specs.Layer
	for len(layers) < n {
		l := d.opLayer(ops[d.IntN(len(ops))])
		if seen[l.Canonical()] || len(l.Validate()) > 0 {
			continue
		}
		seen[l.Canonical()] = true
		l.Name = fmt.Sprintf("l%d", len(layers))
		layers = append(layers, l)
	}
	return layers
}

func (d dice) opLayer(op specs.Op) specs.Layer {
	l := specs.NewLayer(op, d.rank())
	if d.oneIn(3) {
		l.Layout = specs.NHWC
	}
	if op.Takes("padding") && op != specs.MaxUnpool && d.oneIn(4) {
		l.Padding = []specs.Padding{specs.SameUpper, specs.SameLower, specs.Valid}[d.IntN(3)]
	}
	sized := op.Takes("output_size") && op != specs.ConvTranspose && d.oneIn(3)
	fixed := d.oneIn(3) || l.Padding != specs.Explicit
	for i := range l.Rank {
		l.Axes[i] = d.opAxis(l, sized)
		if fixed {
			l.Axes[i].Input = d.upTo(12)
			if op == specs.PixelUnshuffle {
				l.Axes[i].Input *= l.Axes[i].Scale
			}
		}
	}
	l.CeilMode = op.Takes("ceil_mode") && d.oneIn(2)
	for _, c := range op.Choices() {
		if c.Key != "layout" {
			c.Default(&l)
			d.choose(c, &l)
		}
	}
	d.opChannels(&l)
	return l
}

// choose draws one of the words that the choice has.
func (d dice) choose(c specs.Choice, l *specs.Layer) {
	words := []string{"asymmetric", "half_pixel", "align_corners", "floor", "ceil", "round_prefer_floor", "round_prefer_ceil",
		"plane", "tensor", "crd", "dcr", "nearest", "bilinear", "zero", "reflect", "replicate"}
	for range 3 {
		if c.Set(l, words[d.IntN(len(words))]) {
			return
		}
	}
}

func (d dice) opAxis(l specs.Layer, sized bool) specs.Axis {
	var a specs.Axis
	op := l.Op
	if op.Takes("kernel") {
		a.Kernel = d.upTo(5)
	}
	if op.Takes("stride") {
		a.Stride = d.upTo(4)
	}
	if op.Takes("dilation") {
		a.Dilation = 1
		if d.oneIn(3) {
			a.Dilation = d.upTo(3)
		}
	}
	switch {
	case sized:
		a.OutputSize = d.upTo(17)
	case op.Takes("scale"):
		a.Scale = d.upTo(4)
	}
	if op.Takes("padding") && l.Padding == specs.Explicit {
		a.PadBegin = d.IntN(min(a.Kernel, 4))
		a.PadEnd = a.PadBegin
		if d.oneIn(4) {
			a.PadEnd = d.IntN(3)
		}
	}
	if sized || op != specs.ConvTranspose {
		return a
	}
	if d.oneIn(3) {
		a.OutputPadding = d.IntN(max(a.Stride, a.Dilation))
	}
	return a
}

// opChannels draws channels, and for layers with weights what becomes of the sums.
func (d dice) opChannels(l *specs.Layer) {
	if l.Op.Weighted() {
		d.channels(l)
		l.Bias = d.oneIn(2)
		d.finish(l)
		return
	}
	if l.OutChannels = d.IntN(6); l.Op == specs.PixelUnshuffle {
		l.InChannels, l.OutChannels = l.OutChannels, 0
	}
	*l = l.WithChannels()
}

// RandomFilters draws n different layers of the given ops that are nothing but sums of
// products: those that kernels may be generated for.
func RandomFilters(seed uint64, n int, ops ...specs.Op) (layers []specs.Layer) {
	seen := map[string]bool{}
	for round := uint64(0); len(layers) < n; round++ {
		for _, l := range RandomOps(seed+round<<32, n, ops...) {
			l.Add, l.Activation = false, specs.Activation{}
			if len(layers) < n && !seen[l.Canonical()] {
				seen[l.Canonical()] = true
				l.Name = fmt.Sprintf("filter%d", len(layers))
				layers = append(layers, l)
			}
		}
	}
	return layers
}
