//go:build linux

package kerneltest

import (
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// tampered is the generic path with a mistake made after each run.
type tampered struct {
	Runner
	after func(a runtime.Args)
}

func (r tampered) Run(a runtime.Args, s runtime.Shape) error {
	err := r.Runner.Run(a, s)
	r.after(a)
	return err
}

func tamper(l specs.Layer, after func(a runtime.Args)) Target {
	target := GenericTarget(l)
	build := target.New
	target.New = func(l specs.Layer, w Weights, setup Setup) (Runner, error) {
		r, err := build(l, w, setup)
		return tampered{r, after}, err
	}
	return target
}

// beyond is the address of element i of s, whatever i is.
func beyond[T int32 | int64](s []T, i int) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), i*int(unsafe.Sizeof(T(0)))))
}

// sinkIndex keeps the compiler from dropping a read.
var sinkIndex int64

// TestCheckSeesMistakesOfEveryOp: one output or index that is wrong by as little as
// possible is found, whatever the op.
func TestCheckSeesMistakesOfEveryOp(t *testing.T) {
	next := func(a runtime.Args) {
		i := len(a.Dst) / 2
		a.Dst[i] = math.Nextafter32(a.Dst[i], math.MaxFloat32)
	}
	for _, c := range []struct {
		name  string
		after func(a runtime.Args)
		want  string
	}{
		{"nearest2d_s2_c3x3", next, "not bit for bit: 1 of"},
		{"bilinear2d_s2_c3x3", next, "not bit for bit: 1 of"},
		{"bilinear2d_n5x7aligncorners_c3x3_nhwc", next, "not bit for bit: 1 of"},
		{"bed_of_nails2d_s2_c3x3", next, "not bit for bit: 1 of"},
		{"max_pool2d_k2s2_c3x3", next, "not bit for bit: 1 of"},
		{"max_pool2d_k2s2_c3x3", func(a runtime.Args) { a.Indices[3]++ }, "not exact: the index of dst[0 0 1 0] is"},
		{"max_unpool2d_k2s2_c3x3", next, "not bit for bit: 1 of"},
		{"max_pool2d_k2s2_c3x3", func(a runtime.Args) { *beyond(a.Indices, -1) = 0 }, "guard at the head: fault in indices: element -1 of 18"},
		{"max_pool2d_k2s2_c3x3", func(a runtime.Args) { *beyond(a.Indices, len(a.Indices)) = 0 }, "indices was written at element 18 of 18"},
		{"max_unpool2d_k2s2_c3x3", func(a runtime.Args) {
			if a.Indices != nil {
				sinkIndex += *beyond(a.Indices, -1)
			}
		}, "guard at the head: fault in indices: element -1 of 72"},
		{"max_unpool2d_k2s2_c3x3", func(a runtime.Args) {
			if a.Indices32 != nil {
				sinkIndex += int64(*beyond(a.Indices32, len(a.Indices32)))
			}
		}, "guard at the tail: fault in indices32: element 72 of 72"},
		{"max_unpool2d_k2s2_c3x3", func(a runtime.Args) {
			if a.Indices != nil {
				a.Indices[1] = 0
			}
		}, "fault in indices: element 1 of 72"},
		{"max_unpool2d_k2s2_c3x3", func(a runtime.Args) {
			if a.Indices32 != nil {
				a.Indices32[3] = 0
			}
		}, "fault in indices32: element 3 of 72"},
		{"pixel_shuffle2d_s2_c12x3", next, "not bit for bit: 1 of"},
		{"pixel_unshuffle2d_s2_c3x12_nhwc", next, "not bit for bit: 1 of"},
		{"resize_conv2d_k3s2p1reflect_c3x4", next, "not exact: 1 of"},
		{"conv2d_k3s2p1_c3x4", next, "not exact: 1 of"},
		{"conv2d_k3p1_c3x4_add_relu_nhwc", next, "not exact"},
		{"conv2d_k3p1_c3x4_leakyrelu0p2", func(a runtime.Args) {
			for i, v := range a.Dst {
				if v < 0 {
					a.Dst[i] = math.Nextafter32(v, 0)
					return
				}
			}
		}, "not bit for bit: 1 of"},
		{"conv2d_k3p1_c3x4_sigmoid", func(a runtime.Args) { a.Dst[0] += 1e-5 }, "not bit for bit: 1 of"},
		{"conv_transpose2d_k4s2p1_c3x4_tanh", func(a runtime.Args) { a.Dst[1] -= 1e-5 }, "not bit for bit: 1 of"},
	} {
		l, err := specs.ParseName(c.name)
		require.NoError(t, err)
		one := Case{l, runtime.NewShape(1, 4, 6)}
		r, err := GenericTarget(l).Check(one, 3)
		require.NoError(t, err, c.name)
		require.Positive(t, r.Outputs)
		_, err = tamper(l, c.after).Check(one, 3)
		require.ErrorContains(t, err, c.want, c.name)
	}
}

// TestOracleOfWhatFollows: the residual comes before the activation, and neither
// weighs anything in the bound that it should not.
func TestOracleOfWhatFollows(t *testing.T) {
	l, err := specs.ParseName("conv1d_k2_c1x1_add_leakyrelu0p5")
	require.NoError(t, err)
	l.Bias = false
	d := &Data{Src: []float32{1, 2, 3}, Weights: []float32{1, 10}, Residual: []float32{-31, -30}}
	e, err := OracleOf(l, runtime.NewShape(1, 3), d)
	require.NoError(t, err)
	require.Equal(t, []float64{-5, 2}, e.Exact)
	bits, err := ReferenceOf(l, runtime.NewShape(1, 3), d, false)
	require.NoError(t, err)
	require.Equal(t, []float32{-5, 2}, bits.Values)
	require.Less(t, e.Bound(0, false), 1e-5)
	require.NoError(t, e.Equal([]float32{-5, 2}))

	d.Residual = nil
	_, err = OracleOf(l, runtime.NewShape(1, 3), d)
	require.EqualError(t, err, "kerneltest: residual has 0 elements, want 2")
	nearest, err := specs.ParseName("nearest1d_s2_c1x1")
	require.NoError(t, err)
	_, err = OracleOf(nearest, runtime.NewShape(1, 3), &Data{Src: []float32{1, 2, 3}})
	require.EqualError(t, err, "kerneltest: nearest has no weights; Target.Check holds it to its definition")
}
