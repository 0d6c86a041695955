package specs_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

// names are canonical names of every op, with every word.
var names = []string{
	"conv2d_k3", "conv1d_k3s2p1_c8x4", "conv3d_k3x1x2s2p1x0x1e0x0x1d2g2_c4x6_i9x8x7", "conv2d_k3psu", "conv2d_k3s2psl_i9x9", "conv2d_k3p1dw_c8x8",
	"conv2d_k3pv_c3x4_i8x8_add_relu_nhwc", "conv2d_k3_relu6", "conv2d_k3_leakyrelu0p2", "conv2d_k3_leakyrelu1em05", "conv2d_k3_prelu", "conv2d_k3_sigmoid",
	"conv2d_k3_tanh", "conv2d_k3_clampm1x1", "conv2d_k3_clampm0p5x1e10", "conv2d_k3_c3x4_clamp0x1_nhwc", "conv2d_k3_add", "conv2d_k3_add_nhwc",
	"conv_transpose2d_k4s2p1_c3x5_i4x4_add_leakyrelu0p2_nhwc",
	"nearest2d_s2", "nearest1d_s3_c5x5", "nearest3d_s2x1x3_nhwc", "nearest2d_n5x7", "nearest2d_s2halfpixel", "nearest2d_n5x7halfpixelpreferfloor_c2x2_i9x9",
	"nearest2d_n5x7aligncorners", "nearest2d_n5x7ceil", "nearest2d_n5x7aligncornersfloor", "nearest2d_s2preferceil",
	"bilinear2d_s2", "bilinear1d_n9_i4", "bilinear2d_s2aligncorners", "bilinear2d_s2asymmetric_c3x3_nhwc",
	"bed_of_nails2d_s2", "bed_of_nails1d_s3_c4x4_i7_nhwc",
	"max_pool2d_k2s2", "max_pool2d_k3s2p1ceil", "max_pool2d_k3s2p1e0d2ceiltensor_c3x3_i9x9_nhwc", "max_pool1d_k2psutensor",
	"max_unpool2d_k2s2", "max_unpool2d_k3s2p1n8x8tensor_c3x3",
	"pixel_shuffle2d_s2", "pixel_shuffle2d_s2x3dcr_c24x4_nhwc", "pixel_unshuffle2d_s2_c3x12_i8x8", "pixel_unshuffle1d_s4dcr",
	"resize_conv2d_k3s2p1", "resize_conv2d_k3s2p1dwreflect_c4x4", "resize_conv2d_k3s2p1d2g2bilinearreplicate_c4x6_i8x8_relu", "resize_conv2d_k3s2psu",
}

func TestNamesOfEveryOp(t *testing.T) {
	seen := map[specs.Op]bool{}
	for _, name := range names {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		require.Equal(t, name, l.Canonical())
		require.Empty(t, l.Validate(), name)
		seen[l.Op] = true
	}
	require.Len(t, seen, len(specs.Ops()))
}

// TestEveryFieldChangesTheName: layers that differ in a choice, a flag or an
// activation have different names, and those are invertible.
func TestEveryFieldChangesTheName(t *testing.T) {
	flags := []func(*specs.Layer){func(*specs.Layer) {}, func(l *specs.Layer) { l.Add = true }, func(l *specs.Layer) { l.CeilMode = true },
		func(l *specs.Layer) { l.Depthwise, l.Groups = true, 0 }, func(l *specs.Layer) { l.Padding = specs.Valid }}
	acts := []string{"none", "relu", "relu6", "prelu", "tanh", "sigmoid", "leaky_relu(0.25)", "leaky_relu(-3)", "clamp(-1, 1)", "clamp(0, 1e-20)"}
	seen := map[string]specs.Layer{}
	for _, op := range specs.Ops() {
		for _, flag := range flags {
			for _, text := range acts {
				l := specs.NewLayer(op, 2)
				for i := range l.Rank {
					l.Axes[i].Kernel, l.Axes[i].Scale = 3, 2
					if !op.Takes("kernel") {
						l.Axes[i].Kernel = 0
					}
					if !op.Takes("scale") {
						l.Axes[i].Scale = 0
					}
				}
				a, err := specs.ParseActivation(text)
				require.NoError(t, err)
				require.Equal(t, text, a.String())
				l.Activation = a
				flag(&l)
				everyChoice(l, op.Choices(), func(l specs.Layer) {
					if len(l.Validate()) > 0 {
						return
					}
					name := l.Canonical()
					if other, used := seen[name]; used {
						require.Equal(t, other, l, name)
					}
					seen[name] = l
					back, err := specs.ParseName(name)
					require.NoError(t, err)
					require.Equal(t, l, back, name)
				})
			}
		}
	}
	require.Greater(t, len(seen), 600)
}

// everyChoice calls f with every combination of the choices.
func everyChoice(l specs.Layer, choices []specs.Choice, f func(specs.Layer)) {
	if len(choices) == 0 {
		f(l)
		return
	}
	for _, word := range []string{"asymmetric", "half_pixel", "align_corners", "floor", "ceil", "round_prefer_floor", "round_prefer_ceil",
		"plane", "tensor", "crd", "dcr", "nearest", "bilinear", "zero", "reflect", "replicate", "nchw", "nhwc"} {
		next := l
		if choices[0].Set(&next, word) {
			everyChoice(next, choices[1:], f)
		}
	}
}

