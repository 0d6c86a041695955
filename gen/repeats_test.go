package gen

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// TestRepeatsOfPixels: kernels that move pixels whose channels lie together pass their
// trial: of a free number of channels, of one that a vector holds and of more, of a few
// vectors and of many, at any size and scale. None of them computes anything.
func TestRepeatsOfPixels(t *testing.T) {
	for name, along := range map[string]string{
		"nearest2d_s2_nhwc": "channels, or along pixels of fewer", "nearest1d_s3_nhwc": "channels, or along pixels of fewer",
		"nearest2d_s9_nhwc": "channels, or along pixels of fewer", "nearest2d_s2aligncorners_nhwc": "channels, or along pixels of fewer",
		"nearest2d_n12x7_nhwc": "channels, or along pixels of fewer", "nearest2d_n12x7_c3x3_nhwc": "pixels", "nearest2d_n12x7_c3x3_i20x30_nhwc": "pixels",
		"nearest2d_s2_c8x8_nhwc": "pixels", "nearest2d_s2_c17x17_nhwc": "channels", "nearest1d_s2_c64x64_nhwc": "channels", "nearest2d_s3_c300x300_nhwc": "channels",
		"bed_of_nails2d_s2_nhwc": "channels, or along pixels of fewer", "bed_of_nails2d_s12x9_c5x5_nhwc": "pixels", "bed_of_nails2d_s2_c21x21_nhwc": "channels",
		"bed_of_nails1d_s3_c1x1_nhwc": "pixels", "bed_of_nails2d_s12": "x", "bed_of_nails1d_s9": "x",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			d, err := DesignOf(l, target)
			require.NoError(t, err, name)
			require.Regexp(t, `^avx\d+: lanes \d+ along `+along+`, tile .* by a table, bits kept$`, d.Plan, name)
			require.NotEmpty(t, d.Plan.Why())
			require.NotContains(t, d.Nest.String(), " * ")
			_, err = tried(d.Nest, target, d.Contract.Calls())
			require.NoError(t, err, d.Nest.Name)
		}
	}
}

// TestRunsOfPixels: without vectors pixels of known size are moved as a whole.
func TestRunsOfPixels(t *testing.T) {
	for name, want := range map[string]string{
		"nearest2d_s2_c3x3_nhwc":           "pixelRest = load 3 from s[0]",
		"nearest2d_n12x7_c64x64_nhwc":      "pixel = load 64 from in[0]",
		"nearest1d_s2_c7x7_nhwc":           "store 3 at line[4] = pixelRest",
		"pixel_shuffle2d_s2dcr_c12x3_nhwc": "store 2 at dRow[4] = valuesRest",
		"bed_of_nails2d_s2x3_c16x16_nhwc":  "store 48 at line[0] = 0",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		d, err := DesignOf(l, plan.Go)
		require.NoError(t, err, name)
		require.Contains(t, d.Nest.String(), want)
		require.Contains(t, d.Plan.String(), "bits kept")
	}
}

// TestNoRuns: the error says why pixels have no kernel without vectors.
func TestNoRuns(t *testing.T) {
	for name, want := range map[string]string{
		"nearest2d_s2_nhwc":                    "without vectors, and with any number of channels, pixels are copied as the generic path does",
		"nearest2d_s2_c1x1_nhwc":               "without vectors, pixels of one channel are repeated as fast by the generic path",
		"nearest2d_n9x9_c65x65_nhwc":           "without vectors, pixels of more than 64 channels are copied as fast by the generic path",
		"bed_of_nails2d_s2_c17x17_nhwc":        "without vectors, pixels of more than 16 channels are copied as fast by the generic path",
		"bed_of_nails2d_s17x16_c4x4_nhwc":      "without vectors blocks of more than 256 pixels are cleared as fast by the generic path",
		"pixel_shuffle2d_s2dcr_nhwc":           "without vectors, and with any number of channels, pixels are copied as the generic path does",
		"pixel_unshuffle2d_s2dcr_c64x256_nhwc": "without vectors, runs of more than 64 values are copied as fast by the generic path",
		"pixel_shuffle2d_s9x2dcr_c36x2_nhwc":   "a scale of 9 is above 8",
		"bed_of_nails2d_s9":                    "a scale above 8: without vectors zeros between far inputs are cleared as fast by the generic path",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		_, err = DesignOf(l, plan.Go)
		require.EqualError(t, err, want, name)
	}
}

// TestRowsOfBlocksAreTried: kernels of shuffles that copy the pixels of a row of a block
// as one pass their trial; those that do not fill a vector have none.
func TestRowsOfBlocksAreTried(t *testing.T) {
	for _, name := range []string{
		"pixel_shuffle2d_s2dcr_nhwc", "pixel_unshuffle2d_s2dcr_nhwc", "pixel_shuffle1d_s3dcr_nhwc", "pixel_unshuffle2d_s8x9dcr_nhwc", "pixel_shuffle2d_s3dcr_c144x16_nhwc",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			d, err := DesignOf(l, target)
			require.NoError(t, err, name)
			require.Contains(t, d.Plan.String(), "along pixels of a row of a block")
			_, err = tried(d.Nest, target, d.Contract.Calls())
			require.NoError(t, err, d.Nest.Name)
		}
	}
	l, err := specs.ParseName("pixel_shuffle2d_s2dcr_c12x3_nhwc")
	require.NoError(t, err)
	_, err = DesignOf(l, plan.AVX2)
	require.EqualError(t, err, "the 6 values of a row of a block do not fill a vector of 8")
}
