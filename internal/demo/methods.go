package demo

import (
	"math/rand/v2"
	"slices"

	overlaps "github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// method is one way to enlarge a picture.
type method struct {
	name    string // of the results: bilinear-x2.png
	title   string // on the sheet
	about   string // what it does, on the sheet
	layer   specs.Layer
	weights []float32 // nil for ops without weights
}

// methods are the five techniques, the checkerboard and its cure, for a picture of the
// given size.
func methods(s size) []method {
	return []method{
		{"nearest", "nearest", "every pixel four times", scaled(specs.Nearest), nil},
		{"bilinear", "bilinear", "weighs the four nearest pixels", scaled(specs.Bilinear), nil},
		{"bed-of-nails", "bed of nails", "zeros around every pixel", scaled(specs.BedOfNails), nil},
		{"max-unpool", "max-unpooling", "each maximum where it was", unpooling(s), nil},
		{"transposed", "transposed convolution", "k4 s2: flat areas stay flat", transposed(4, 0, true), bilinearWeights()},
		{"checkerboard", "kernel 3, stride 2: the checkerboard", "", transposed(3, 1, false), checkerboardWeights(4)},
		{"resize-conv", "nearest ×2, then convolve by 3: the cure", "", resizeConv(), checkerboardWeights(1)},
	}
}

// techniques is how many of the methods, from the first on, are those of the sheet's
// upper part.
const techniques = 5

// colours is a layer of two axes from colours to colours, without bias.
func colours(op specs.Op) specs.Layer {
	l := specs.NewLayer(op, 2)
	l.InChannels, l.OutChannels, l.Bias = picture.Channels, picture.Channels, false
	return l
}

// scaled is a layer that doubles by its op alone.
func scaled(op specs.Op) specs.Layer {
	l := colours(op)
	for i := range l.Spatial() {
		l.Axes[i].Scale = 2
	}
	return l
}

// unpooling puts the maxima of 2 x 2 pixels back into a picture of size s.
func unpooling(s size) specs.Layer {
	l := colours(specs.MaxUnpool)
	for i, n := range []int{s.height, s.width} {
		l.Axes[i] = specs.Axis{Kernel: 2, Stride: 2, OutputSize: n}
	}
	return l
}

// pooling finds those maxima; a last row or column of odd sizes has windows too.
func pooling() specs.Layer {
	l := colours(specs.MaxPool)
	l.CeilMode = true
	for i := range l.Spatial() {
		l.Axes[i] = specs.Axis{Kernel: 2, Stride: 2, Dilation: 1}
	}
	return l
}

// transposed is s2 p1: k4 doubles exactly, k3 does with output padding 1, but 3 is not
// a multiple of 2.
func transposed(kernel, outputPadding int, depthwise bool) specs.Layer {
	l := colours(specs.ConvTranspose)
	if depthwise {
		l.Groups, l.Depthwise = 0, true
	}
	for i := range l.Spatial() {
		l.Axes[i] = specs.Axis{Kernel: kernel, Stride: 2, Dilation: 1, PadBegin: 1, PadEnd: 1, OutputPadding: outputPadding}
	}
	return l
}

// resizeConv takes the place of k3 s2.
func resizeConv() specs.Layer {
	l := colours(specs.ResizeConv)
	l.Border = specs.Replicate
	for i := range l.Spatial() {
		l.Axes[i] = specs.Axis{Kernel: 3, Scale: 2, Dilation: 1, PadBegin: 1, PadEnd: 1}
	}
	return l
}

// bilinearWeights is the initial value that FCN gives its upsampling layers
// (Long, Shelhamer, Darrell 2015), [3, 1, 4, 4]: the outer product of a tent.
func bilinearWeights() []float32 {
	tent := [4]float32{.25, .75, .75, .25}
	var w []float32
	for range picture.Channels {
		for _, a := range tent {
			for _, b := range tent {
				w = append(w, float32(a*b))
			}
		}
	}
	return w
}

// How far the checkerboard's weights are from a smooth upsampler.
const (
	flatness = 0.36 // 0: the tent .5 1 .5, which is even; 1: three equal weights
	noise    = 0.06 // relative deviation of each weight
	leak     = 0.02 // weights between different channels
)

// checkerboardWeights, [3, 3, 3, 3], look as training leaves them: near the
// diagonal, a little flatter than a tent, a little noisy, and of gain 1 on the
// mean of all phases, which are those of the transposed convolution or 1. They are the
// same in every run.
func checkerboardWeights(phases float32) []float32 {
	side, middle := 0.5+flatness/6, 1-flatness/3
	profile := [3]float64{side, middle, side}
	random := rand.New(rand.NewPCG(3, 2))
	var w []float32
	for in := range picture.Channels {
		for out := range picture.Channels {
			for _, a := range profile {
				for _, b := range profile {
					v := 2*random.Float64() - 1
					if in == out {
						v = a * b * (1 + noise*v)
					} else {
						v *= leak
					}
					w = append(w, float32(v))
				}
			}
		}
	}
	normalise(w, picture.Channels, 9, phases)
	return w
}

// normalise scales weights [channels, channels, taps] so that those reaching
// each output channel add up to sum: the number of phases, for a mean gain of 1.
func normalise(w []float32, channels, taps int, sum float32) {
	each := func(out int, visit func(*float32)) {
		for in := range channels {
			start := (in*channels + out) * taps
			for i := range taps {
				visit(&w[start+i])
			}
		}
	}
	for out := range channels {
		total := float32(0)
		each(out, func(v *float32) { total += *v })
		each(out, func(v *float32) { *v *= sum / total })
	}
}

// model is a method ready to run.
type model struct {
	method
	up   *runtime.Layer
	pool *runtime.Layer // before a max_unpool, else nil
}

// build makes the layers of all methods, choosing their kernels. isa is what the user
// asks for; a layer for which no kernel of that kind is made runs on the generic path all
// the same.
func build(list []method, isa string, opts []runtime.Option) ([]model, error) {
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	if err != nil {
		return nil, err
	}
	layer := func(l specs.Layer, weights []float32) (*runtime.Layer, error) {
		want := isa
		if !made(registry.Kernels(), registry.Candidates(l, ^cpu.Features(0)), isa) {
			want = "generic"
		}
		return registry.New(l, weights, nil, append(slices.Clone(opts), runtime.WithISA(want))...)
	}
	models := make([]model, len(list))
	for i, m := range list {
		models[i].method = m
		if models[i].up, err = layer(m.layer, m.weights); err != nil {
			return nil, err
		}
		if m.layer.Op != specs.MaxUnpool {
			continue
		}
		if models[i].pool, err = layer(pooling(), nil); err != nil {
			return nil, err
		}
	}
	return models, nil
}

// made reports whether the layer of the candidates has a kernel of the instruction set,
// or if nothing has one: then asking for it is a mistake.
func made(kernels, candidates []runtime.Kernel, isa string) bool {
	is := func(k runtime.Kernel) bool { return isa == "" || k.ISA == isa }
	return slices.ContainsFunc(candidates, is) || !slices.ContainsFunc(kernels, is)
}

// named finds a model.
func named(models []model, name string) model {
	return models[slices.IndexFunc(models, func(m model) bool { return m.name == name })]
}

// doubles reports a method whose result is twice as wide and high.
func (m model) doubles() bool { return m.pool == nil }

// uneven reports a layer that does not cover every output equally often.
func (m model) uneven() bool {
	return m.layer.Op == specs.ConvTranspose && !overlaps.Even(m.layer)
}
