package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

// TestScratchIsBounded: no path keeps more than the input with a halo and a
// megabyte for each goroutine.
func TestScratchIsBounded(t *testing.T) {
	for _, s := range samples {
		l := parse(t, s.name)
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			d := draw(t, l, s.shape)
			got, err := d.build(t, r, k).Scratch(s.shape)
			require.NoError(t, err)
			image := 4 * len(d.src) / s.shape.Batch
			halo := 1
			for _, a := range l.Spatial() {
				halo *= a.Kernel + 1
			}
			require.LessOrEqual(t, got, image*halo+1<<20, k.Name)
			if k.ISA == "generic" {
				require.Zero(t, got)
			}
		})
	}
	l := parse(t, "conv_transpose2d_k4s2p1_c5x7")
	d := draw(t, l, runtime.NewShape(1, 4, 4))
	layer, err := registry(t).New(l, d.weights, d.bias)
	require.NoError(t, err)
	_, err = layer.Scratch(runtime.NewShape(0, 4, 4))
	require.ErrorContains(t, err, "batch size is 0")
}
