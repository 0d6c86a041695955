// Package differential holds every way to compute a layer against the oracle:
// the phases, the interpreted loop nests, the generated kernels and the generic
// path. The first link that breaks names the guilty package.
package differential

import (
	"fmt"
	"math/rand/v2"

	"github.com/upconv/upconv/specs"
)

// RandomLayers draws n different valid layers of 1 to 3 axes: kernels of 1 to 7,
// strides of 1 to 5 and at times 8 or 16, every kind of padding, output padding,
// dilation, groups, both layouts, with and without bias, channels and inputs open or
// fixed; half of them have a residual, an activation or both; one in eight has few output channels and rows longer than a vector, and one in eight enough
// of them to fill vectors, with two taps or more along each axis.
func RandomLayers(seed uint64, n int) []specs.Layer {
	d := dice{rand.New(rand.NewPCG(seed, 0))}
	seen := map[string]bool{}
	var layers []specs.Layer
	for len(layers) < n {
		l := d.layer()
		if d.oneIn(2) {
			d.finish(&l)
		}
		if seen[l.Canonical()] || len(l.Validate()) > 0 {
			continue
		}
		seen[l.Canonical()] = true
		l.Name = fmt.Sprintf("l%d", len(layers))
		layers = append(layers, l)
	}
	return layers
}

type dice struct{ *rand.Rand }

// finish draws what becomes of the sums.
func (d dice) finish(l *specs.Layer) {
	l.Add = d.oneIn(3)
	texts := []string{"none", "relu", "relu6", "leaky_relu(0.2)", "leaky_relu(-1.5)", "prelu", "sigmoid", "tanh", "clamp(-1, 2)"}
	l.Activation, _ = specs.ParseActivation(texts[d.IntN(len(texts))])
}

// upTo draws from 1 to n.
func (d dice) upTo(n int) int { return 1 + d.IntN(n) }

// oneIn is true once in n draws.
func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

func (d dice) layer() specs.Layer {
	switch {
	case d.oneIn(8):
		return d.fewChannels()
	case d.oneIn(8):
		return d.manyChannels()
	}
	l := specs.Layer{Op: specs.ConvTranspose, Rank: d.rank(), Groups: 1, Bias: d.oneIn(2)}
	if d.oneIn(3) {
		l.Layout = specs.NHWC
	}
	l.Padding = []specs.Padding{specs.Explicit, specs.Explicit, specs.Explicit, specs.SameUpper, specs.SameLower, specs.Valid}[d.IntN(6)]
	fixed := d.oneIn(3)
	for i := range l.Rank {
		l.Axes[i] = d.axis(l.Padding)
		if fixed {
			l.Axes[i].Input = d.upTo(12)
		}
	}
	d.channels(&l)
	return l
}

// manyChannels draws a layer with two axes, of which every phase has two taps or
// more, and output channels that fill vectors, with some left.
func (d dice) manyChannels() specs.Layer {
	l := specs.Layer{Op: specs.ConvTranspose, Rank: 2, Groups: d.upTo(2), Bias: d.oneIn(2)}
	l.InChannels, l.OutChannels = l.Groups*d.upTo(40), l.Groups*(8+d.upTo(40))
	fixed := d.oneIn(3)
	for i := range l.Rank {
		l.Axes[i] = d.axis(l.Padding)
		l.Axes[i].Kernel = max(l.Axes[i].Kernel, 2*l.Axes[i].Stride)
		if fixed {
			l.Axes[i].Input = d.upTo(12)
		}
	}
	return l
}

// fewChannels draws a layer with two axes, a stride along y, some rows that no
// padding reaches and few output channels.
func (d dice) fewChannels() specs.Layer {
	l := specs.Layer{Op: specs.ConvTranspose, Rank: 2, Groups: 1, Bias: d.oneIn(2), Padding: specs.Explicit}
	for i := range l.Rank {
		a := specs.Axis{Kernel: 2 + d.IntN(8), Stride: 1 + d.IntN(3), Dilation: 1, Input: 5 + d.IntN(16)}
		a.PadBegin = d.IntN(min(a.Kernel, 5))
		a.PadEnd = a.PadBegin
		a.OutputPadding = d.IntN(a.Stride)
		l.Axes[i] = a
	}
	l.Axes[0].Stride = 2 + d.IntN(2)
	l.Axes[1].Input += 12
	l.InChannels, l.OutChannels = d.upTo(5), d.upTo(3)
	return l
}

// rank is 2 mostly, and 3 at times.
func (d dice) rank() int { return []int{1, 1, 1, 2, 2, 2, 2, 2, 2, 3}[d.IntN(10)] }

func (d dice) axis(p specs.Padding) specs.Axis {
	a := specs.Axis{Kernel: d.upTo(7), Stride: d.upTo(5), Dilation: 1}
	if d.oneIn(4) {
		a.Dilation = d.upTo(3)
	}
	if d.oneIn(8) {
		a.Stride = []int{8, 16}[d.IntN(2)]
		a.Kernel = a.Stride * d.upTo(2)
	}
	if p == specs.Explicit {
		a.PadBegin = d.IntN(min(a.Kernel, 4))
		a.PadEnd = a.PadBegin
		if d.oneIn(4) {
			a.PadEnd = d.IntN(5)
		}
	}
	if d.oneIn(3) {
		a.OutputPadding = d.IntN(max(a.Stride, a.Dilation))
	}
	return a
}

// channels draws different counts for input and output, groups or depthwise.
func (d dice) channels(l *specs.Layer) {
	switch d.IntN(8) {
	case 0:
		l.Depthwise, l.Groups = true, 0
		if d.oneIn(2) {
			l.InChannels = d.upTo(6)
			l.OutChannels = l.InChannels
		}
	case 1:
		l.Groups = 1 + d.upTo(2)
		l.InChannels, l.OutChannels = l.Groups*d.upTo(3), l.Groups*d.upTo(4)
	case 2, 3: // both open
	default:
		l.InChannels, l.OutChannels = d.upTo(7), d.upTo(9)
	}
}