func TestWithChannels(t *testing.T) {
	for _, c := range []struct {
		name    string
		in, out int
		wantIn  int
		wantOut int
	}{
		{"nearest2d_s2", 3, 0, 3, 3}, {"nearest2d_s2", 0, 3, 3, 3}, {"conv2d_k3dw", 4, 0, 4, 4}, {"conv2d_k3", 4, 0, 4, 0},
		{"pixel_shuffle2d_s2x3", 12, 0, 12, 2}, {"pixel_shuffle2d_s2x3", 0, 2, 12, 2}, {"pixel_shuffle2d_s2x3", 13, 0, 13, 0},
		{"pixel_unshuffle2d_s2x3", 2, 0, 2, 12}, {"pixel_unshuffle2d_s2x3", 0, 12, 2, 12}, {"pixel_shuffle2d_s2", 0, specs.MaxSize, 0, specs.MaxSize},
	} {
		l, err := specs.ParseName(c.name)
		require.NoError(t, err)
		l.InChannels, l.OutChannels = c.in, c.out
		l = l.WithChannels()
		require.Equal(t, []int{c.wantIn, c.wantOut}, []int{l.InChannels, l.OutChannels}, c.name)
	}
}

// TestOutputSizes of every op, the numbers worked out by hand.
func TestOutputSizes(t *testing.T) {
	for _, c := range []struct {
		name string
		in   int
		out  int
	}{
		{"conv1d_k3", 7, 5}, {"conv1d_k3s2p1", 7, 4}, {"conv1d_k3s2p1", 8, 4}, {"conv1d_k3d3", 7, 1}, {"conv1d_k3psu", 7, 7}, {"conv1d_k3s2psl_i7", 7, 4},
		{"conv1d_k2s3p0e2", 4, 2},
		{"nearest1d_s3", 5, 15}, {"nearest1d_n7", 5, 7}, {"bilinear1d_s2", 5, 10}, {"bed_of_nails1d_s4", 3, 12},
		{"max_pool1d_k2s2", 7, 3}, {"max_pool1d_k2s2ceil", 7, 4}, {"max_pool1d_k3s2p1ceil", 6, 4}, {"max_pool1d_k2s2p1ceil", 3, 2},
		{"max_pool1d_k3s2psu", 7, 4}, {"max_pool1d_k3s2ceil", 2, 1},
		{"max_unpool1d_k2s2", 3, 6}, {"max_unpool1d_k3s2p1", 4, 7}, {"max_unpool1d_k2s2n7", 3, 7},
		{"pixel_shuffle1d_s3", 4, 12}, {"pixel_unshuffle1d_s3", 12, 4},
		{"resize_conv1d_k3s2p1", 4, 8}, {"resize_conv1d_k4s3", 4, 9}, {"resize_conv1d_k4s3psu", 4, 12}, {"resize_conv1d_k3s2p1d2", 4, 6},
	} {
		l, err := specs.ParseName(c.name)
		require.NoError(t, err)
		e, err := l.Extent(0, c.in)
		require.NoError(t, err, c.name)
		require.Equal(t, c.out, e.Out, "%s of %d", c.name, c.in)
	}
}

// TestExtremesOfEveryOpDoNotPanic gives every number of every op extreme values,
// alone and in pairs; what is valid has a name and sizes.
func TestExtremesOfEveryOpDoNotPanic(t *testing.T) {
	extremes := []int{math.MinInt, math.MinInt32, -1, 0, 1, 3, specs.MaxParameter, specs.MaxSize, math.MaxInt}
	fields := []func(*specs.Layer) *int{
		func(l *specs.Layer) *int { return &l.Axes[0].Kernel }, func(l *specs.Layer) *int { return &l.Axes[1].Stride },
		func(l *specs.Layer) *int { return &l.Axes[1].Scale }, func(l *specs.Layer) *int { return &l.Axes[0].Dilation },
		func(l *specs.Layer) *int { return &l.Axes[1].PadBegin }, func(l *specs.Layer) *int { return &l.Axes[0].PadEnd },
		func(l *specs.Layer) *int { return &l.Axes[0].OutputSize }, func(l *specs.Layer) *int { return &l.Axes[0].Input },
		func(l *specs.Layer) *int { return &l.Groups }, func(l *specs.Layer) *int { return &l.InChannels }, func(l *specs.Layer) *int { return &l.OutChannels },
	}
	sound := map[specs.Op]int{}
	for _, name := range names {
		base, err := specs.ParseName(name)
		require.NoError(t, err)
		if base.Rank != 2 {
			continue
		}
		for i, first := range fields {
			for _, second := range fields[:i+1] {
				for _, a := range extremes {
					for _, b := range extremes {
						l := base
						*first(&l), *second(&l) = a, b
						l.WithChannels()
						if len(l.Validate()) > 0 {
							l.ValidateWithin(specs.Limits{})
							continue
						}
						sound[l.Op]++
						_, err := specs.ParseName(l.Canonical())
						require.NoError(t, err, l.Canonical())
						if e, err := l.Resolve([]int{12, 12}); err == nil {
							require.Positive(t, e[0].Out)
						}
					}
				}
			}
		}
	}
	require.Len(t, sound, len(specs.Ops()))
}
