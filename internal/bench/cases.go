// Package bench times layers on every path beside the limits of the machine,
// which it measures in the same rounds.
package bench

import (
	"fmt"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Case is a layer and the shape that it is timed at.
type Case struct {
	Name  string // short name of the row, such as T13_pose3
	Layer specs.Layer
	Shape runtime.Shape
}

// Cases are transposed convolutions of published networks: geometry and channels
// as the network has them, at a size it is used at. The canonical name fixes the
// layer; batch is 1 unless said.
func Cases() []Case {
	var cs []Case
	for _, r := range rows {
		l, err := specs.ParseName(r.layer)
		if err != nil {
			panic(fmt.Sprintf("bench: row %s: %v", r.name, err)) // the table is constant and tested
		}
		l.Bias = false
		for i, in := range r.input {
			l.Axes[i].Input = in
		}
		cs = append(cs, Case{Name: r.name, Layer: l, Shape: runtime.NewShape(max(1, r.batch), r.input...)})
	}
	return cs
}

var rows = []struct {
	name, layer string
	input       []int
	batch       int
}{
	{name: "T1_dcgan1", layer: "conv_transpose2d_k4_c100x512", input: []int{1, 1}},
	{name: "T2_dcgan2", layer: "conv_transpose2d_k4s2p1_c512x256", input: []int{4, 4}},
	{name: "T3_dcgan3", layer: "conv_transpose2d_k4s2p1_c256x128", input: []int{8, 8}},
	{name: "T4_dcgan4", layer: "conv_transpose2d_k4s2p1_c128x64", input: []int{16, 16}},
	{name: "T5_dcgan5", layer: "conv_transpose2d_k4s2p1_c64x3", input: []int{32, 32}},
	{name: "T6_unet1", layer: "conv_transpose2d_k2s2_c1024x512", input: []int{32, 32}},
	{name: "T7_unet4", layer: "conv_transpose2d_k2s2_c128x64", input: []int{256, 256}},
	{name: "T8_fcn8", layer: "conv_transpose2d_k16s8_c21x21", input: []int{64, 64}},
	{name: "T9_fcn32", layer: "conv_transpose2d_k64s32_c21x21", input: []int{16, 16}},
	{name: "T10_fsrcnn_x3", layer: "conv_transpose2d_k9s3p4o2_c56x1", input: []int{160, 160}},
	{name: "T11_fsrcnn_x2", layer: "conv_transpose2d_k9s2p4o1_c56x1", input: []int{240, 240}},
	{name: "T12_pose", layer: "conv_transpose2d_k4s2p1_c2048x256", input: []int{8, 6}},
	{name: "T13_pose3", layer: "conv_transpose2d_k4s2p1_c256x256", input: []int{32, 24}},
	{name: "T14_maskrcnn", layer: "conv_transpose2d_k2s2_c256x256", input: []int{14, 14}, batch: 100},
	{name: "T15_sam2", layer: "conv_transpose2d_k2s2_c64x32", input: []int{128, 128}},
	{name: "T16_enet", layer: "conv_transpose2d_k2s2_c16x19", input: []int{256, 512}},
	{name: "T17_odd", layer: "conv_transpose2d_k3s2p1o1_c64x64", input: []int{56, 56}},
	{name: "T18_hifigan1", layer: "conv_transpose1d_k16s8p4_c512x256", input: []int{64}},
	{name: "T19_hifigan4", layer: "conv_transpose1d_k4s2p1_c64x32", input: []int{8192}},
	{name: "T20_dwbilinear", layer: "conv_transpose2d_k4s2p1dw_c256x256", input: []int{64, 64}},
	{name: "T21_dilated", layer: "conv_transpose2d_k3s2p2d2o1_c64x64", input: []int{32, 32}},
}
