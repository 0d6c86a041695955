package trial_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/specs"
)

// TestEveryCallIsDefined: no call of any family is held to the nest alone, and nests of
// every target keep to the definition; Go's has no assembly that would be tried.
func TestEveryCallIsDefined(t *testing.T) {
	names := append([]string{
		"nearest2d_s4", "nearest2d_n50x84", "bilinear2d_s2", "bilinear2d_s2_nhwc", "bed_of_nails2d_s2", "pixel_shuffle2d_s3", "pixel_shuffle2d_s2_nhwc",
		"nearest2d_s2_nhwc", "nearest2d_s2_c21x21_nhwc", "nearest2d_n12x7_c3x3_nhwc", "bed_of_nails2d_s2_nhwc", "bed_of_nails2d_s2x3_c5x5_nhwc", "bed_of_nails2d_s9",
		"max_unpool2d_k2s2_nhwc", "pixel_shuffle2d_s2dcr_nhwc", "pixel_unshuffle2d_s2x3dcr_nhwc", "pixel_shuffle2d_s2dcr_c12x3_nhwc",
		"pixel_unshuffle2d_s2", "pixel_unshuffle2d_s2_nhwc", "max_pool2d_k3s2p1", "max_pool2d_k3s2p1_nhwc", "max_unpool2d_k2s2", "max_pool2d_k5p2", "max_pool2d_k3s8", "max_pool2d_k9s2p4_nhwc",
		"conv2d_k3s2p1_c256x256", "conv_transpose2d_k2s2_nhwc", "conv_transpose2d_k4s2p1dw", "conv_transpose2d_k9s2p4o1_c56x1",
	}, layers...)
	for _, name := range names {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		compared := 0
		for _, target := range gen.Targets {
			d, err := gen.DesignOf(l, target)
			if err != nil {
				continue // the layer has no kernel
			}
			for _, c := range d.Contract.Calls() {
				require.Len(t, c.Want, len(c.Outputs), d.Nest.Name)
				dst, err := c.Interpret(d.Nest)
				require.NoError(t, err, d.Nest.Name)
				require.NoError(t, c.Defined(dst), "%s of %v", d.Nest.Name, c.Args.Ints)
				compared++
			}
		}
		require.Positive(t, compared, name)
	}
	for _, own := range gen.OwnTrials() {
		for _, c := range own.Calls {
			require.True(t, c.Want != nil || len(c.Outputs) == 0, own.Nest.Name)
		}
	}
	require.ErrorIs(t, trial.Call{Outputs: []bool{true}, Want: []float32{1}}.Defined([]float32{2}), trial.ErrDefinition)
}

// TestThoroughCalls: nests keep to the definition in all of them, too, and touch nothing else.
func TestThoroughCalls(t *testing.T) {
	for _, name := range []string{"conv_transpose2d_k3s2", "conv_transpose2d_k4s2p1_nhwc", "conv_transpose1d_k8s4p0e4", "bilinear2d_s2", "max_pool2d_k3s2p1", "max_unpool2d_k2s2", "pixel_shuffle2d_s3",
		"nearest2d_s2_nhwc", "bed_of_nails2d_s2_c21x21_nhwc", "max_unpool2d_k2s2_nhwc", "pixel_unshuffle2d_s2dcr_nhwc"} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		d, err := gen.DesignOf(l, plan.AVX2)
		require.NoError(t, err, name)
		calls := d.Contract.Thorough()
		require.Greater(t, len(calls), len(d.Contract.Calls()), name)
		for _, c := range calls {
			dst, err := c.Interpret(d.Nest)
			require.NoError(t, err, "%s of %v", name, c.Args.Ints)
			require.NoError(t, c.Defined(dst), "%s of %v", name, c.Args.Ints)
		}
	}
}
