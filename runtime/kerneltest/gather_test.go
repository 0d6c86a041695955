package kerneltest

import (
	"math"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// gather is a plain implementation of the layer that the tests of the tests break
// in known ways. It gathers, in the documented order.
type gather struct {
	layer         specs.Layer
	weights, bias []float32
	threads       int
	fused         bool
	broken        fault
	kernel        string
}

func (g *gather) Kernel() string { return g.kernel }

// fault is one deliberate mistake.
type fault struct {
	// term may move the cursor of a term; ok false drops it.
	term func(c *cursor) (ok bool)
	// sum changes the sum of an output before it is stored.
	sum func(c *cursor, sum float32) float32
	// start changes the first value of the sum.
	start func(c *cursor, bias float32) float32
	// factor changes the factors of a term.
	factor func(c *cursor, x, w float32) (float32, float32)
	// skip leaves the output as it is.
	skip func(c *cursor) bool
	// after runs when all outputs are stored.
	after func(g *gather, dst, src []float32)
	// backwards walks the input channels from the last to the first.
	backwards bool
}

// cursor is the output and the term at hand.
type cursor struct {
	g            *gather
	e            []specs.Extent // z, y, x
	n, oc        int
	out          [3]int
	ic           int    // within the group
	in, k        [3]int // of the term
	terms, place int    // terms so far of this output; index of it in dst
	channels     int    // input channels of a group
}

func (g *gather) Run(a runtime.Args, shape runtime.Shape) error {
	dst, src := a.Dst, a.Src
	extents, err := g.layer.Resolve(shape.Input[:g.layer.Rank])
	if err != nil {
		return err
	}
	for len(extents) < 3 {
		extents = append([]specs.Extent{{In: 1, Out: 1, Kernel: 1, Stride: 1, Dilation: 1}}, extents...)
	}
	c := &cursor{g: g, e: extents, channels: g.layer.InChannels / g.layer.GroupCount()}
	for c.n = range shape.Batch {
		for c.oc = range g.layer.OutChannels {
			g.plane(c, dst, src)
		}
	}
	if g.broken.after != nil {
		g.broken.after(g, dst, src)
	}
	return nil
}

func (g *gather) plane(c *cursor, dst, src []float32) {
	for c.out[0] = range c.e[0].Out {
		for c.out[1] = range c.e[1].Out {
			for c.out[2] = range c.e[2].Out {
				c.place = c.index(g.layer.OutChannels, c.oc, c.out, [3]int{c.e[0].Out, c.e[1].Out, c.e[2].Out})
				if sum := g.output(c, src); g.broken.skip == nil || !g.broken.skip(c) {
					dst[c.place] = sum
				}
			}
		}
	}
}

// index is that of an element of an array with the given channels and sizes.
func (c *cursor) index(channels, channel int, at, size [3]int) int {
	if c.g.layer.Layout == specs.NHWC {
		return (((c.n*size[0]+at[0])*size[1]+at[1])*size[2]+at[2])*channels + channel
	}
	return (((c.n*channels+channel)*size[0]+at[0])*size[1]+at[1])*size[2] + at[2]
}

// output sums one output element.
func (g *gather) output(c *cursor, src []float32) float32 {
	sum := float32(0)
	if g.bias != nil {
		sum = g.bias[c.oc]
	}
	if g.broken.start != nil {
		sum = g.broken.start(c, sum)
	}
	c.terms = 0
	for i := range c.channels {
		if c.ic = i; g.broken.backwards {
			c.ic = c.channels - 1 - i
		}
		sum = g.channel(c, src, sum)
	}
	if g.broken.sum != nil {
		sum = g.broken.sum(c, sum)
	}
	return sum
}

// channel adds the terms of one input channel, by ascending input position.
func (g *gather) channel(c *cursor, src []float32, sum float32) float32 {
	for c.in[0] = c.first(0); c.in[0] <= c.last(0); c.in[0]++ {
		for c.in[1] = c.first(1); c.in[1] <= c.last(1); c.in[1]++ {
			for c.in[2] = c.first(2); c.in[2] <= c.last(2); c.in[2]++ {
				if c.hits() && (g.broken.term == nil || g.broken.term(c)) {
					sum = g.add(c, src, sum)
					c.terms++
				}
			}
		}
	}
	return sum
}

// first is the first input on an axis that may reach the output.
func (c *cursor) first(axis int) int {
	e := c.e[axis]
	return max(0, (c.out[axis]+e.PadBegin-e.Dilation*(e.Kernel-1))/e.Stride)
}

// last is the last input on an axis that may reach the output.
func (c *cursor) last(axis int) int {
	e := c.e[axis]
	return min(e.In-1, (c.out[axis]+e.PadBegin)/e.Stride)
}

// hits finds the kernel element that takes the input to the output, if any.
func (c *cursor) hits() bool {
	for i, e := range c.e {
		k := c.out[i] + e.PadBegin - e.Stride*c.in[i]
		if k < 0 || k%e.Dilation != 0 || k/e.Dilation >= e.Kernel {
			return false
		}
		c.k[i] = k / e.Dilation
	}
	return true
}

func (g *gather) add(c *cursor, src []float32, sum float32) float32 {
	groupOut := g.layer.OutChannels / g.layer.GroupCount()
	ic := c.oc/groupOut*c.channels + c.ic
	x := src[c.index(g.layer.InChannels, ic, c.in, [3]int{c.e[0].In, c.e[1].In, c.e[2].In})]
	at := ((ic*groupOut+c.oc%groupOut)*c.e[0].Kernel+c.k[0])*c.e[1].Kernel + c.k[1]
	w := g.weights[at*c.e[2].Kernel+c.k[2]]
	if g.broken.factor != nil {
		x, w = g.broken.factor(c, x, w)
	}
	if g.fused {
		return fma32(x, w, sum)
	}
	return float32(x*w) + sum
}

// target makes the gathering implementation a Target.
func (f fault) target(fused bool) Target {
	return Target{Name: "gather", Fused: fused, New: func(l specs.Layer, w Weights, setup Setup) (Runner, error) {
		return &gather{layer: l, weights: w.Weights, bias: w.Bias, threads: setup.Threads, fused: fused, broken: f, kernel: "gather"}, nil
	}}
}

// flush is v with denormals replaced by 0.
func flush(v float32) float32 {
	if math.Abs(float64(v)) < 0x1p-126 {
		return 0
	}
	return v
}
