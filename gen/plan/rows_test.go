package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// planOf plans the layer of that name.
func planOf(t *testing.T, name string, target plan.Target) (plan.Problem, plan.Plan) {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err)
	prob, p, err := plan.For(l, target)
	require.NoError(t, err, name)
	return prob, p
}

// TestFewChannelsTakeAllRows: where few output channels share a vector of inputs,
// the tile has the phases of both axes; with many it has no use for them, and a
// stride of 1 or a single axis has no more than one y phase.
func TestFewChannelsTakeAllRows(t *testing.T) {
	for name, rows := range map[string]int{
		"conv_transpose2d_k9s3p4o2_c56x1":        3,
		"conv_transpose2d_k9s2p4o1_c56x1":        2,
		"conv_transpose2d_k4s2p1_c64x3_i32x32":   2,
		"conv_transpose2d_k4s2p1dw":              2,
		"conv_transpose2d_k4s2p1_c256x256":       0,
		"conv_transpose2d_k9s1x3p4_c56x1":        0,
		"conv_transpose1d_k9s3p4o2_c56x1":        0,
		"conv_transpose2d_k16s8p4_c56x1":         0,
		"conv_transpose2d_k4s2p1_c512x256_i4x4":  0,
		"conv_transpose2d_k9s2p4o1_c56x1_i1x1":   2,
		"conv_transpose2d_k13s2p6o1_c56x1":       2,
		"conv_transpose2d_k5s2p2o1_c64x1_i14x14": 2,
	} {
		_, p := planOf(t, name, plan.AVX512)
		require.Equal(t, rows, p.Rows, "%s: %v", name, p)
		if rows > 0 {
			require.Equal(t, 1, p.RowTaps, "the nest has no loop over y taps")
			require.Contains(t, p.String(), " y x ")
			require.Contains(t, p.Why(), "all y phases in the tile")
		}
	}
}

// TestRowsInPlace: where masks have registers of their own, a tile with all rows
// leaves out what is beyond the ends of rows, unless there are more columns than
// inputs, or too many masks.
func TestRowsInPlace(t *testing.T) {
	for name, want := range map[string]string{
		"conv_transpose2d_k9s3p4o2_c56x1":      "masked input",
		"conv_transpose2d_k9s2p4o1_c56x1":      "masked input",
		"conv_transpose2d_k4s2p1_c64x3_i32x32": "masked input",
		"conv_transpose2d_k4s2_c64x1":          "halo input",
		"conv_transpose2d_k13s2p6o1_c56x1":     "masked input",
		"conv_transpose2d_k2s2_c4x1":           "direct input",
	} {
		_, p := planOf(t, name, plan.AVX512)
		require.Contains(t, p.String(), want)
		require.False(t, p.Masked && (p.Halo || p.Slack()), "%v", p)
		_, p = planOf(t, name, plan.AVX2)
		require.False(t, p.Masked, "%v", p)
	}
}

// TestGoTakesRowsOneByOne: scalar code has no vector to share.
func TestGoTakesRowsOneByOne(t *testing.T) {
	_, p := planOf(t, "conv_transpose2d_k9s3p4o2_c56x1", plan.Go)
	require.Zero(t, p.Rows)
}

// TestRowsArePlanar: with whole x phases, and copies that are not shifted.
func TestRowsArePlanar(t *testing.T) {
	seen := 0
	forEach(t, func(l specs.Layer, prob plan.Problem, p plan.Plan) {
		if p.Rows == 0 {
			return
		}
		seen++
		require.Equal(t, pack.Planar, p.Order, "%v", p)
		require.Equal(t, prob.Y.OutStride, p.Rows, "%v", p)
		require.Equal(t, prob.X.OutStride, p.Section, "%v", p)
		require.Greater(t, l.Rank, 1)
		require.Zero(t, p.Shifted+p.Fold, "%v", p)
		require.Equal(t, p.Channels*p.Rows*p.Section*p.Vectors(), p.Accumulators(), "%v", p)
	})
	require.Greater(t, seen, 40)
}

// TestUnrolledBodiesStayShort: files of the largest bodies stay below 2,000 lines.
func TestUnrolledBodiesStayShort(t *testing.T) {
	for _, name := range []string{
		"conv_transpose2d_k9s2p4o1_c56x1", "conv_transpose2d_k9s3p4o2_c56x1", "conv_transpose2d_k13s2p6o1_c56x1", "conv_transpose2d_k15s3p6_c8x2",
		"conv_transpose2d_k31s2p9_c8x1", "conv_transpose2d_k11s5p3_c8x1", "conv_transpose2d_k7s2p3_c8x6", "conv_transpose2d_k9x3s7x3p2x0_c8x1",
	} {
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			prob, p := planOf(t, name, target)
			out, err := asm.Emit(nest.Build("k", prob, p), target.Name)
			require.NoError(t, err, "%s: %v", name, p)
			lines := 0
			for _, b := range out.Text {
				if b == '\n' {
					lines++
				}
			}
			require.Less(t, lines, 1900, "%s: %v", name, p)
		}
	}
}
