package differential

import (
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// Interpreted returns a kernel that interprets the loop nest which the target's
// emitter would print; ok is false when the target has none for the layer. It
// needs no feature of the processor.
func Interpreted(l specs.Layer, target plan.Target) (k runtime.Kernel, ok bool) {
	d, err := gen.DesignOf(l, target)
	if err != nil {
		return runtime.Kernel{}, false
	}
	return Link(d, d.Nest.Eval), true
}

// gathers reports whether Phases computes the layer: sums of products, and nothing
// after that.
func gathers(l specs.Layer) bool {
	return l.Op == specs.ConvTranspose && !l.Add && l.Activation == specs.Activation{}
}

// Phases returns the path that gathers by polyphase.Axis.Terms, one output at a
// time, rounding product and sum.
func Phases() kerneltest.Target {
	return kerneltest.Target{Name: "phases", New: func(l specs.Layer, w kerneltest.Weights, _ kerneltest.Setup) (kerneltest.Runner, error) {
		return &gatherer{l, w.Weights, w.Bias}, nil
	}}
}

type gatherer struct {
	layer         specs.Layer
	weights, bias []float32
}

// Kernel is the name that Phases promises.
func (g *gatherer) Kernel() string { return "phases" }

// Run computes every output from its terms.
func (g *gatherer) Run(a runtime.Args, s runtime.Shape) error {
	dst, src := a.Dst, a.Src
	e, err := g.layer.Resolve(s.Input[:g.layer.Rank])
	if err != nil {
		return err
	}
	axes, in, out, kernel := make([]polyphase.Axis, len(e)), 1, 1, 1
	for i, x := range e {
		axes[i] = polyphase.Transposed(polyphase.Of(x))
		in, out, kernel = in*x.In, out*x.Out, kernel*x.Kernel
	}
	groups := g.layer.GroupCount()
	ic, oc := g.layer.InChannels/groups, g.layer.OutChannels/groups
	for i := range dst {
		n, c, o := place(g.layer.Layout, i, g.layer.OutChannels, out)
		acc := float32(0)
		if g.bias != nil {
			acc = g.bias[c]
		}
		for k := range ic {
			channel := c/oc*ic + k
			terms(axes, e, o, func(at, w int) {
				x := src[element(g.layer.Layout, n, channel, at, g.layer.InChannels, in)]
				acc += float32(x * g.weights[(channel*oc+c%oc)*kernel+w])
			})
		}
		dst[i] = acc
	}
	return nil
}

// place is the image, the channel and the position in its plane of element i.
func place(o specs.Layout, i, channels, plane int) (n, c, at int) {
	if o == specs.NHWC {
		return i / channels / plane, i % channels, i / channels % plane
	}
	return i / plane / channels, i / plane % channels, i % plane
}

// element undoes place.
func element(o specs.Layout, n, c, at, channels, plane int) int {
	if o == specs.NHWC {
		return (n*plane+at)*channels + c
	}
	return (n*channels+c)*plane + at
}

// terms calls f with the flat input and kernel index of each term of output o.
func terms(axes []polyphase.Axis, e []specs.Extent, o int, f func(at, w int)) {
	at, w := 0, 0
	var walk func(i int)
	rest := make([]int, len(axes))
	for i := len(axes) - 1; i >= 0; i-- {
		rest[i], o = o%e[i].Out, o/e[i].Out
	}
	walk = func(i int) {
		if i == len(axes) {
			f(at, w)
			return
		}
		at0, w0 := at, w
		for in, k := range axes[i].Terms(rest[i], e[i].In) {
			at, w = at0*e[i].In+in, w0*e[i].Kernel+k
			walk(i + 1)
		}
		at, w = at0, w0
	}
	walk(0)
}
