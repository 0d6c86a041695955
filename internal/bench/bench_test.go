package bench

import (
	"context"
	"encoding/json"
	"maps"
	goruntime "runtime"
	"slices"
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
		require.Regexp(t, `^[TCORUP]\d+_\w+$`, c.Name)
		require.False(t, names[c.Name], c.Name)
		names[c.Name] = true
	}
	require.Len(t, names, len(rows))
	require.GreaterOrEqual(t, len(names), 31)
}

// TestCasesHaveKernels in the prebuilt packages, one for each instruction set that
// this build has; the generic path is for none of them, but for an unpooling without
// vectors.
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
			scatters := c.Layer.Op == specs.MaxUnpool && isa == "go"
			require.Equal(t, !scatters, found[isa], "%s has no %s kernel", c.Name, isa)
		}
	}
}

// TestFLOPs: two for each pair of an input and a weight, or of an output and a tap; a
// resize_conv by 2 with kernel 3 has two taps an axis.
func TestFLOPs(t *testing.T) {
	for short, want := range map[string]int64{
		"T2":  2 * 512 * 256 * 16 * 16,
		"T6":  2 * 1024 * 512 * 4 * 32 * 32,
		"T10": 2 * 56 * 81 * 160 * 160,
		"T13": 2 * 256 * 256 * 16 * 32 * 24,
		"T14": 100 * 2 * 256 * 256 * 4 * 14 * 14,
		"T18": 2 * 512 * 256 * 16 * 64,
		"T20": 2 * 256 * 16 * 64 * 64,
		"C1":  2 * 512 * 512 * 4 * 64 * 64,
		"C4":  2 * 256 * 256 * 9 * 64 * 64,
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
		require.Positive(t, r.OutputGBs)
		require.GreaterOrEqual(t, r.PeakGFLOPS, 0.0)
		require.Equal(t, r.PeakGFLOPS > 0, r.Bound != BoundNone)
		require.Equal(t, r.PeakGFLOPS > 0, r.Share > 0)
		require.Less(t, r.Share, 1.5)
		require.Zero(t, r.Scaling+r.PeakScaling+r.TimesLoop)
	}
}

// TestRunOnTwoThreads compares with one thread; the limits are those of two.
func TestRunOnTwoThreads(t *testing.T) {
	if goruntime.NumCPU() < 2 {
		_, err := Run(context.Background(), tiny(t), Options{ISAs: []string{"generic"}, Threads: 2, Rounds: 1})
		require.EqualError(t, err, "bench: 2 threads on 1 processors")
		return
	}
	o := Options{Kernels: prebuilt.Kernels(), ISAs: []string{"go", LoopISA}, Threads: 2, Rounds: 1, Slice: time.Millisecond}
	results, err := Run(context.Background(), tiny(t), o)
	require.NoError(t, err)
	require.Len(t, results, 2)
	require.Equal(t, 2, results[0].Threads)
	require.Positive(t, results[0].Scaling)
	require.Equal(t, results[0].PeakGFLOPS > 0, results[0].PeakScaling > 0)
	require.Equal(t, 1, results[1].Threads, "the plain loop has one")
	require.Zero(t, results[1].Scaling)
}

// TestBound: the limit that takes longer.
func TestBound(t *testing.T) {
	require.Equal(t, BoundFMA, bound(1000, 10, 10, 1))   // 100 ns of operations, 80 of copying
	require.Equal(t, BoundCopy, bound(1000, 10, 10, .5)) // 160 of copying
	require.Equal(t, BoundNone, bound(1000, 0, 10, 1))
	r := timing{a: arrays{c: tiny(t), dst: make([]float32, 10)}, ns: []float64{200, 400, 800}, peak: []float64{10, 10, 20}, gbs: []float64{.5, 1, 1}}
	require.InDelta(t, 0.25, r.share(BoundFMA, 1000), 1e-9) // of 0.5, 0.25 and 0.0625
	require.InDelta(t, 0.2, r.share(BoundCopy, 1000), 1e-9) // of 0.8, 0.2 and 0.1
	require.Zero(t, r.share(BoundNone, 1000))
}

