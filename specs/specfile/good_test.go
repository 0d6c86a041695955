package specfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// TestEveryParameter spells every key, and compares the whole file.
func TestEveryParameter(t *testing.T) {
	f, err := specfile.Parse("dir/layers.yaml", []byte(`# comment
---
version: 1
package: decoder
output: internal/decoder
layers:
  - name: all
    op: conv_transpose
    kernel: [4, 5]
    stride: [2, 3]
    padding: {begin: [1, 2], end: 0} # flow
    output_padding: [1, 0]
    dilation: [1, 2]
    groups: 4
    depthwise: false
    in_channels: 128
    out_channels: 64
    input: [16, 17]
    layout: nchw
    bias: false
    activation: none
`))
	require.NoError(t, err)
	require.Equal(t, &specfile.File{
		Path: "dir/layers.yaml", Version: 1, Package: "decoder", Output: "internal/decoder",
		Positions: []specfile.Position{{Line: 7, Column: 11}},
		Layers: []specs.Layer{{
			Name: "all", Op: specs.ConvTranspose, Rank: 2, Groups: 4, InChannels: 128, OutChannels: 64,
			Axes: [specs.MaxRank]specs.Axis{
				{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1, OutputPadding: 1, Input: 16},
				{Kernel: 5, Stride: 3, Dilation: 2, PadBegin: 2, Input: 17},
			},
		}},
	}, f)
}

func TestDefaults(t *testing.T) {
	f, err := specfile.Parse("x", []byte(head+"- {name: up, op: conv_transpose, kernel: [3]}\n"))
	require.NoError(t, err)
	require.Equal(t, "", f.Output)
	require.Equal(t, []specs.Layer{{
		Name: "up", Op: specs.ConvTranspose, Rank: 1, Groups: 1, Bias: true,
		Axes: [specs.MaxRank]specs.Axis{{Kernel: 3, Stride: 1, Dilation: 1}},
	}}, f.Layers)
}

// TestGoodLayers spells one layer in many ways.
func TestGoodLayers(t *testing.T) {
	cases := map[string]string{
		"kernel: [4]\nstride: 2\npadding: 1":                                         "conv_transpose1d_k4s2p1",
		"kernel: [4, 4, 4]\nstride: [2, 2, 2]":                                       "conv_transpose3d_k4s2",
		"kernel: [4, 4]\npadding: [1, 2]":                                            "conv_transpose2d_k4p1x2",
		"kernel: [4, 4]\npadding: {begin: 1}":                                        "conv_transpose2d_k4p1e0",
		"kernel: [4, 4]\npadding: {end: [0, 1]}":                                     "conv_transpose2d_k4p0e0x1",
		"kernel: [4, 4]\npadding:\n  begin: 1\n  end:\n  - 1\n  - 1":                 "conv_transpose2d_k4p1",
		"kernel: [4, 4]\npadding: same_upper":                                        "conv_transpose2d_k4psu",
		"kernel: [4, 4]\npadding: 'same_lower'":                                      "conv_transpose2d_k4psl",
		"kernel: [4, 4]\npadding: valid":                                             "conv_transpose2d_k4pv",
		"kernel: [4, 4]\npadding: 0":                                                 "conv_transpose2d_k4",
		"kernel: [3, 3]\nstride: 2\noutput_padding: 1":                               "conv_transpose2d_k3s2o1",
		"kernel: [3, 3]\nstride: 2\npadding: 1\noutput_size: 32\ninput: 16":          "conv_transpose2d_k3s2p1n32x32_i16x16",
		"kernel: [3, 3]\nstride: 2\npadding: 1\noutput_size: [31, 32]":               "conv_transpose2d_k3s2p1n31x32",
		"kernel: [3, 3]\nstride: 2\npadding: same_upper\noutput_size: 31\ninput: 16": "conv_transpose2d_k3s2psun31x31_i16x16",
		"kernel: [3, 3]\ndilation: 2":                                                "conv_transpose2d_k3d2",
		"kernel: [3, 3]\ngroups: 2\nin_channels: 4":                                  "conv_transpose2d_k3g2_c4x0",
		"kernel: [3, 3]\ndepthwise: true":                                            "conv_transpose2d_k3dw",
		"kernel: [3, 3]\ndepthwise: true\nin_channels: 8":                            "conv_transpose2d_k3dw_c8x8",
		"kernel: [3, 3]\ndepthwise: true\nout_channels: 8":                           "conv_transpose2d_k3dw_c8x8",
		"kernel: [3, 3]\nout_channels: 8\nbias: false":                               "conv_transpose2d_k3_c0x8",
		"kernel: [3, 3]\nlayout: nhwc\nin_channels: 2":                               "conv_transpose2d_k3_c2x0_nhwc",
		"kernel: [\n 3, # rows\n 3] # columns":                                       "conv_transpose2d_k3",
		"\"kernel\": [3, 3]\nlayout: \"nchw\"\nbias: true":                           "conv_transpose2d_k3",
	}
	for layer, want := range cases {
		src := head + "  - name: up\n    op: conv_transpose\n    " + strings.ReplaceAll(layer, "\n", "\n    ") + "\n"
		f, err := specfile.Parse("x", []byte(src))
		require.NoError(t, err, src)
		require.Equal(t, want, f.Layers[0].Canonical(), src)
	}
}

