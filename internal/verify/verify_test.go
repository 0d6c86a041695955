package verify

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// layers parses canonical names.
func layers(t *testing.T, names ...string) (list []specs.Layer) {
	t.Helper()
	for _, name := range names {
		l, err := specs.ParseName(name)
		require.NoError(t, err)
		list = append(list, l)
	}
	return list
}

// rows runs the options and returns the rows by path and way.
func rows(t *testing.T, o Options) map[string]Row {
	t.Helper()
	found := map[string]Row{}
	require.NoError(t, Run(t.Context(), o, func(r Row) error {
		found[r.Path+" "+string(r.Way)] = r
		return nil
	}))
	return found
}

// TestEveryPathHasARow: a layer without compiled kernels is interpreted and simulated,
// and what must have the same bits is compared; a layer named twice runs once.
func TestEveryPathHasARow(t *testing.T) {
	var steps []string
	o := Options{Groups: []Group{{Layers: layers(t, "conv_transpose1d_k5s3_c2x3", "conv_transpose1d_k5s3_c2x3")}}, Seed: 3,
		Step: func(s string) { steps = append(steps, s) }}
	found := rows(t, o)
	for _, want := range []string{"avx512 nest", "avx512 simulated", "avx2 nest", "avx2 simulated", "go nest", "generic native", "avx2 = avx512 nest", "go = generic nest"} {
		r, ok := found[want]
		require.True(t, ok, want)
		require.Equal(t, OK, r.Result, r.Message)
		require.Positive(t, r.Cases)
		require.Positive(t, r.Outputs)
		require.LessOrEqual(t, r.Worst, 1.0)
		require.Equal(t, uint64(3), r.Seed)
	}
	require.Len(t, found, 8)
	require.Contains(t, steps, "conv_transpose1d_k5s3_c2x3, avx2, calls")
}

// TestMissingFeatures: a compiled kernel that the processor cannot run is interpreted,
// and a finding where its instruction set is required.
func TestMissingFeatures(t *testing.T) {
	var k runtime.Kernel
	for _, k = range prebuilt.Kernels() {
		if k.Name == "conv_transpose2d_k2s2_go" {
			break
		}
	}
	require.Equal(t, "conv_transpose2d_k2s2_go", k.Name)
	k.Needs = ^cpu.Features(0)
	o := Options{Groups: []Group{{Kernels: []runtime.Kernel{k}, Layers: layers(t, "conv_transpose2d_k2s2")}}}
	t.Setenv(kerneltest.RequireVariable, "")
	require.Equal(t, OK, rows(t, o)["go nest"].Result)

	t.Setenv(kerneltest.RequireVariable, "go")
	found := rows(t, o)
	require.Equal(t, Failed, found["go native"].Result)
	require.Contains(t, found["go native"].Message, "conv_transpose2d_k2s2_go: this processor lacks")
	require.NotContains(t, found, "go = generic native")
}

// TestRunOfNothing is an error, and so is one that was interrupted.
func TestRunOfNothing(t *testing.T) {
	none := func(Row) error { return nil }
	require.ErrorContains(t, Run(t.Context(), Options{}, none), "no output was compared")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := Options{Groups: []Group{{Layers: layers(t, "bed_of_nails1d_s2")}}}
	require.ErrorIs(t, Run(ctx, o, none), context.Canceled)
}
