package kerneltest

import (
	"fmt"
	"strings"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Regression is a bug that other implementations have had: layers in one shape.
type Regression struct {
	ID    string // T of transposed convolutions, U of unpooling, R of resizes
	What  string
	Cases []Case
}

// Regressions are the bugs that whole layers show, to be held to the definition with
// every kind of data, guards and goroutines.
func Regressions() []Regression {
	var list []Regression
	for _, row := range regressions {
		r := Regression{ID: row.id, What: row.what}
		for name := range strings.FieldsSeq(row.layers) {
			l, err := specs.ParseName(name)
			if err != nil {
				panic(fmt.Sprintf("kerneltest: regression %s: %v", row.id, err)) // the table is constant and tested
			}
			r.Cases = append(r.Cases, Case{Layer: l, Shape: shaped(row.shape, l.Rank)})
		}
		list = append(list, r)
	}
	return list
}

// shaped is a shape of the table for a layer of the given rank: one size serves rows
// of several.
func shaped(s runtime.Shape, rank int) runtime.Shape {
	for i := range s.Input {
		if s.Input[i] = max(s.Input[i], 1); i >= rank {
			s.Input[i] = 0
		}
	}
	return s
}

var regressions = []struct {
	id, what string
	layers   string // canonical names
	shape    runtime.Shape
}{
	{"T3", "dilation with output padding", "conv_transpose2d_k3s2p1d2o1_c2x3", runtime.NewShape(1, 5, 4)},
	{"T4", "dilation in the output's size", "conv_transpose2d_k3x5s2x1p4x2d3x1_c2x3", runtime.NewShape(1, 50, 9)},
	{"T5", "same_upper and same_lower, even and odd", "conv_transpose2d_k3s2psu_c2x3 conv_transpose2d_k3s2psl_c2x3 conv_transpose2d_k4s2psu_c2x3 conv_transpose2d_k4s2psl_c2x3 conv_transpose2d_k3s2psuo1_c2x3 conv_transpose2d_k4s2pslo1_c2x3 conv_transpose2d_k3s2pv_c2x3 conv_transpose2d_k3s2pvo1_c2x3 conv_transpose2d_k3s2_c2x3 conv2d_k4psu_c2x3 conv2d_k4psl_c2x3 conv2d_k3psu_c2x3 conv2d_k3psl_c2x3 conv2d_k4pv_c2x3", runtime.NewShape(1, 5, 6)},
	{"T6", "wanted sizes with an odd rest", "conv_transpose2d_k4s2psun9x11_c2x3_i5x6 conv_transpose2d_k4s2psln9x11_c2x3_i5x6 conv_transpose2d_k4s2p1n11x13_c2x3_i5x6", runtime.NewShape(1, 5, 6)},
	{"T7", "padding with dilation", "conv_transpose2d_k3s2p2d2_c3x2", runtime.NewShape(2, 4, 5)},
	{"T8", "paddings that are no multiple of the stride", "conv_transpose2d_k4s2p1_c3x5 conv_transpose2d_k4s2p3_c3x5 conv_transpose2d_k5s3p1_c3x5 conv_transpose2d_k5s3p2_c3x5 conv_transpose2d_k5s3p4_c3x5", runtime.NewShape(1, 8, 9)},
	{"T9", "strides that differ", "conv_transpose2d_k3s1x2_c3x4 conv_transpose2d_k3s2x1_c3x4 conv_transpose2d_k4s1x3p1_c3x4 conv2d_k3s1x2_c3x4", runtime.NewShape(1, 5, 7)},
	{"T10", "more channels than lanes, rows shorter than a vector", "conv_transpose2d_k3s2p1_c17x18 conv_transpose2d_k3s3_c17x18", runtime.NewShape(1, 3, 16)},
	{"T11", "k5 s3 p1 of 32 x 32", "conv_transpose2d_k5s3p1_c9x4", runtime.NewShape(1, 32, 32)},
	{"T12", "a kernel far larger than the input", "conv_transpose1d_k125p62_c2x3 conv_transpose1d_k25s3p11_c2x3 conv1d_k125p62_c2x3", runtime.NewShape(1, 1)},
	{"T13", "nothing but borders", "conv_transpose2d_k4s2p1_c3x5 conv_transpose2d_k3s2p1o1_c3x5 conv2d_k3p1_c3x5", runtime.NewShape(2, 1, 2)},
	{"T14", "three axes", "conv_transpose3d_k1x4x4s1x4x4_c2x3 conv_transpose3d_k3s2p1_c2x3", runtime.NewShape(1, 1, 2, 2)},
	{"T15", "one axis, dilation, every instruction set", "conv_transpose1d_k4s2p1d2_c5x6 conv_transpose1d_k4s2p1_c5x6", runtime.NewShape(2, 37)},
	{"T16", "same padding at stride 1", "conv_transpose2d_k3psu_c3x2 conv_transpose2d_k3psl_c3x2", runtime.NewShape(1, 4, 5)},
	{"T18", "output padding on every path", "conv_transpose2d_k3s2p1o1_c4x5 conv_transpose2d_k2s2o1_c4x5", runtime.NewShape(1, 4, 19)},
	{"T20", "channels, groups and kernels that differ", "conv_transpose2d_k2x3s2g2_c4x6 conv_transpose2d_k2x3s2g3_c9x6 conv2d_k2x3g2_c4x6 conv_transpose2d_k4s2p1dw_c5x5", runtime.NewShape(2, 3, 4)},
	{"T21", "kernels smaller than the stride", "conv_transpose2d_k1s2_c3x4 conv_transpose2d_k1s2o1_c3x4 conv_transpose2d_k2s3o2_c3x4", runtime.NewShape(1, 4, 5)},
	{"T22", "sizes that differ", "conv_transpose2d_k3x2s2_c2x3 conv_transpose2d_k4s2p1_c2x3", runtime.NewShape(1, 2, 23)},
	{"T26", "a kernel of one, a stride of three", "conv_transpose2d_k1s3_c2x3 conv_transpose1d_k1s3_c2x3", runtime.NewShape(1, 4)},
	{"U8", "planes beyond 65504", "max_pool2d_k2s2_c2x2 max_pool2d_k2s2tensor_c2x2_nhwc max_unpool2d_k2s2_c2x2", runtime.NewShape(1, 262, 260)},
	{"R3", "images and channels are no axes", "nearest2d_n7x9halfpixel_c3x3 bilinear2d_n7x9_c3x3 nearest2d_n7x9_c3x3_nhwc bilinear2d_n7x9_c3x3_nhwc", runtime.NewShape(3, 4, 5)},
	{"R4", "every output is written", "bilinear2d_n31x17aligncorners_c2x2 nearest2d_n31x17_c2x2 bed_of_nails2d_s3x2_c2x2", runtime.NewShape(2, 5, 3)},
	{"R5", "one input", "bilinear2d_n9x1_c2x2 bilinear2d_n1x9aligncorners_c2x2 nearest2d_n9x1halfpixel_c2x2 bilinear2d_n5x5asymmetric_c2x2", runtime.NewShape(1, 1, 1)},
	{"R7", "both layouts", "conv_transpose2d_k4s2p1_c3x5 conv_transpose2d_k4s2p1_c3x5_nhwc conv2d_k3p1_c3x5_nhwc resize_conv2d_k3s2p1_c3x5_nhwc pixel_shuffle2d_s2_c8x2_nhwc max_pool2d_k3s2p1_c3x3_nhwc", runtime.NewShape(2, 5, 6)},
}
