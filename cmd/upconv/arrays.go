package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/upconv/upconv/internal/tensorio"
	"github.com/upconv/upconv/specs"
)

// array is an array and the file that it is from.
type array struct {
	tensorio.Array
	path string
	deep bool // a picture of sixteen bits a channel
}

// arrays are what a layer is applied to; what it has none of is empty.
type arrays struct {
	input, weights, bias, slopes, residual array
	indices                                tensorio.Integers
	indicesPath                            string
}

// complete returns the layer with the channels that it leaves free, which are
// those of the arrays, and reports every array that does not fit.
func (a *arrays) complete(l specs.Layer, limits specs.Limits) (specs.Layer, error) {
	want := shapesOf(l)
	err := errors.Join(a.input.dimensions(l, "the input", l.Rank+2, want.input), a.input.notEmpty())
	if l.Op.Weighted() {
		err = errors.Join(
			a.input.dimensions(l, "the input", l.Rank+2, want.input),
			a.weights.dimensions(l, "weights", l.Rank+2, want.weights),
			a.input.notEmpty(), a.weights.notEmpty())
	}
	if err != nil {
		return l, err
	}
	if _, channels, _ := l.Layout.Parts(a.input.Shape); l.InChannels == 0 {
		l.InChannels = channels
	}
	switch l = l.WithChannels(); {
	case l.OutChannels != 0 || !l.Op.Weighted():
	case l.Op == specs.ConvTranspose:
		l.OutChannels = a.weights.Shape[1] * l.Groups
	default:
		l.OutChannels = a.weights.Shape[0]
	}
	if err := a.checkLayer(l, limits); err != nil {
		return l, err
	}
	return l, a.checkShapes(l)
}

// dimensions reports an array of another rank.
func (a array) dimensions(l specs.Layer, what string, rank int, want string) error {
	if len(a.Shape) == rank {
		return nil
	}
	return fmt.Errorf("%s: shape is %s, %s of layer %s has %d dimensions: %s", a.path, shapeText(a.Shape), what, l.Name, rank, want)
}

func (a array) notEmpty() error {
	if len(a.Data) > 0 {
		return nil
	}
	return fmt.Errorf("%s: shape is %s, the array is empty", a.path, shapeText(a.Shape))
}

// checkLayer validates what the layer became by the arrays: groups that do not
// divide their channels, an input too small for an output.
func (a *arrays) checkLayer(l specs.Layer, limits specs.Limits) error {
	_, _, sizes := l.Layout.Parts(a.input.Shape)
	for i, size := range sizes {
		if l.Axes[i].Input == 0 {
			l.Axes[i].Input = size
		}
	}
	var errs []error
	for _, p := range l.ValidateWithin(limits) {
		with := "input " + shapeText(a.input.Shape)
		if l.Op.Weighted() {
			with += " and weights " + shapeText(a.weights.Shape)
		}
		errs = append(errs, fmt.Errorf("layer %s with %s: %s", l.Name, with, p))
	}
	return errors.Join(errs...)
}

// checkShapes compares all shapes with those that the layer wants by now.
func (a *arrays) checkShapes(l specs.Layer) error {
	want := shapesOf(l)
	batch, _, sizes := l.Layout.Parts(slices.Clone(a.input.Shape))
	for i, axis := range l.Spatial() {
		if axis.Input != 0 {
			sizes[i] = axis.Input
		}
	}
	errs := []error{a.input.is(l, "the input", l.Layout.Shape(batch, l.InChannels, sizes...), want.input)}
	if l.Op.Weighted() {
		errs = append(errs, a.weights.is(l, "weights", l.WeightsShape(), want.weights))
	}
	if l.Bias {
		errs = append(errs, a.bias.is(l, "the bias", []int{l.OutChannels}, want.bias))
	}
	if l.Activation.Function == specs.PReLU {
		errs = append(errs, a.slopes.is(l, "slopes", []int{l.OutChannels}, want.bias))
	}
	if l.Op == specs.MaxUnpool && !slices.Equal(a.indices.Shape, a.input.Shape) {
		errs = append(errs, fmt.Errorf("%s: shape is %s, the indices of layer %s must be %s, like the input",
			a.indicesPath, shapeText(a.indices.Shape), l.Name, shapeText(a.input.Shape)))
	}
	return errors.Join(errs...)
}

// is reports an array whose shape is not the wanted one.
func (a array) is(l specs.Layer, what string, shape []int, want string) error {
	if slices.Equal(a.Shape, shape) {
		return nil
	}
	return fmt.Errorf("%s: shape is %s, %s of layer %s must be %s", a.path, shapeText(a.Shape), what, l.Name, want)
}