// TestPrebuilt pins the layers of the spec files in this repository.
func TestPrebuilt(t *testing.T) {
	want := map[string]string{
		"centernet": `x4 conv_transpose2d_k8s4p2dw
x8 conv_transpose2d_k16s8p4dw`,
		"common": `k2s2 conv_transpose2d_k2s2
k3s2p1o1 conv_transpose2d_k3s2p1o1
k4s2p1 conv_transpose2d_k4s2p1
k3s2p2d2o1 conv_transpose2d_k3s2p2d2o1
dwk4s2p1 conv_transpose2d_k4s2p1dw
k2s2nhwc conv_transpose2d_k2s2_nhwc
k3s2p1o1nhwc conv_transpose2d_k3s2p1o1_nhwc
k4s2p1nhwc conv_transpose2d_k4s2p1_nhwc`,
		"dcgan": `g1 conv_transpose2d_k4_c100x512_i1x1
g2 conv_transpose2d_k4s2p1_c512x256_i4x4
g3 conv_transpose2d_k4s2p1_c256x128_i8x8
g4 conv_transpose2d_k4s2p1_c128x64_i16x16
g5 conv_transpose2d_k4s2p1_c64x3_i32x32`,
		"deconvnet": `fc6 conv_transpose2d_k7_i1x1
deconv conv_transpose2d_k3p1`,
		"deeplab": `decoder bilinear2d_n129x129aligncorners_i33x33
logits bilinear2d_n513x513aligncorners_i129x129
x2 bilinear2d_s2aligncorners
x4 bilinear2d_s4
x8 bilinear2d_s8`,
		"encodec": `x8 conv_transpose1d_k16s8p0e8
x5 conv_transpose1d_k10s5p0e5
x4 conv_transpose1d_k8s4p0e4
x2 conv_transpose1d_k4s2p0e2`,
		"encoder": `k3s2 conv2d_k3s2p1
k3s2_256 conv2d_k3s2p1_c256x256
k4s2 conv2d_k4s2p1
k2s2 conv2d_k2s2
dwk3s2 conv2d_k3s2p1dw
stem conv2d_k7s2p3_c3x64
k5s2_time conv1d_k5s2p2
k3s2_nhwc conv2d_k3s2p1_nhwc`,
		"espcn": `x2 pixel_shuffle2d_s2
x3 pixel_shuffle2d_s3
x4 pixel_shuffle2d_s4
x2_dcr pixel_shuffle2d_s2dcr`,
		"fcn": `upscore conv_transpose2d_k64s32_c21x21
upscore2 conv_transpose2d_k4s2_c21x21
upscore16 conv_transpose2d_k32s16_c21x21
upscore8 conv_transpose2d_k16s8_c21x21`,
		"fsrcnn": `x2 conv_transpose2d_k9s2p4o1_c56x1
x3 conv_transpose2d_k9s3p4o2_c56x1
x4 conv_transpose2d_k9s4p4o3_c56x1`,
		"hifigan": `up0 conv_transpose1d_k16s8p4_c512x256
up1 conv_transpose1d_k16s8p4_c256x128
up2 conv_transpose1d_k4s2p1_c128x64
up3 conv_transpose1d_k4s2p1_c64x32`,
		"maskrcnn": `deconv conv_transpose2d_k2s2_c256x256_i14x14`,
		"melgan": `k16s8 conv_transpose1d_k16s8p4
k8s4 conv_transpose1d_k8s4p2
k4s2 conv_transpose1d_k4s2p1`,
		"odd": `k5s3 conv_transpose2d_k5s3p1_c37x23
k3s2 conv_transpose2d_k3s2p1_c61x45
k6s2 conv_transpose2d_k6s2p2_c51x33
k2s2 conv_transpose2d_k2s2_c19x37
k3s2_depthwise conv_transpose2d_k3s2p1o1dw_c75x75
k4s2_grouped conv_transpose2d_k4s2p1g3_c45x27
k7s4_rgb conv_transpose2d_k7s4p2o1_c29x3
k3x5s1x2 conv_transpose2d_k3x5s1x2p1x2_c27x13
k5s3_time conv_transpose1d_k5s3p1_c93x41
k10s5_time conv_transpose1d_k10s5p3o1_c131x67`,
		"pose": `deconv1 conv_transpose2d_k4s2p1_c2048x256_i8x6
deconv2 conv_transpose2d_k4s2p1_c256x256_i16x12
deconv3 conv_transpose2d_k4s2p1_c256x256_i32x24`,
		"resample": `nearest_x2 nearest2d_s2
nearest_x4 nearest2d_s4
nearest_x8 nearest2d_s8
nearest_x2_time nearest1d_s2
nearest_x2_corners nearest2d_s2aligncorners
nearest_50x84 nearest2d_n50x84
nails_x2 bed_of_nails2d_s2
shuffle_x2 pixel_shuffle2d_s2
shuffle_x3 pixel_shuffle2d_s3
shuffle_x4 pixel_shuffle2d_s4
bilinear_x2 bilinear2d_s2
bilinear_x4 bilinear2d_s4
bilinear_x8 bilinear2d_s8
bilinear_x2_corners bilinear2d_s2aligncorners
bilinear_x8_corners bilinear2d_s8aligncorners
bilinear_x2_nhwc bilinear2d_s2_nhwc
linear_x2 bilinear1d_s2
unshuffle_x2 pixel_unshuffle2d_s2
unshuffle_x3 pixel_unshuffle2d_s3
unshuffle_x4 pixel_unshuffle2d_s4
pool_x2 max_pool2d_k2s2
pool_x3 max_pool2d_k3s3
pool_x2_time max_pool1d_k2s2
pool_k3 max_pool2d_k3s2p1
unpool_x2 max_unpool2d_k2s2
unpool_x3 max_unpool2d_k3s3
unpool_x4 max_unpool2d_k4s4
unpool_x2_time max_unpool1d_k2s2
shuffle_x2_nhwc pixel_shuffle2d_s2_nhwc
unshuffle_x2_nhwc pixel_unshuffle2d_s2_nhwc
pool_x2_nhwc max_pool2d_k2s2_nhwc
pool_k3_nhwc max_pool2d_k3s2p1_nhwc
nearest_x2_nhwc nearest2d_s2_nhwc
nearest_x2_rgb_nhwc nearest2d_s2_c3x3_nhwc
nails_x2_nhwc bed_of_nails2d_s2_nhwc
unpool_x2_nhwc max_unpool2d_k2s2_nhwc
shuffle_x2_dcr_nhwc pixel_shuffle2d_s2dcr_nhwc
unshuffle_x2_dcr_nhwc pixel_unshuffle2d_s2dcr_nhwc
shuffle_x2_rgb_nhwc pixel_shuffle2d_s2dcr_c12x3_nhwc`,
		"resize": `conv_k3 conv2d_k3p1
conv_k3_256 conv2d_k3p1_c256x256
up_k3 resize_conv2d_k3s2p1
up_k3_512 resize_conv2d_k3s2p1_c512x512
up_k3_256 resize_conv2d_k3s2p1_c256x256
up_k3_64 resize_conv2d_k3s2p1_c64x64
bilinear_k3 resize_conv2d_k3s2p1bilinear
bilinear_reflect_k3 resize_conv2d_k3s2p1bilinearreflect`,
		"sam2": `dc1 conv_transpose2d_k2s2_c256x64_i64x64
dc2 conv_transpose2d_k2s2_c64x32_i128x128`,
		"segnet": `unpool5 max_unpool2d_k2s2n23x30_i12x15
unpool4 max_unpool2d_k2s2n45x60_i23x30
unpool max_unpool2d_k2s2`,
		"stablediffusion": `upsample resize_conv2d_k3s2p1
reflected resize_conv2d_k3s2p1reflect`,
		"stylegan2": `conv0 conv_transpose2d_k3s2`,
		"unet": `up1 conv_transpose2d_k2s2_c1024x512
up2 conv_transpose2d_k2s2_c512x256
up3 conv_transpose2d_k2s2_c256x128
up4 conv_transpose2d_k2s2_c128x64`,
		"volume": `k2s2 conv_transpose3d_k2s2
k3s2p1 conv_transpose3d_k3s2p1
k3s2p1o1 conv_transpose3d_k3s2p1o1`,
		"yolo": `x2 nearest2d_s2`,
	}
	paths, err := filepath.Glob("../*.yaml")
	require.NoError(t, err)
	require.Len(t, paths, len(want))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := specfile.Parse(path, data)
		require.NoError(t, err)
		require.Equal(t, filepath.Base(path), f.Package+".yaml")
		var lines []string
		for _, l := range f.Layers {
			lines = append(lines, l.Name+" "+l.Canonical())
		}
		require.Equal(t, want[f.Package], strings.Join(lines, "\n"))
	}
}

func TestOutputFolders(t *testing.T) {
	for _, folder := range []string{".", "gen", "internal/up-1.0/decoder_v2"} {
		f, err := specfile.Parse("x", []byte("output: "+folder+"\n"+head+"- {name: up, op: conv_transpose, kernel: [3]}\n"))
		require.NoError(t, err)
		require.Equal(t, folder, f.Output)
	}
}

// TestWordsForOps: other words for an op give the same layer, with its one canonical name.
func TestWordsForOps(t *testing.T) {
	f, err := specfile.Parse("x", []byte(head+"- {name: a, op: linear, scale: [2]}\n- {name: b, op: trilinear, output_size: [2, 4, 6]}\n"))
	require.NoError(t, err)
	for i, want := range []string{"bilinear1d_s2", "bilinear3d_n2x4x6"} {
		l := f.Layers[i]
		require.Equal(t, want, l.Canonical())
		named, err := specs.ParseName(want)
		require.NoError(t, err)
		l.Name = ""
		require.Equal(t, named, l)
	}
}
