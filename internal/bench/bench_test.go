package bench

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// byName finds a case by the first part of its name, such as T13.
func byName(t *testing.T, short string) Case {
	t.Helper()
	for _, c := range Cases() {
		if strings.HasPrefix(c.Name, short+"_") {
			return c
		}
	}
	require.Fail(t, "no case "+short)
	return Case{}
}

// TestCasesAreValid: layers without problems and without bias, sizes that give an
// output, names that differ.
func TestCasesAreValid(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Cases() {
		require.Empty(t, c.Layer.Validate(), c.Name)
		require.False(t, c.Layer.Bias, c.Name)
		require.Positive(t, c.Shape.Batch, c.Name)
		require.NotZero(t, c.Layer.InChannels*c.Layer.OutChannels, c.Name)
		_, err := c.Layer.Resolve(c.Shape.Input[:c.Layer.Rank])
		require.NoError(t, err, c.Name)
		require.Regexp(t, `^T\d+_\w+$`, c.Name)
		require.False(t, names[c.Name], c.Name)
		names[c.Name] = true
	}
	require.Len(t, names, len(rows))
	require.GreaterOrEqual(t, len(names), 20)
}

// TestCasesHaveKernels in the prebuilt packages, one for each instruction set that
// this build has; the generic path is for none of them.
func TestCasesHaveKernels(t *testing.T) {
	sets := map[string]cpu.Features{}
	for _, k := range prebuilt.Kernels() {
		sets[k.ISA] |= k.Needs
	}
	require.Contains(t, sets, "go")
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	for _, c := range Cases() {
		found := map[string]bool{}
		for _, k := range r.Candidates(c.Layer, ^cpu.Features(0)) {
			found[k.ISA] = true
		}
		for isa := range sets {
			require.True(t, found[isa], "%s has no %s kernel", c.Name, isa)
		}
	}
}

// TestFLOPs: two for each pair of an input and a weight.
func TestFLOPs(t *testing.T) {
	for short, want := range map[string]int64{
		"T2":  2 * 512 * 256 * 16 * 16,
		"T6":  2 * 1024 * 512 * 4 * 32 * 32,
		"T10": 2 * 56 * 81 * 160 * 160,
		"T13": 2 * 256 * 256 * 16 * 32 * 24,
		"T14": 100 * 2 * 256 * 256 * 4 * 14 * 14,
		"T18": 2 * 512 * 256 * 16 * 64,
		"T20": 2 * 256 * 16 * 64 * 64,
	} {
		require.Equal(t, want, byName(t, short).FLOPs(), short)
	}
	l, err := specs.ParseName("conv_transpose3d_k1x2x3g2_c4x6")
	require.NoError(t, err)
	require.EqualValues(t, 5*2*(4*3*6)*(7*8*9), Case{Layer: l, Shape: runtime.NewShape(5, 7, 8, 9)}.FLOPs())
}

// tiny is a case that takes no time.
func tiny(t *testing.T) Case {
	t.Helper()
	l, err := specs.ParseName("conv_transpose2d_k4s2p1_c2x3")
	require.NoError(t, err)
	l.Bias = false
	return Case{Name: "tiny", Layer: l, Shape: runtime.NewShape(2, 4, 5)}
}

// TestRun: one result for each path that exists, in the order asked for, with
// figures that agree with each other.
func TestRun(t *testing.T) {
	o := Options{Kernels: prebuilt.Kernels(), ISAs: []string{"go", "generic"}, Threads: 1, Rounds: 3, Slice: time.Millisecond}
	results, err := Run(context.Background(), tiny(t), o)
	require.NoError(t, err)
	require.Len(t, results, 2)
	for i, r := range results {
		require.Equal(t, "tiny", r.Layer)
		require.Equal(t, o.ISAs[i], r.ISA)
		require.True(t, strings.HasPrefix(r.Kernel, "conv_transpose2d_k4s2p1") && strings.HasSuffix(r.Kernel, "_"+r.ISA), r.Kernel)
		require.Equal(t, 1, r.Threads)
		require.EqualValues(t, 2*2*2*3*16*4*5, r.FLOPs)
		require.EqualValues(t, 4*(2*2*4*5+2*3*8*10+2*3*16), r.Bytes)
		require.Positive(t, r.NS)
		require.Positive(t, r.GFLOPS)
		require.InDelta(t, float64(r.FLOPs)/float64(r.NS), r.GFLOPS, r.GFLOPS/float64(r.NS)+1e-9)
		require.Positive(t, r.CopyGBs)
		require.GreaterOrEqual(t, r.PeakGFLOPS, 0.0)
		if r.PeakGFLOPS > 0 {
			require.Positive(t, r.Share)
			require.Less(t, r.Share, 1.5)
		}
	}
}

// TestRunLeavesOutMissingPaths and says so when none is left.
func TestRunLeavesOutMissingPaths(t *testing.T) {
	o := Options{ISAs: []string{"avx512", "go", "generic"}, Threads: 2, Rounds: 1, Slice: time.Microsecond}
	results, err := Run(context.Background(), tiny(t), o)
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.Equal(t, "conv_transpose2d_k4s2p1_c2x3_generic", results[0].Kernel)
	require.Equal(t, 2, results[0].Threads)

	o.ISAs = []string{"go", "avx2"}
	_, err = Run(context.Background(), tiny(t), o)
	require.EqualError(t, err, "bench: tiny: no path of [go avx2] exists")
}

// TestRunStops when it is told to, or when the shape does not fit.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := Options{ISAs: []string{"generic"}, Threads: 1, Rounds: 1, Slice: time.Microsecond}
	_, err := Run(ctx, tiny(t), o)
	require.ErrorIs(t, err, context.Canceled)

	c := tiny(t)
	c.Shape = runtime.NewShape(1, 4)
	_, err = Run(context.Background(), c, o)
	require.EqualError(t, err, "runtime: axis 1: input size 0 is not positive")
}

// TestMedian is the middle one, the upper of two; its argument stays as it was.
func TestMedian(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want float64
	}{{nil, 0}, {[]float64{7}, 7}, {[]float64{3, 1}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 3}, {[]float64{2, 2, 100, 2, -5}, 2}} {
		before := append([]float64(nil), c.v...)
		require.Equal(t, c.want, median(c.v), "%v", c.v)
		require.Equal(t, before, c.v)
	}
}

// TestNoise is the same every time, centred, and never silent.
func TestNoise(t *testing.T) {
	a := noise(1000)
	require.Equal(t, a, noise(1000))
	sum, distinct := 0.0, map[float32]bool{}
	for _, v := range a {
		require.True(t, v >= -0.5 && v < 0.5)
		sum += float64(v)
		distinct[v] = true
	}
	require.InDelta(t, 0, sum/1000, 0.05)
	require.Greater(t, len(distinct), 990)
}

// TestTable: rows stand under the header's columns.
func TestTable(t *testing.T) {
	var b strings.Builder
	Header(&b)
	Row(&b, Result{Layer: "T13_pose3", Kernel: "k_avx2", ISA: "avx2", Threads: 2, NS: 1234567, GFLOPS: 12.34, PeakGFLOPS: 50, Share: 0.1234})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 3)
	require.Equal(t, []string{"T13_pose3", "avx2", "2", "1234.6", "12.3", "50.0", "12.3%", "k_avx2"}, strings.Fields(lines[2]))
	require.Equal(t, strings.Index(lines[0], "kernel"), strings.Index(lines[2], "k_avx2"))
}
