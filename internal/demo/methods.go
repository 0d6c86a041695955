package demo

import (
	"math/rand/v2"

	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// method is one way to double a picture: a generated layer with its weights.
type method struct {
	name string // of the results: bilinear-x2.png
	make func(opts ...runtime.Option) (*runtime.Layer, error)
}

// methods are the three ways that the demo compares: an even overlap, an uneven
// one and none.
func methods() []method {
	return []method{
		{"bilinear", newBilinear},
		{"checkerboard", newCheckerboard},
		{"nearest", newNearest},
	}
}

// newBilinear is k4 s2 p1 on each channel alone.
func newBilinear(opts ...runtime.Option) (*runtime.Layer, error) {
	return common.NewDwk4s2p1(picture.Channels, bilinearWeights(), noBias(), opts...)
}

// newCheckerboard is k3 s2 p1 with output padding 1: the size doubles exactly,
// but 3 is not a multiple of 2.
func newCheckerboard(opts ...runtime.Option) (*runtime.Layer, error) {
	return common.NewK3s2p1o1(picture.Channels, picture.Channels, checkerboardWeights(), noBias(), opts...)
}

// newNearest is k2 s2: stamps lie side by side.
func newNearest(opts ...runtime.Option) (*runtime.Layer, error) {
	return common.NewK2s2(picture.Channels, picture.Channels, nearestWeights(), noBias(), opts...)
}

// noBias is a bias of zeros.
func noBias() []float32 { return make([]float32, picture.Channels) }

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

// nearestWeights is [3, 3, 2, 2]: ones from each channel to itself.
func nearestWeights() []float32 {
	w := make([]float32, 0, picture.Channels*picture.Channels*4)
	for in := range picture.Channels {
		for out := range picture.Channels {
			v := float32(0)
			if in == out {
				v = 1
			}
			w = append(w, v, v, v, v)
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
// mean of all phases. They are the same in every run.
func checkerboardWeights() []float32 {
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
	normalise(w, picture.Channels, 9, 4)
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
	name  string
	layer specs.Layer
	up    *runtime.Layer
}

// build makes the layers of all methods, choosing their kernels.
func build(list []method, opts []runtime.Option) ([]model, error) {
	models := make([]model, len(list))
	for i, m := range list {
		up, err := m.make(opts...)
		if err != nil {
			return nil, err
		}
		models[i] = model{m.name, up.Spec(), up}
	}
	return models, nil
}

// uneven reports a kernel that does not cover every output equally often.
func (m model) uneven() bool {
	a := m.layer.Axes[0]
	return a.Kernel%a.Stride != 0
}