// TestLoopIsRight: the reference for speed computes what the layers compute, and
// times are compared with its own.
func TestLoopIsRight(t *testing.T) {
	for _, name := range []string{
		"conv_transpose2d_k4s2p1_c2x3_i4x5", "conv_transpose2d_k3x5s1x2p1x2_c3x2_i3x4", "conv_transpose1d_k5s3p1e3o1_c2x3_i7",
		"conv_transpose3d_k1x2x3g2_c4x6_i2x3x4", "conv_transpose2d_k3s2p1o1dw_c3x3_i4x3", "conv_transpose2d_k3s2p2d2o1_c2x2_i5x4",
	} {
		c, err := ParseCase(name)
		require.NoError(t, err)
		c.Shape.Batch = 2
		n, _ := specs.Product(c.Layer.WeightsShape()...)
		a, err := newArrays(c, noise(n))
		require.NoError(t, err)
		layer, err := generic(c.Layer, a.weights)
		require.NoError(t, err)
		want := make([]float32, len(a.dst))
		require.NoError(t, layer.Forward(want, a.src, c.Shape))
		run, err := newLoop(a)
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, run())
			require.InDeltaSlice(t, want, a.dst, 1e-5, name)
		}
	}
	results := compareLoop([]Result{{ISA: "go", NS: 20}, {ISA: LoopISA, NS: 100}, {ISA: "generic", NS: 50}})
	require.Equal(t, []float64{5, 1, 2}, []float64{results[0].TimesLoop, results[1].TimesLoop, results[2].TimesLoop})
}

// TestParseCase: a canonical name with channels and sizes is a case of its own.
func TestParseCase(t *testing.T) {
	c, err := ParseCase("conv_transpose2d_k4s2p1_c61x37_i19x23")
	require.NoError(t, err)
	require.Equal(t, "conv_transpose2d_k4s2p1_c61x37_i19x23", c.Name)
	require.Equal(t, runtime.NewShape(1, 19, 23), c.Shape)
	require.False(t, c.Layer.Bias)
	for name, want := range map[string]string{
		"conv_transpose2d_k4s2p1_c61x37":             "conv_transpose2d_k4s2p1_c61x37: a layer to time needs channels and sizes, as in conv_transpose2d_k4s2p1_c61x37_i19x23",
		"conv_transpose2d_k4s2p1_i19x23":             "conv_transpose2d_k4s2p1_i19x23: a layer to time needs channels and sizes, as in conv_transpose2d_k4s2p1_c61x37_i19x23",
		"conv_transpose2d_k4s2p1g2_c61x37_i19x23":    "groups",
		"conv_transpose2d_k4s2p1_c61x37_i19x23x29":   "conv_transpose2d_k4s2p1_c61x37_i19x23x29",
		"conv_transpose2d_k2s2p9_c61x37_i1x1":        "p9",
		"conv_pose2d_k4s2p1_c61x37_i19x23":           "conv_pose2d",
		"conv_transpose2d_k4s2p1_c61x37_i0x23_extra": "extra",
	} {
		_, err := ParseCase(name)
		require.ErrorContains(t, err, want, name)
	}
}

