package gen

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// TestEveryUnpoolIsTried: kernels of max_unpool pass their trial for every block, in both
// layouts.
func TestEveryUnpoolIsTried(t *testing.T) {
	for _, name := range []string{
		"max_unpool2d_k2s2", "max_unpool1d_k3s3", "max_unpool2d_k4s4", "max_unpool2d_k1x3s1x3", "max_unpool2d_k2s2_nhwc", "max_unpool1d_k3s3_nhwc",
		"max_unpool2d_k4s4_nhwc", "max_unpool2d_k4x1s4x1_nhwc", "max_unpool1d_k1_nhwc", "max_unpool2d_k3s3tensor_c32x32_nhwc",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			d, err := DesignOf(l, target)
			require.NoError(t, err, name)
			_, err = tried(d.Nest, target, d.Contract.Calls())
			require.NoError(t, err, d.Nest.Name)
		}
	}
}
