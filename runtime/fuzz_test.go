package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

// FuzzUnpool: no index of any size writes outside dst. A bad one is an error that
// leaves dst as it was; good ones put every input somewhere.
func FuzzUnpool(f *testing.F) {
	f.Add(int64(0), int64(1), int64(2), int64(3), uint8(0))
	f.Add(int64(-1), int64(1<<32+3), int64(1<<31), int64(17), uint8(1))
	f.Add(int64(5), int64(5), int64(5), int64(5), uint8(3))
	names := []string{"max_unpool1d_k2s2_c2x2", "max_unpool1d_k2s2_c2x2_nhwc", "max_unpool1d_k2s2tensor_c2x2", "max_unpool1d_k2s2n7tensor_c2x2_nhwc"}
	f.Fuzz(func(t *testing.T, a, b, c, d int64, kind uint8) {
		l := parse(t, names[int(kind)%len(names)])
		r, err := runtime.NewRegistry()
		require.NoError(t, err)
		layer, err := r.New(l, nil, nil)
		require.NoError(t, err)
		s, indices := runtime.NewShape(1, 2), []int64{a, b, c, d}
		n, err := layer.DstLen(s)
		require.NoError(t, err)
		limit := int64(n / 2)
		if l.Indices != "" {
			limit = int64(n)
		}
		around := make([]float32, n+2)
		for i := range around {
			around[i] = 9
		}
		err = layer.Run(runtime.Args{Dst: around[1 : n+1], Src: line, Indices: indices}, s)
		require.Equal(t, []float32{9, 9}, []float32{around[0], around[n+1]})
		for _, i := range indices {
			if i < 0 || i >= limit {
				require.Error(t, err)
				for _, v := range around {
					require.Equal(t, float32(9), v)
				}
				return
			}
		}
		require.NoError(t, err)
		require.Contains(t, around[1:n+1], line[3], "the last input stays")
	})
}
