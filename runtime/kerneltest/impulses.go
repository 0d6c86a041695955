package kerneltest

import (
	"fmt"
	"math/rand/v2"

	"github.com/upconv/upconv/specs"
)

// drawImpulses makes element n of image n 1 and all others 0. Weights are the integers
// from 1 on, so that an output tells which of them made it; the bias is half a unit
// off.
func drawImpulses(p *problem, _ *rand.Rand, d *Data) {
	image := p.srcLen / p.batch
	for n := range p.batch {
		d.Src[n*image+n%image] = 1
	}
	for i := range d.Weights {
		d.Weights[i] = float32(1 + i)
	}
	for i := range d.Bias {
		d.Bias[i] = -0.5 - float32(i)
	}
}

// impulseSizes are tried in this order: the linear map of a large layer is too large.
var impulseSizes = []size{
	{1, [3]int{2, 3, 9}, 3, 5},
	{1, [3]int{2, 3, 5}, 2, 3},
	{1, [3]int{1, 2, 4}, 1, 2},
	{1, [3]int{1, 1, 3}, 1, 1},
	{1, [3]int{1, 1, 1}, 1, 1},
}

// ImpulseCase is the largest case of a layer, without what becomes of its sums, whose
// linear map takes at most work multiply-adds; ok is false where there is none. Its batch
// has an image for each element of an input.
func ImpulseCase(l specs.Layer, work int) (c Case, ok bool, err error) {
	for _, s := range impulseSizes {
		c, p, err := s.fit(l.Sums(), l.Bias)
		if err != nil {
			return c, false, err
		}
		c.Shape.Batch = p.srcLen
		n, err := c.Work()
		if err != nil || n <= work {
			return c, err == nil, err
		}
	}
	return c, false, nil
}

// CheckImpulses compares the linear map of the case's layer: in each image of the batch
// one element is 1 and all others are 0.
func (t Target) CheckImpulses(c Case) (Report, error) {
	p, err := newProblem(c.Layer, c.Shape)
	if err != nil {
		return Report{}, fmt.Errorf("%v: %w", c, err)
	}
	r, err := t.checkData(p, c, p.data(Impulses, 0), []Setup{{Head, 1}}, 0)
	r.Cases = 1
	return r, err
}
