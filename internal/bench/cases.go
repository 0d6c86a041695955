// Package bench times layers on every path beside the limits of the machine,
// which it measures in the same rounds.
package bench

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Case is a layer and the shape that it is timed at.
type Case struct {
	Name  string // short name of the row, such as T13_pose3, or the layer's canonical name
	Layer specs.Layer
	Shape runtime.Shape
}

// Cases are transposed convolutions of published networks (T): geometry and channels
// as the network has them, at a size it is used at; layers of odd geometries, channels
// and sizes (O); convolutions that enlarge, or that do not (C); and layers without
// weights: resizes (R), unpoolings and a pooling (U) and a pixel shuffle (P). The canonical name
// fixes the layer; batch is 1 unless said.
func Cases() []Case {
	var cs []Case
	for _, r := range rows {
		c, err := ParseCase(r.layer)
		if err != nil {
			panic(fmt.Sprintf("bench: row %s: %v", r.name, err)) // the table is constant and tested
		}
		c.Name, c.Shape.Batch = r.name, max(1, r.batch)
		cs = append(cs, c)
	}
	return cs
}

// ParseCase is the layer of a canonical name with channels and sizes, such as
// conv_transpose2d_k4s2p1_c61x37_i19x23, without a bias, for a batch of 1.
func ParseCase(name string) (Case, error) {
	l, err := specs.ParseName(name)
	if err != nil {
		return Case{}, err
	}
	for _, p := range l.Validate() {
		return Case{}, fmt.Errorf("%s: %s: %s", name, p.Field, p.Message)
	}
	l.Bias = false
	var input []int
	for _, a := range l.Spatial() {
		input = append(input, a.Input)
	}
	if l.InChannels == 0 || l.OutChannels == 0 || slices.Contains(input, 0) {
		return Case{}, fmt.Errorf("%s: a layer to time needs channels and sizes, as in conv_transpose2d_k4s2p1_c61x37_i19x23", name)
	}
	return Case{Name: l.Canonical(), Layer: l, Shape: runtime.NewShape(1, input...)}, nil
}

var rows = []struct {
	name, layer string
	batch       int
}{
	{name: "T1_dcgan1", layer: "conv_transpose2d_k4_c100x512_i1x1"},
	{name: "T2_dcgan2", layer: "conv_transpose2d_k4s2p1_c512x256_i4x4"},
	{name: "T3_dcgan3", layer: "conv_transpose2d_k4s2p1_c256x128_i8x8"},
	{name: "T4_dcgan4", layer: "conv_transpose2d_k4s2p1_c128x64_i16x16"},
	{name: "T5_dcgan5", layer: "conv_transpose2d_k4s2p1_c64x3_i32x32"},
	{name: "T6_unet1", layer: "conv_transpose2d_k2s2_c1024x512_i32x32"},
	{name: "T7_unet4", layer: "conv_transpose2d_k2s2_c128x64_i256x256"},
	{name: "T8_fcn8", layer: "conv_transpose2d_k16s8_c21x21_i64x64"},
	{name: "T9_fcn32", layer: "conv_transpose2d_k64s32_c21x21_i16x16"},
	{name: "T10_fsrcnn_x3", layer: "conv_transpose2d_k9s3p4o2_c56x1_i160x160"},
	{name: "T11_fsrcnn_x2", layer: "conv_transpose2d_k9s2p4o1_c56x1_i240x240"},
	{name: "T12_pose", layer: "conv_transpose2d_k4s2p1_c2048x256_i8x6"},
	{name: "T13_pose3", layer: "conv_transpose2d_k4s2p1_c256x256_i32x24"},
	{name: "T14_maskrcnn", layer: "conv_transpose2d_k2s2_c256x256_i14x14", batch: 100},
	{name: "T15_sam2", layer: "conv_transpose2d_k2s2_c64x32_i128x128"},
	{name: "T16_enet", layer: "conv_transpose2d_k2s2_c16x19_i256x512"},
	{name: "T17_odd", layer: "conv_transpose2d_k3s2p1o1_c64x64_i56x56"},
	{name: "T18_hifigan1", layer: "conv_transpose1d_k16s8p4_c512x256_i64"},
	{name: "T19_hifigan4", layer: "conv_transpose1d_k4s2p1_c64x32_i8192"},
	{name: "T20_dwbilinear", layer: "conv_transpose2d_k4s2p1dw_c256x256_i64x64"},
	{name: "T21_dilated", layer: "conv_transpose2d_k3s2p2d2o1_c64x64_i32x32"},
	{name: "C1_resize512", layer: "resize_conv2d_k3s2p1_c512x512_i32x32"},
	{name: "C2_resize256", layer: "resize_conv2d_k3s2p1_c256x256_i64x64"},
	{name: "C3_resize64", layer: "resize_conv2d_k3s2p1_c64x64_i128x128"},
	{name: "C4_conv256", layer: "conv2d_k3p1_c256x256_i64x64"},
	{name: "C5_encoder256", layer: "conv2d_k3s2p1_c256x256_i64x64"},
	{name: "O1_k5s3", layer: "conv_transpose2d_k5s3p1_c37x23_i29x31"},
	{name: "O2_k3s2", layer: "conv_transpose2d_k3s2p1_c61x45_i27x35"},
	{name: "O3_k6s2", layer: "conv_transpose2d_k6s2p2_c51x33_i25x21"},
	{name: "O4_k2s2", layer: "conv_transpose2d_k2s2_c19x37_i45x53"},
	{name: "O5_depthwise", layer: "conv_transpose2d_k3s2p1o1dw_c75x75_i57x63"},
	{name: "O6_grouped", layer: "conv_transpose2d_k4s2p1g3_c45x27_i33x29"},
	{name: "O7_rgb", layer: "conv_transpose2d_k7s4p2o1_c29x3_i47x41"},
	{name: "O8_k3x5", layer: "conv_transpose2d_k3x5s1x2p1x2_c27x13_i39x51"},
	{name: "O9_time3", layer: "conv_transpose1d_k5s3p1_c93x41_i1021"},
	{name: "O10_time5", layer: "conv_transpose1d_k10s5p3o1_c131x67_i317"},
	{name: "R1_nearest", layer: "nearest2d_s2_c256x256_i64x64"},
	{name: "R2_bilinear2", layer: "bilinear2d_s2_c256x256_i64x64"},
	{name: "R3_bilinear4", layer: "bilinear2d_s4_c21x21_i128x128"},
	{name: "R4_corners8", layer: "bilinear2d_s8aligncorners_c21x21_i64x64"},
	{name: "U2_nails", layer: "bed_of_nails2d_s2_c256x256_i64x64"},
	{name: "P1_shuffle", layer: "pixel_shuffle2d_s2_c256x64_i64x64"},
	{name: "U1_unpool", layer: "max_unpool2d_k2s2_c64x64_i180x240"},
	{name: "U3_pool", layer: "max_pool2d_k2s2_c64x64_i360x480"},
}
