package differential

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// TestLinearOfAnySize: enlarging and shrinking by any ratio, with the windows of a
// vector and longer ones, in the nest of every target and in the simulator.
func TestLinearOfAnySize(t *testing.T) {
	for _, c := range []struct {
		name  string
		shape runtime.Shape
	}{
		{"bilinear2d_n9x37_c2x2", runtime.NewShape(1, 4, 33)}, {"bilinear2d_n9x37asymmetric_c2x2", runtime.NewShape(1, 11, 180)},
		{"bilinear2d_n3x70aligncorners_c1x1", runtime.NewShape(2, 30, 140)}, {"bilinear2d_n5x17_c2x2", runtime.NewShape(1, 5, 3)},
		{"bilinear2d_n7x140aligncorners_c1x1", runtime.NewShape(1, 6, 139)}, {"bilinear1d_n33_c3x3", runtime.NewShape(2, 500)},
		{"bilinear2d_n9x7_c37x37_nhwc", runtime.NewShape(2, 4, 5)}, {"bilinear2d_n3x7aligncorners_c70x70_nhwc", runtime.NewShape(1, 5, 12)},
		{"bilinear1d_n9_c5x5_nhwc", runtime.NewShape(2, 4)},
		{"bilinear2d_n8x33aligncorners_c2x2_i3x5", runtime.NewShape(1, 3, 5)}, {"bilinear2d_n2x1_c2x2", runtime.NewShape(1, 9, 9)},
	} {
		l, err := specs.ParseName(c.name)
		require.NoError(t, err, c.name)
		tried := 0
		for _, target := range gen.Targets {
			try := func(path string, k runtime.Kernel, ok bool) {
				if !ok {
					return
				}
				_, err := kerneltest.TargetOf(k).Check(kerneltest.Case{Layer: l, Shape: c.shape}, 5)
				require.NoError(t, err, "%s of %s", path, k.Name)
				tried++
			}
			k, ok := Interpreted(l, target)
			try("nest", k, ok)
			k, ok, err := Simulated(l, target)
			require.NoError(t, err)
			try("simulator", k, ok)
		}
		require.Equal(t, 5, tried, c.name)
	}
}
