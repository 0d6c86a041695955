package overlap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs"
)

// layer parses a canonical name.
func layer(t *testing.T, name string) specs.Layer {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err)
	l.Name = "up"
	return l
}

func TestCounts(t *testing.T) {
	for name, want := range map[string][]int{
		"conv_transpose1d_k3s2": {1, 1, 2, 1, 2, 1, 2, 1, 1},
		"conv_transpose1d_k4s2": {1, 1, 2, 2, 2, 2, 2, 2, 1, 1},
		"conv_transpose1d_k5s2": {1, 1, 2, 2, 3, 2, 3, 2, 2, 1, 1},
		"conv_transpose1d_k2s2": {1, 1, 1, 1, 1, 1, 1, 1},
		"conv_transpose1d_k1s2": {1, 0, 1, 0, 1, 0, 1},
	} {
		l := layer(t, name)
		require.Equal(t, want, overlap.Counts(overlap.Full(l.Axes[0], 4)), name)
		e, err := l.Extent(0, 4)
		require.NoError(t, err)
		require.Equal(t, want, overlap.Counts(e), name)
	}
}

// TestPatternIsTheMiddleOfCounts, and even layers are those whose pattern is flat.
func TestPatternIsTheMiddleOfCounts(t *testing.T) {
	for _, l := range differential.RandomLayers(5, 300) {
		for i, a := range l.Spatial() {
			if a.Input != 0 || a.OutputSize != 0 || l.Padding != specs.Explicit {
				continue
			}
			e, err := l.Extent(i, 64)
			require.NoError(t, err)
			period := overlap.Pattern(a, a.PadBegin)
			middle := 32 / a.Stride * a.Stride * a.Stride
			require.Equal(t, overlap.Counts(e)[middle:middle+a.Stride], period, l.Canonical())
			if a.Dilation == 1 {
				require.Equal(t, a.Kernel%a.Stride == 0, overlap.EvenAxis(a), l.Canonical())
			}
		}
	}
}

func TestKernels(t *testing.T) {
	for name, want := range map[string][]string{
		"conv_transpose2d_k3s2p1o1":                  {"conv_transpose2d_k2s2", "conv_transpose2d_k4s2p1"},
		"conv_transpose2d_k3s2p1":                    {"conv_transpose2d_k2s2p0e1", "conv_transpose2d_k4s2p1e2"},
		"conv_transpose2d_k3s2":                      {"conv_transpose2d_k2s2o1", "conv_transpose2d_k4s2p0e1"},
		"conv_transpose2d_k3s2pv":                    {"conv_transpose2d_k2s2o1", "conv_transpose2d_k4s2p0e1"},
		"conv_transpose2d_k3s2psu_i5x5":              {"conv_transpose2d_k2s2psu_i5x5", "conv_transpose2d_k4s2psu_i5x5"},
		"conv_transpose2d_k3x4s2p1o1x0_c8x4":         {"conv_transpose2d_k2x4s2p0x1_c8x4", "conv_transpose2d_k4s2p1_c8x4"},
		"conv_transpose1d_k7s4p0e3":                  {"conv_transpose1d_k4s4", "conv_transpose1d_k8s4p0e4"},
		"conv_transpose1d_k1s2":                      {"conv_transpose1d_k2s2p0e1"},
		"conv_transpose1d_k3s2p2d2o1":                nil,
		"conv_transpose2d_k3s2p1n32x32_i16x16":       {"conv_transpose2d_k2s2p0e1n32x32_i16x16", "conv_transpose2d_k4s2p1e2n32x32_i16x16"},
		"conv_transpose2d_k5s3p1_c37x23_i20x20_nhwc": {"conv_transpose2d_k3s3_c37x23_i20x20_nhwc", "conv_transpose2d_k6s3p1e2_c37x23_i20x20_nhwc"},
	} {
		var got []string
		for _, c := range overlap.Kernels(layer(t, name)) {
			got = append(got, c.Canonical())
		}
		require.Equal(t, want, got, name)
	}
}

func TestResizeConv(t *testing.T) {
	for name, want := range map[string]string{
		"conv_transpose2d_k3s2p1o1_c8x4":       "resize_conv2d_k3s2p1_c8x4",
		"conv_transpose2d_k3s2p1":              "resize_conv2d_k3s2p1e0",
		"conv_transpose2d_k3s2psl":             "resize_conv2d_k3s2p1",
		"conv_transpose1d_k7s4p0e3":            "resize_conv1d_k7s4p6e0",
		"conv_transpose2d_k3s2p1n32x32_i16x16": "resize_conv2d_k3s2p1_i16x16",
	} {
		got, err := overlap.ResizeConv(layer(t, name))
		require.NoError(t, err)
		require.Equal(t, want, got.Canonical(), name)
	}
	_, err := overlap.ResizeConv(layer(t, "conv_transpose2d_k3s2p1n32x32"))
	require.EqualError(t, err, "output_size needs input beside it to tell how a resize_conv reaches that size")
}

// TestCuresKeepTheSize of every layer that has any, and are even.
func TestCuresKeepTheSize(t *testing.T) {
	cured, resized := 0, 0
	for _, l := range differential.RandomLayers(6, 2000) {
		if overlap.Even(l) {
			continue
		}
		cures := overlap.Kernels(l)
		for _, c := range cures {
			require.True(t, overlap.Even(c), l.Canonical())
			cured++
		}
		if r, err := overlap.ResizeConv(l); err == nil {
			cures = append(cures, r)
			resized++
		}
		for _, c := range cures {
			require.Empty(t, c.Validate(), c.Canonical())
			require.Equal(t, []int{l.InChannels, l.OutChannels}, []int{c.InChannels, c.OutChannels})
			for i := range l.Spatial() {
				requireSameSizes(t, l, c, i)
			}
		}
	}
	require.Greater(t, cured, 200)
	require.Greater(t, resized, 200)
}

// requireSameSizes: on the axis, the cure gives the layer's output sizes.
func requireSameSizes(t *testing.T, l, cure specs.Layer, axis int) {
	t.Helper()
	sizes := []int{l.Axes[axis].Input}
	if sizes[0] == 0 {
		sizes = []int{8, 9, 30}
	}
	for _, in := range sizes {
		want, err := l.Extent(axis, in)
		if err != nil {
			continue
		}
		got, err := cure.Extent(axis, in)
		require.NoError(t, err, "%s for %s", cure.Canonical(), l.Canonical())
		require.Equal(t, want.Out, got.Out, "%s for %s", cure.Canonical(), l.Canonical())
	}
}
