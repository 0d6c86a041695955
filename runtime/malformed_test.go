package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

func TestMalformedInput(t *testing.T) {
	t.Run("a rank outside 1..3 is an error, not a panic", func(t *testing.T) {
		r, err := runtime.NewRegistry()
		require.NoError(t, err)
		for _, rank := range []int{-1, 4} {
			require.NotPanics(t, func() {
				_, err = r.New(specs.Layer{Op: specs.ConvTranspose, Rank: rank, Groups: 1, InChannels: 1, OutChannels: 1}, nil, nil)
			})
			require.Error(t, err)
			require.NotPanics(t, func() {
				k := stub(t, "conv_transpose2d_k4s2p1", "go")
				k.Layer.Rank = rank
				_, err = runtime.NewRegistry([]runtime.Kernel{k})
			})
			require.Error(t, err)
		}
	})
	t.Run("a fourth size is a wrong rank", func(t *testing.T) { // as NewShape's comment promises
		l, err := registry(t).New(parse(t, "conv_transpose3d_k1_c1x1"), make([]float32, 1), nil)
		require.NoError(t, err)
		require.Error(t, l.Forward(make([]float32, 8), make([]float32, 8), runtime.NewShape(1, 2, 2, 2, 9)))
	})
	t.Run("a table kernel cannot call itself generic", func(t *testing.T) { // New would ignore its function
		_, err := runtime.NewRegistry([]runtime.Kernel{stub(t, "conv_transpose2d_k4s2p1", "generic")})
		require.Error(t, err)
	})
	t.Run("an unknown order of weights is malformed", func(t *testing.T) { // New packs it, String panics
		k := stub(t, "conv_transpose2d_k4s2p1", "go")
		k.Pack.Order = 7
		_, err := runtime.NewRegistry([]runtime.Kernel{k})
		require.Error(t, err)
	})
}
