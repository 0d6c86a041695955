package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/internal/peak"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// benched are the cases of BenchmarkKernels: large and small, wide and narrow.
var benched = []string{"T6_", "T13_", "T5_", "T10_"}

// BenchmarkKernels times the best kernel of each instruction set for each of the
// cases, in a sub-benchmark of the kernel's name:
//
//	go test ./tests -run '^$' -bench 'Kernels/.*k4s2p1_c256x256.*_avx2'
//
// It runs on one goroutine and reports GFLOP/s and their share of what the
// processor reaches with multiply-adds alone, measured in the same run.
func BenchmarkKernels(b *testing.B) {
	for _, c := range bench.Cases() {
		if !slices.ContainsFunc(benched, func(p string) bool { return strings.HasPrefix(c.Name, p) }) {
			continue
		}
		r, err := runtime.NewRegistry(prebuilt.Kernels())
		require.NoError(b, err)
		seen := map[string]bool{}
		for _, k := range r.Candidates(c.Layer, cpu.Detect()) {
			if !seen[k.ISA] {
				b.Run(k.Name, func(b *testing.B) { benchKernel(b, c, k) })
			}
			seen[k.ISA] = true
		}
	}
}

// benchKernel times one kernel, alone in a registry.
func benchKernel(b *testing.B, c bench.Case, k runtime.Kernel) {
	var table []runtime.Kernel
	if k.Run != nil { // the generic path is in no table
		table = append(table, k)
	}
	r, err := runtime.NewRegistry(table)
	require.NoError(b, err)
	n, ok := specs.Product(c.Layer.WeightsShape()...)
	require.True(b, ok)
	l, err := r.New(c.Layer, ramp(n), nil, runtime.WithISA(k.ISA), runtime.WithThreads(1))
	require.NoError(b, err)
	require.Equal(b, k.Name, l.Kernel())
	src, err := l.SrcLen(c.Shape)
	require.NoError(b, err)
	dst, err := l.DstLen(c.Shape)
	require.NoError(b, err)
	in, out := ramp(src), make([]float32, dst)
	require.NoError(b, l.Forward(out, in, c.Shape)) // the first call allocates

	before := fmaRate(k.ISA)
	for b.Loop() {
		if err := l.Forward(out, in, c.Shape); err != nil {
			b.Fatal(err)
		}
	}
	rate := float64(c.FLOPs()) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(rate, "GFLOP/s")
	if limit := max(before, fmaRate(k.ISA)); limit > 0 {
		b.ReportMetric(100*rate/limit, "%peak")
	}
}

// fmaRate is the best of a few measurements of the multiply-add rate; for paths
// without vectors that of the widest. It is 0 where nothing can be measured.
func fmaRate(isa string) (best float64) {
	for range 8 {
		rate, ok := peak.FMA(isa)
		if !ok {
			rate, _ = peak.FMA(peak.Best())
		}
		best = max(best, rate)
	}
	return best
}

// ramp is data without zeros, denormals or patterns of the cache's size.
func ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i%251+1)/256 - 0.5
		if v[i] == 0 {
			v[i] = 0.5
		}
	}
	return v
}

// TestBenchedCasesExist: the benchmark's names are rows of the table.
func TestBenchedCasesExist(t *testing.T) {
	for _, p := range benched {
		require.True(t, slices.ContainsFunc(bench.Cases(), func(c bench.Case) bool { return strings.HasPrefix(c.Name, p) }), p)
	}
}
