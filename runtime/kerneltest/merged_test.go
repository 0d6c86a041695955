package kerneltest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// mergedNames are layers whose kernels add up weights.
var mergedNames = []string{
	"resize_conv1d_k3s2p1_c3x4", "resize_conv2d_k3s2p1reflect_c3x4", "resize_conv2d_k5s2p3replicate_c3x4_nhwc",
	"resize_conv2d_k5x3s3x2p2x1reflect_c3x4", "resize_conv3d_k2s2p1replicate_c3x4", "resize_conv2d_k3s3p1d2replicate_c3x4",
}

func problemOf(t *testing.T, name string) *problem {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err, name)
	require.Empty(t, l.Validate(), name)
	s := runtime.Shape{Batch: 2}
	for i := range l.Rank {
		s.Input[i] = 4 + i
	}
	p, err := newProblem(l, s)
	require.NoError(t, err, name)
	return p
}

// TestMerges: not every resize_conv is a filter of its own input.
func TestMerges(t *testing.T) {
	for _, name := range mergedNames {
		require.True(t, merges(problemOf(t, name).layer), name)
	}
	for _, name := range []string{
		"resize_conv2d_k3s2p1bilinear_c3x4", "resize_conv2d_k5s2p2reflect_c3x4", "conv2d_k3p1_c3x4", "resize_conv2d_k2x3s2x1d3x1_c3x4",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		require.False(t, merges(l), name)
	}
}

// TestMergedIsTheDefinition: added up weights on an input with copies of its ends give the
// integers of the two steps exactly, and other data within the bound of added up weights.
func TestMergedIsTheDefinition(t *testing.T) {
	for _, name := range mergedNames {
		p := problemOf(t, name)
		d := p.data(Integers, 1)
		m := p.merge(d.Weights)
		bits := m.reference(m.planes(), m.data(d), false)
		for i, want := range p.expect(p.planes(), d).Exact {
			require.Equal(t, want, float64(bits.Values[i]), "%s: output %d", name, i)
		}
		d = p.data(Wide, 2)
		m = p.merge(d.Weights)
		e := p.expectMerged(m, p.planes(), d)
		added := 0
		for i, got := range m.reference(m.planes(), m.data(d), true).Values {
			require.InDelta(t, e.Exact[i], float64(got), e.Bound(i, true), "%s: output %d", name, i)
			if e.Merged[i] > unit64*e.Partial[i] {
				added++
			}
		}
		require.Positive(t, added, name)
	}
}

// TestCheckTellsBordersApart: a kernel that finds something else beyond the border, or
// enlarges in another way, is caught.
func TestCheckTellsBordersApart(t *testing.T) {
	names := []string{
		"resize_conv2d_k3s2p1_c3x4", "resize_conv2d_k5s2p2reflect_c3x4", "resize_conv2d_k5s2p2replicate_c3x4",
		"resize_conv2d_k3s2p1bilinear_c3x4", "resize_conv2d_k3s2p1bilinearreflect_c3x4", "resize_conv2d_k3s2p1bilinearreplicate_c3x4",
	}
	caught := 0
	for i, right := range names {
		for j, wrong := range names {
			l, w := problemOf(t, right).layer, problemOf(t, wrong).layer
			if i == j || l.Axes[0].Kernel != w.Axes[0].Kernel {
				continue
			}
			target := GenericTarget(w)
			build := target.New
			target.New = func(_ specs.Layer, weights Weights, s Setup) (Runner, error) { return build(w, weights, s) }
			_, err := target.Check(Case{l, runtime.NewShape(1, 5, 7)}, 1)
			require.Error(t, err, "%s for %s", wrong, right)
			caught++
		}
	}
	require.Greater(t, caught, 10)
}
