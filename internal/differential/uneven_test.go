package differential

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

// TestUnevenTapsOfEnlargedInputs: a dilation above the scale that is no multiple of it
// meets inputs at distances that differ, which kernels of merged weights do not know.
func TestUnevenTapsOfEnlargedInputs(t *testing.T) {
	for seed, name := range []string{
		"resize_conv2d_k4x3s2x1p3x0d3x1_c2x3_i9x5_nhwc", "resize_conv2d_k4x3s2x1p3x0d3x1_c2x3", "resize_conv2d_k3s2p3d3_c3x20",
		"resize_conv2d_k2s3p2d4replicate_c3x5", "resize_conv1d_k3s2p3d3reflect_c3x5", "resize_conv2d_k3x2s4x2p1d5x3_c2x9_nhwc",
		"resize_conv2d_k3s2p2d4_c3x5", "resize_conv2d_k3s3p2d2_c3x5",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		paths, err := links(l, nil)
		require.NoError(t, err, name)
		require.Len(t, paths, 6, name)
		for _, link := range paths {
			_, err := check(l, link, seed)
			require.NoError(t, err, "%s of %s", link.path, name)
		}
	}
}
