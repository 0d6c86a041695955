package main

import (
	"errors"
	"fmt"

	"github.com/upconv/upconv/specs"
)

// ways are the contestants that this command can be: each splits a layer into
// those that it runs one after the other.
var ways = map[string]func(specs.Layer) ([]specs.Layer, error){
	"ours":      whole,
	"two_steps": steps,
}

// whole runs a layer as it is.
func whole(l specs.Layer) ([]specs.Layer, error) { return []specs.Layer{l}, nil }

// enlargers are the ops that a resize_conv enlarges with.
var enlargers = map[specs.Interpolation]specs.Op{
	specs.InterpolateNearest:  specs.Nearest,
	specs.InterpolateBilinear: specs.Bilinear,
}

// steps enlarges into an array, then convolves that: what a resize_conv saves its
// users.
func steps(l specs.Layer) ([]specs.Layer, error) {
	if l.Op != specs.ResizeConv || l.Border != specs.ZeroBorder {
		return nil, fmt.Errorf("%w: %s is not two layers", errors.ErrUnsupported, l.Canonical())
	}
	enlarge, conv := specs.NewLayer(enlargers[l.Interpolation], l.Rank), l
	enlarge.InChannels, enlarge.OutChannels, enlarge.Layout = l.InChannels, l.InChannels, l.Layout
	conv.Op, conv.Interpolation = specs.Conv, specs.InterpolateNearest
	for i, a := range l.Spatial() {
		enlarge.Axes[i].Scale, enlarge.Axes[i].Input = a.Scale, a.Input
		conv.Axes[i].Scale, conv.Axes[i].Stride, conv.Axes[i].Input = 0, 1, a.Scale*a.Input
	}
	return []specs.Layer{enlarge, conv}, nil
}
