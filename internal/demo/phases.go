package demo

import (
	"math"

	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// flat is what the model makes of a picture of ones after doubling it times
// times: the gain of every output pixel, averaged over the channels.
func (m model) flat(width, height, times int) (plane, error) {
	p := picture.New(width, height)
	p.Fill(1)
	for range times {
		q, _, err := m.double(p, nil)
		if err != nil {
			return plane{}, err
		}
		p = q
	}
	g := plane{p.Width, p.Height, make([]float32, p.Width*p.Height)}
	for i := range g.values {
		for c := range picture.Channels {
			g.values[i] += p.Plane(c)[i] / picture.Channels
		}
	}
	return g, nil
}

// plane is one channel of values, row by row.
type plane struct {
	width, height int
	values        []float32
}

func (p plane) at(x, y int) float32 { return p.values[y*p.width+x] }

// phaseGains are the gains of the phases of an enlargement by 2^times, away
// from the border: output pixel (x, y) has phase (x mod 2^times, y mod 2^times).
func (m model) phaseGains(times int) (plane, error) {
	const input = 9 // wide enough for a middle pixel that no border reaches
	g, err := m.flat(input, input, times)
	if err != nil {
		return plane{}, err
	}
	factor := 1 << times
	phases := plane{factor, factor, make([]float32, factor*factor)}
	start := input / 2 * factor
	for i := range phases.values {
		phases.values[i] = g.at(start+i%factor, start+i/factor)
	}
	return phases, nil
}

// spread returns the smallest and the largest value and the standard deviation.
func (p plane) spread() (low, high, deviation float64) {
	low, high = math.Inf(1), math.Inf(-1)
	sum, squares := 0.0, 0.0
	for _, f := range p.values {
		v := float64(f)
		low, high = min(low, v), max(high, v)
		sum, squares = sum+v, squares+v*v
	}
	n := float64(len(p.values))
	mean := sum / n
	return low, high, math.Sqrt(max(0, squares/n-mean*mean))
}

// overlap counts the stamps that reach each output pixel of a layer's
// geometry: the layer's own result for ones stamped by a kernel of ones.
func overlap(l specs.Layer, height, width int) (plane, error) {
	l.InChannels, l.OutChannels, l.Groups, l.Depthwise, l.Bias = 1, 1, 1, false, false
	return compute(l, ones(l.Axes[0].Kernel*l.Axes[1].Kernel), ones(height*width), height, width)
}

// compute runs a one-channel layer of rank 2 on a small input, for which the
// generic path is asked: it is there whatever the environment prefers.
func compute(l specs.Layer, weights, src []float32, height, width int) (plane, error) {
	registry, err := runtime.NewRegistry()
	if err != nil {
		return plane{}, err
	}
	layer, err := registry.New(l, weights, nil, runtime.WithISA("generic"))
	if err != nil {
		return plane{}, err
	}
	shape := runtime.NewShape(1, height, width)
	out, err := layer.OutputShape(shape)
	if err != nil {
		return plane{}, err
	}
	p := plane{out.Input[1], out.Input[0], make([]float32, out.Input[0]*out.Input[1])}
	return p, layer.Forward(p.values, src, shape)
}

func ones(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = 1
	}
	return v
}
