package gen

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// TestEveryLinearIsTried: kernels that weigh values pass their trial, those of one row
// and of pairs, with windows of a vector and of any length.
func TestEveryLinearIsTried(t *testing.T) {
	for name, taken := range map[string]string{
		"bilinear2d_s2": "permuted from a window", "bilinear2d_s1x3asymmetric": "permuted from a window", "bilinear1d_s5aligncorners": "permuted from a window", "bilinear2d_s16": "permuted from a window", "bilinear1d_s8": "permuted from a window",
		"bilinear2d_n9x40_i3x40": "permuted from a window", "bilinear2d_n9x40_i3x41": "permuted from a window or gathered",
		"bilinear2d_s2_nhwc": "of two pixels", "bilinear1d_s3_nhwc": "of two pixels", "bilinear2d_n12x7_nhwc": "of two pixels",
		"bilinear2d_n12x7": "permuted from a window or gathered", "bilinear1d_n7asymmetric": "permuted from a window or gathered",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			d, err := DesignOf(l, target)
			require.NoError(t, err, name)
			require.Contains(t, d.Plan.String(), "inputs "+taken+" by a table", name)
			require.NotEmpty(t, d.Plan.Why())
			_, err = tried(d.Nest, target, d.Contract.Calls())
			require.NoError(t, err, d.Nest.Name)
		}
	}
}

// TestNoLinear: the error says why a linear resize has no kernel.
func TestNoLinear(t *testing.T) {
	for name, want := range map[string]string{
		"bilinear3d_s2":      "3-D layers run on the generic path",
		"bilinear3d_s2_nhwc": "3-D layers run on the generic path",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range Targets {
			_, err := DesignOf(l, target)
			require.EqualError(t, err, want, name)
		}
	}
}
