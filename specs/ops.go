package specs

import (
	"slices"
	"strings"
)

// Op names the operation of a layer.
type Op string

const (
	// ConvTranspose is the transposed convolution: every input element stamps the
	// kernel, scaled by its value, onto the output; overlapping stamps add up.
	// Weights are [C_in, C_out/groups, k...] (PyTorch ConvTranspose{1,2,3}d, ONNX
	// ConvTranspose).
	ConvTranspose Op = "conv_transpose"
	// Conv is the convolution, as neural networks have it, without flipping the
	// kernel: every output is the sum of the kernel's elements times the inputs
	// below them. Weights are [C_out, C_in/groups, k...] (PyTorch Conv{1,2,3}d).
	Conv Op = "conv"
	// Nearest repeats the nearest input (ONNX Resize, mode nearest).
	Nearest Op = "nearest"
	// Bilinear weighs the two nearest inputs of each axis: linear interpolation on
	// one axis, trilinear on three (ONNX Resize, mode linear).
	Bilinear Op = "bilinear"
	// BedOfNails puts every input into the first place of a block of zeros.
	BedOfNails Op = "bed_of_nails"
	// MaxPool is the largest input of each window; it can tell where that was.
	MaxPool Op = "max_pool"
	// MaxUnpool puts every input where the maximum was found; all else is 0.
	MaxUnpool Op = "max_unpool"
	// PixelShuffle turns channels into the pixels of a block (depth to space).
	PixelShuffle Op = "pixel_shuffle"
	// PixelUnshuffle undoes PixelShuffle (space to depth).
	PixelUnshuffle Op = "pixel_unshuffle"
	// ResizeConv enlarges by a whole scale, then convolves with a stride of 1. It
	// is the cure of the checkerboard. Weights are those of Conv.
	ResizeConv Op = "resize_conv"
)

// weighted are the keys of layers with weights.
const weighted = " groups depthwise bias activation add"

// opKeys says which keys of a spec each op takes beside commonKeys. A field of a
// key that the op does not take is zero.
var opKeys = []struct {
	op   Op
	keys []string
}{
	{ConvTranspose, strings.Fields("kernel stride padding output_padding output_size dilation" + weighted)},
	{Conv, strings.Fields("kernel stride padding dilation" + weighted)},
	{Nearest, strings.Fields("scale output_size coordinate rounding")},
	{Bilinear, strings.Fields("scale output_size coordinate")},
	{BedOfNails, strings.Fields("scale")},
	{MaxPool, strings.Fields("kernel stride padding dilation ceil_mode indices")},
	{MaxUnpool, strings.Fields("kernel stride padding output_size indices")},
	{PixelShuffle, strings.Fields("scale order")},
	{PixelUnshuffle, strings.Fields("scale order")},
	{ResizeConv, strings.Fields("kernel scale padding dilation interpolation border" + weighted)},
}

// commonKeys are the keys of every op.
var commonKeys = strings.Fields("name op in_channels out_channels input layout")

// allKeys is the order in which keys are listed.
var allKeys = strings.Fields("name op kernel stride scale padding output_padding output_size dilation" +
	" coordinate rounding ceil_mode indices order interpolation border" +
	" groups depthwise in_channels out_channels input layout bias activation add")

// Ops lists the operations.
func Ops() []Op {
	var list []Op
	for _, o := range opKeys {
		list = append(list, o.op)
	}
	return list
}

// Known reports whether there is such an op.
func (o Op) Known() bool { return slices.Contains(Ops(), o) }

// Takes reports whether a layer of the op has the key.
func (o Op) Takes(key string) bool {
	for _, row := range opKeys {
		if row.op == o {
			return slices.Contains(row.keys, key) || slices.Contains(commonKeys, key)
		}
	}
	return false
}

// Keys lists the keys that the op takes.
func (o Op) Keys() []string {
	return slices.DeleteFunc(slices.Clone(allKeys), func(key string) bool { return !o.Takes(key) })
}

// Weighted reports whether layers of the op have weights.
func (o Op) Weighted() bool { return o.Takes("groups") }

// KeepsChannels reports whether the output always has the channels of the input.
func (o Op) KeepsChannels() bool {
	return !o.Weighted() && o != PixelShuffle && o != PixelUnshuffle
}

// opNames lists the operations in a message.
func opNames() string {
	var names []string
	for _, o := range Ops() {
		names = append(names, string(o))
	}
	return strings.Join(names, ", ")
}