// TestServed tells layers with a kernel from those that have none.
func TestServed(t *testing.T) {
	for name, want := range map[string]bool{"conv_transpose2d_k4s2p1_c61x37_i19x23": true, "conv_transpose2d_k13s11_c61x37_i19x23": false} {
		c, err := ParseCase(name)
		require.NoError(t, err)
		got, err := Served(c, prebuilt.Kernels())
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

// TestBuild: one result for each path that exists, in the order asked for.
func TestBuild(t *testing.T) {
	o := Options{Kernels: prebuilt.Kernels(), ISAs: []string{"go", LoopISA, "generic"}, Rounds: 2, Slice: time.Microsecond}
	results, err := Build(context.Background(), tiny(t), o)
	require.NoError(t, err)
	require.Len(t, results, 2)
	for i, r := range results {
		require.Equal(t, "tiny", r.Layer)
		require.Equal(t, []string{"go", "generic"}[i], r.ISA)
		require.True(t, strings.HasSuffix(r.Kernel, "_"+r.ISA), r.Kernel)
		require.EqualValues(t, 4*2*3*16, r.Weights)
		require.Positive(t, r.BuildNS)
		require.Positive(t, r.CopyNS)
		require.Positive(t, r.TimesCopy)
	}
	var b strings.Builder
	NewBuildTable(&b, []Case{{Name: "tiny"}}).Row(BuildResult{Layer: "tiny", ISA: "go", Weights: 1500, CopyNS: 2500, BuildNS: 7500, TimesCopy: 3, Kernel: "k_go"})
	lines := strings.Split(b.String(), "\n")
	require.Equal(t, []string{"tiny", "go", "1.5", "2.5", "7.5", "3.0", "k_go"}, strings.Fields(lines[2]))
	require.Equal(t, strings.Index(lines[0], "kernel"), strings.Index(lines[2], "k_go"))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Build(ctx, tiny(t), o)
	require.ErrorIs(t, err, context.Canceled)
	o.ISAs = []string{"avx512"}
	o.Kernels = nil
	_, err = Build(context.Background(), tiny(t), o)
	require.EqualError(t, err, "bench: tiny: no path of [avx512] exists")
}

// TestJSON has the documented keys.
func TestJSON(t *testing.T) {
	data, err := json.Marshal(Result{})
	require.NoError(t, err)
	var keys map[string]any
	require.NoError(t, json.Unmarshal(data, &keys))
	require.ElementsMatch(t, []string{"layer", "kernel", "isa", "threads", "ns", "flops", "bytes", "gflops", "peak_gflops", "copy_gbs", "output_gbs", "bound", "share"}, slices.Collect(maps.Keys(keys)))
}

// TestRunLeavesOutMissingPaths and says so when none is left.
func TestRunLeavesOutMissingPaths(t *testing.T) {
	o := Options{ISAs: []string{"avx512", "go", "generic"}, Threads: 1, Rounds: 1, Slice: time.Microsecond}
	results, err := Run(context.Background(), tiny(t), o)
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.Equal(t, "conv_transpose2d_k4s2p1_c2x3_generic", results[0].Kernel)
	require.Equal(t, 1, results[0].Threads)

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

// TestTable: rows stand under the header's columns, in the unit of their limit.
func TestTable(t *testing.T) {
	var b strings.Builder
	table := NewTable(&b, []Case{{Name: "T13_pose3"}, {Name: "T20"}}, Options{Threads: 2, ISAs: []string{"avx2", LoopISA}})
	table.Row(Result{Layer: "T13_pose3", Kernel: "k_avx2", ISA: "avx2", Threads: 2, NS: 1234567, GFLOPS: 12.34, PeakGFLOPS: 50, Bound: BoundFMA, Share: 0.1234, Scaling: 1.96, PeakScaling: 2.01, TimesLoop: 81.25})
	table.Row(Result{Layer: "T20", Kernel: "k_go", ISA: "go", Threads: 1, NS: 1000, GFLOPS: 12, PeakGFLOPS: 50, OutputGBs: 14, CopyGBs: 28, Bound: BoundCopy, Share: .5})
	table.Row(Result{Layer: "T20", Kernel: "k_go", ISA: "go", Threads: 1, NS: 1000, GFLOPS: 12})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 5)
	require.Equal(t, []string{"T13_pose3", "avx2", "2", "1234.6", "12.3", "GFLOP/s", "50.0", "FMA", "12.3%", "1.96", "2.01", "81.2", "k_avx2"}, strings.Fields(lines[2]))
	require.Equal(t, []string{"T20", "go", "1", "1.0", "14.0", "GB/s", "28.0", "copy", "50.0%", "-", "-", "-", "k_go"}, strings.Fields(lines[3]))
	require.Equal(t, []string{"T20", "go", "1", "1.0", "12.0", "GFLOP/s", "-", "-", "-", "-", "-", "k_go"}, strings.Fields(lines[4]))
	for _, line := range lines[2:] {
		require.Equal(t, strings.Index(lines[0], "kernel"), strings.Index(line, "k_"))
	}
	b.Reset()
	NewTable(&b, nil, Options{Threads: 1, ISAs: []string{"avx2"}})
	require.NotContains(t, b.String(), "scaling")
	require.NotContains(t, b.String(), "loop")
}
