package runtime_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// What is too much for one call is done in parts; here they have the bits of the whole.

// TestPassesHaveTheSameBits: calls that go on from sums, of two input channels each.
func TestPassesHaveTheSameBits(t *testing.T) {
	needAssembly(t)
	compared := 0
	for _, k := range prebuilt.Kernels() {
		if k.Tile.Pass == 0 || k.Tile.Once || !cpu.Detect().Has(k.Needs) {
			continue
		}
		l := k.Layer
		if l.InChannels == 0 {
			l.InChannels, l.OutChannels = 7, 19
		}
		l.Bias = true
		shape := runtime.Shape{Batch: 1}
		for i := range l.Rank {
			if shape.Input[i] = l.Axes[i].Input; shape.Input[i] == 0 {
				shape.Input[i] = []int{5, 6, 53}[i+specs.MaxRank-l.Rank]
			}
		}
		whole, parts := k, k
		whole.Tile.Pass, parts.Tile.Pass = 0, 2
		want := filtered(t, whole, l, shape)
		requireBits(t, want, filtered(t, parts, l, shape), "%s at %v", k.Name, shape)
		compared += len(want)
	}
	t.Logf("%d outputs compared", compared)
	if cpu.Detect().Has(cpu.AVX2 | cpu.FMA3) {
		require.Greater(t, compared, 10_000)
	}
}

// filtered are the outputs of a layer with weights on one kernel.
func filtered(t *testing.T, k runtime.Kernel, l specs.Layer, s runtime.Shape) []float32 {
	t.Helper()
	r, err := runtime.NewRegistry([]runtime.Kernel{k})
	require.NoError(t, err)
	n, ok := specs.Product(l.WeightsShape()...)
	require.True(t, ok)
	layer, err := r.New(l, floats(n, 2), floats(l.OutChannels, 3), runtime.WithISA(k.ISA))
	require.NoError(t, err)
	return outputs(t, layer, s)
}

// TestPassesOfCommon: kernels whose calls add up three input channels at most, one of each
// order and number of phases, on guard pages and against the definition.
func TestPassesOfCommon(t *testing.T) {
	var kernels []runtime.Kernel
	layers, seen := map[string]bool{}, map[any]bool{}
	for _, k := range common.Kernels() {
		sort := [...]any{k.ISA, k.Pack.Order, k.Pack.Section, k.Pack.Rows}
		if k.Tile.Pass > 0 && !k.Tile.Once && !seen[sort] {
			k.Tile.Pass, seen[sort] = 3, true
			kernels, layers[k.Layer.Canonical()] = append(kernels, k), true
		}
	}
	var served []specs.Layer
	for _, l := range common.Layers() {
		if layers[l.Canonical()] {
			served = append(served, l)
		}
	}
	if len(kernels) == 0 {
		t.Skip("this build has no assembly")
	}
	kerneltest.Verify(t, kernels, served)
}

// TestLongRowsHaveTheSameBits: rows that are too long for a call of a masked kernel, in
// parts that are copied, against the other set of vectors, which needs no masks.
func TestLongRowsHaveTheSameBits(t *testing.T) {
	needAssembly(t)
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	compared := 0
	for _, k := range prebuilt.Kernels() {
		l := k.Layer
		if !k.Tile.Masked || !cpu.Detect().Has(k.Needs) || l.Axes[l.Rank-1].Input > 0 {
			continue
		}
		if l.InChannels == 0 {
			l.InChannels, l.OutChannels = 2, 2
		}
		for _, width := range []int{2_000, 2_017 + 30_000*l.GroupCount()/l.InChannels} {
			s := runtime.NewShape(1, 5, width)
			var want []float32
			for _, isa := range []string{"avx2", k.ISA} {
				n, _ := specs.Product(l.WeightsShape()...)
				layer, err := r.New(l, floats(n, 2), floats(l.OutChannels, 3), runtime.WithISA(isa))
				require.NoError(t, err)
				got := outputs(t, layer, s)
				if want == nil {
					want = got
				}
				requireBits(t, want, got, "%s at %v", layer.Kernel(), s)
				compared += len(got)
			}
		}
	}
	t.Logf("%d outputs compared", compared)
	if cpu.Detect().Has(cpu.AVX512F) {
		require.Greater(t, compared, 1_000_000)
	}
}

// outputs are those of a layer for finite numbers.
func outputs(t *testing.T, l *runtime.Layer, s runtime.Shape) []float32 {
	t.Helper()
	n, err := l.SrcLen(s)
	require.NoError(t, err)
	m, err := l.DstLen(s)
	require.NoError(t, err)
	dst := make([]float32, m)
	require.NoError(t, l.Forward(dst, floats(n, 1), s))
	return dst
}

// TestLongGroups: so many rows of outputs between two rows of inputs that they are several
// calls. Kernels of resizes do not depend on the sizes, but for long windows.
func TestLongGroups(t *testing.T) {
	l, s := parse(t, "bilinear2d_n20011x64_c2x2"), runtime.NewShape(1, 3, 32)
	generic, err := runtime.NewRegistry()
	require.NoError(t, err)
	layer, err := generic.New(l, nil, nil)
	require.NoError(t, err)
	want, checked := outputs(t, layer, s), 0
	for _, k := range prebuilt.Kernels() {
		if k.Layer.Canonical() != "bilinear2d_s2" {
			continue
		}
		k.Layer = parse(t, "bilinear2d_n20011x64")
		k.Name = fmt.Sprintf("%s_%s", k.Layer.Canonical(), k.ISA)
		require.Greater(t, record(t, k, l, s).number, 20, k.Name)
		if !cpu.Detect().Has(k.Needs) {
			continue
		}
		r, err := runtime.NewRegistry([]runtime.Kernel{k})
		require.NoError(t, err)
		layer, err := r.New(l, nil, nil, runtime.WithISA(k.ISA))
		require.NoError(t, err)
		requireBits(t, want, outputs(t, layer, s), k.Name)
		checked++
	}
	require.Positive(t, checked)
}

// TestRegressionPlaneOfFewerRows: a strip of fewer rows may need longer planes than one of
// more, when their elements are a multiple of what shares a place in the cache.
func TestRegressionPlaneOfFewerRows(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	l := parse(t, "conv2d_k3s2p1_c1x3_nhwc")
	for _, rows := range []int{40_001, 4095, 4097} {
		for _, k := range r.Candidates(l, cpu.Detect()) {
			layer, err := r.New(l, floats(27, 2), nil, runtime.WithISA(k.ISA))
			require.NoError(t, err)
			require.NotEmpty(t, outputs(t, layer, runtime.NewShape(1, rows, 3)))
		}
	}
}
