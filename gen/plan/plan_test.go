package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

var targets = []plan.Target{plan.Go, plan.AVX2, plan.AVX512}

// forEach plans random layers on every target and calls f for those that have a
// kernel; it returns how many each target has.
func forEach(t *testing.T, f func(l specs.Layer, prob plan.Problem, p plan.Plan)) map[string]int {
	t.Helper()
	planned := map[string]int{}
	for _, l := range differential.RandomLayers(7, 600) {
		for _, target := range targets {
			prob, p, err := plan.For(l, target)
			if err != nil {
				continue
			}
			planned[target.Name]++
			f(l, prob, p)
		}
	}
	return planned
}

// TestTilesFitTheRegisters: accumulators, the vectors that a step loads and keeps,
// and one more.
func TestTilesFitTheRegisters(t *testing.T) {
	planned := forEach(t, func(l specs.Layer, _ plan.Problem, p plan.Plan) {
		operands := p.Vectors()
		require.Positive(t, p.Accumulators(), "%s: %v", l.Canonical(), p)
		require.LessOrEqual(t, p.Accumulators()+operands+1, p.Target.Registers, "%s: %v", l.Canonical(), p)
		require.True(t, p.Channels >= 1 && p.Section >= 1 && p.Columns >= 1, "%s: %v", l.Canonical(), p)
	})
	require.Greater(t, planned["go"], 300)
	require.Greater(t, planned["avx2"], 250)
	require.Greater(t, planned["avx512"], 250)
}

// TestNestsFitTheRegisters counts the names that are alive at once in the loops
// that multiply: a vector kernel must not need more than there are.
func TestNestsFitTheRegisters(t *testing.T) {
	loops := 0
	forEach(t, func(l specs.Layer, prob plan.Problem, p plan.Plan) {
		if p.Target.Lanes == 1 {
			return // the Go compiler spills
		}
		walk(nest.Build("k", prob, p).Body, func(body []nest.Node) {
			if n := alive(body); n > 0 {
				loops++
				require.LessOrEqual(t, n, p.Target.Registers, "%s: %v", l.Canonical(), p)
			}
		})
	})
	require.Greater(t, loops, 1000)
}

// walk calls f for every body.
func walk(nodes []nest.Node, f func([]nest.Node)) {
	f(nodes)
	for _, n := range nodes {
		switch n := n.(type) {
		case nest.Loop:
			walk(n.Body, f)
		case nest.Rest:
			walk(n.Body, f)
		}
	}
}

// alive is the largest number of names that hold a value still needed, going
// backwards through a body; 0 when it has no multiply-add.
func alive(body []nest.Node) (most int) {
	live := map[string]bool{}
	for _, n := range body {
		switch f := n.(type) { // sums live through the whole loop
		case nest.FMA:
			live[f.Acc] = true
		case nest.FMASplat:
			live[f.Acc] = true
		}
	}
	if len(live) == 0 {
		return 0
	}
	for i := len(body) - 1; i >= 0; i-- {
		switch n := body[i].(type) {
		case nest.FMA:
			live[n.A], live[n.B] = true, true
		case nest.FMASplat:
			live[n.A] = true
		case nest.Load:
			delete(live, n.Dst)
		case nest.Splat:
			delete(live, n.Dst)
		}
		most = max(most, len(live))
	}
	return most
}

// TestPlansPrintOnOneLine with their target first.
func TestPlansPrintOnOneLine(t *testing.T) {
	forEach(t, func(l specs.Layer, _ plan.Problem, p plan.Plan) {
		s := p.String()
		require.NotContains(t, s, "\n")
		require.True(t, strings.HasPrefix(s, p.Target.Name+": "), s)
		rounding := "product and sum rounded"
		if p.Target.Fused {
			rounding = "one rounding a term"
		}
		text, limit, bounded := strings.Cut(s, "; at most ")
		require.True(t, strings.HasSuffix(text, rounding), s)
		require.Equal(t, p.Pass > 0, bounded, s)
		if bounded {
			require.True(t, strings.HasPrefix(limit, fmt.Sprintf("%d input channels", p.Pass)), s)
		}
	})
}

// TestPlansAreValues: the same layer has the same plan, and plans compare.
func TestPlansAreValues(t *testing.T) {
	distinct := map[plan.Plan]bool{}
	forEach(t, func(l specs.Layer, prob plan.Problem, p plan.Plan) {
		again, q, err := plan.For(l, p.Target)
		require.NoError(t, err)
		require.True(t, p == q, "%v\n%v", p, q)
		require.Equal(t, prob, again)
		distinct[p] = true
	})
	require.Greater(t, len(distinct), 50)
}

// TestPlansKeepTheTargetApart: what a name promises, the plan has.
func TestPlansKeepTheTargetApart(t *testing.T) {
	orders := map[pack.Order]int{}
	forEach(t, func(l specs.Layer, prob plan.Problem, p plan.Plan) {
		require.Equal(t, l, prob.Layer)
		require.Equal(t, pack.Layout{Order: p.Order, Channels: p.Channels, Section: p.Section, Rows: p.Rows}, p.Layout())
		orders[p.Order]++
		switch p.Order {
		case pack.Phases:
			require.Zero(t, p.Channels*p.Section%p.Target.Lanes, "%v", p)
			require.Equal(t, prob.X.OutStride, p.Section, "%v", p)
		case pack.Channels:
			require.Zero(t, p.Channels%p.Target.Lanes, "%v", p)
			require.Equal(t, 1, p.Section, "%v", p)
		case pack.Planar:
			require.Zero(t, p.Columns%p.Target.Lanes, "%v", p)
			require.LessOrEqual(t, p.Section, prob.X.OutStride, "%v", p)
		}
		require.False(t, p.Slack() && p.Target.Lanes == 1, "%v", p)
		require.False(t, p.Slack() && !p.Halo, "%v", p)
	})
	require.Len(t, orders, 3, "all orders occur")
}

// TestWidths: tiles fill a row from the plan's width down to the least that there
// is, which any number of columns is a sum of.
func TestWidths(t *testing.T) {
	forEach(t, func(_ specs.Layer, _ plan.Problem, p plan.Plan) {
		widths, least := p.Widths(), 1
		if p.VectorAlongX() {
			least = p.Target.Lanes
		}
		require.Equal(t, p.Columns, widths[0], "%v", p)
		if n := p.Row(); n > 0 { // a sum for one number of columns alone
			require.LessOrEqual(t, len(widths), 2, "%v", p)
			require.True(t, n%widths[0] == 0 || n%widths[0] == widths[1], "%v: %v", p, widths)
			return
		}
		require.Equal(t, least, widths[len(widths)-1], "%v", p)
		for i, w := range widths {
			require.Zero(t, w%least, "%v", p)
			require.True(t, i == 0 || w <= widths[i-1], "%v: %v", p, widths)
		}
	})
}

// TestNoPlan: the error says why a target has no kernel.
func TestNoPlan(t *testing.T) {
	for _, c := range []struct {
		layer string
		on    []plan.Target
		want  string
	}{
		{"conv3d_k3s1x2x1p1_c8x8", targets, `^3-D layers of op conv with a stride run on the generic path$`},
		{"conv3d_k3s2p1_c8x8_nhwc", targets, `^3-D layers of op conv with a stride run on the generic path$`},
		{"conv3d_k3s2x1x1p1_c8x8", targets, `^3-D layers of op conv with a stride run on the generic path$`},
		{"resize_conv3d_k3s2p1", targets, `^3-D layers of op resize_conv run on the generic path$`},
		{"resize_conv3d_k3s2p1bilinear_nhwc", targets, `^3-D layers of op resize_conv run on the generic path$`},
		{"max_pool2d_k2s2", targets, `^layers of op max_pool run on the generic path$`},
		{"conv_transpose1d_k12s12dw", []plan.Target{plan.AVX2}, `^an x stride of 12 is neither at most \d+ nor a multiple of 8 that divides the kernel$`},
		{"conv_transpose1d_k12s12dw", []plan.Target{plan.AVX512}, `^an x stride of 12 is neither at most \d+ nor a multiple of 16 that divides the kernel$`},
		{"conv_transpose2d_k17s16dw", []plan.Target{plan.AVX2}, `^an x stride of 16 is neither at most \d+ nor a multiple of 8 that divides the kernel$`},
		{"conv_transpose2d_k17s16dw", []plan.Target{plan.AVX512}, `^an x stride of 16 is neither at most \d+ nor a multiple of 16 that divides the kernel$`},
		{"conv_transpose2d_k32s16d3dw", []plan.Target{plan.AVX512}, `^an x stride of 16 is neither at most \d+ nor a multiple of 16 that divides the kernel$`},
	} {
		l, err := specs.ParseName(c.layer)
		require.NoError(t, err)
		for _, target := range c.on {
			_, p, err := plan.For(l, target)
			require.Error(t, err, c.layer)
			require.Regexp(t, c.want, err.Error())
			require.Zero(t, p)
		}
	}
}

// TestPoolOfPixels: vectors along channels take any stride; what has no kernel says why.
func TestPoolOfPixels(t *testing.T) {
	pool, err := specs.ParseName("max_pool2d_k2s7_nhwc")
	require.NoError(t, err)
	unpool, err := specs.ParseName("max_unpool2d_k2s2_nhwc")
	require.NoError(t, err)
	for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
		p, err := plan.PoolFor(pool, target)
		require.NoError(t, err)
		require.True(t, p.Pixels)
		require.Contains(t, p.String(), "along channels")
		p, err = plan.PoolFor(unpool, target)
		require.NoError(t, err)
		require.Contains(t, p.String(), "along channels, each input in its block of 2 x 2")
		unpool.InChannels, unpool.OutChannels = 5, 5
		_, err = plan.PoolFor(unpool, target)
		require.EqualError(t, err, fmt.Sprintf("pixels of 5 channels do not fill a vector of %d: their indices are followed as fast", target.Lanes))
		unpool.InChannels, unpool.OutChannels = 0, 0
	}
	p, err := plan.PoolFor(pool, plan.Go)
	require.NoError(t, err)
	require.True(t, p.Pixels)
	require.Contains(t, p.String(), "lanes 1 along nothing, largest of windows of 2, stride 7")
	for name, rare := range map[string]bool{"max_pool2d_k4s4": false, "max_pool2d_k5s7": true, "max_pool2d_k8s8_nhwc": false, "max_pool2d_k9s2_nhwc": true} {
		l, err := specs.ParseName(name)
		require.NoError(t, err)
		p, err := plan.PoolFor(l, plan.Go)
		require.NoError(t, err)
		require.Equal(t, rare, p.Rare, name)
	}
	_, err = plan.PoolFor(unpool, plan.Go)
	require.EqualError(t, err, "without vectors it takes longer to compare indices than the generic path takes to follow them")
}

// TestGoPlansEveryTransposed: scalar code takes any stride and any number of axes.
func TestGoPlansEveryTransposed(t *testing.T) {
	for _, l := range differential.RandomLayers(8, 300) {
		_, _, err := plan.For(l, plan.Go)
		require.NoError(t, err, l.Canonical())
	}
}

// TestOpenPhases: same_* padding with a wanted size and an open input has no
// phases to plan from.
func TestOpenPhases(t *testing.T) {
	l := specs.Layer{Op: specs.ConvTranspose, Rank: 1, Groups: 1, Padding: specs.SameUpper}
	l.Axes[0] = specs.Axis{Kernel: 3, Stride: 2, Dilation: 1, OutputSize: 7}
	_, _, err := plan.For(l, plan.Go)
	require.EqualError(t, err, "the phases depend on the input size, which the layer leaves free")
}

// TestSources: which rows kernels read follows from what lies beyond the input, and how
// it is enlarged.
func TestSources(t *testing.T) {
	for name, want := range map[string]plan.Source{
		"resize_conv2d_k3s2p1":                plan.AsTheyAre,
		"resize_conv2d_k3s2p1reflect":         plan.Surrounded,
		"resize_conv2d_k5s2p2replicate":       plan.Surrounded,
		"resize_conv2d_k5s2p2reflect":         plan.Enlarged, // the second input from the border is reflected too
		"resize_conv2d_k3s2reflect":           plan.AsTheyAre,
		"resize_conv1d_k3s2p1bilinear":        plan.Enlarged,
		"resize_conv2d_k3s2p1bilinearreflect": plan.Enlarged,
		"conv_transpose3d_k2s2":               plan.Stacked,
		"conv2d_k3s2p1":                       plan.Parted,
		"conv2d_k3s2x1p1":                     plan.Parted,
		"conv2d_k3s2p1_nhwc":                  plan.Parted,
		"conv2d_k3s2p1dw_nhwc":                plan.Parted,
		"conv2d_k3p1":                         plan.AsTheyAre,
		"conv_transpose2d_k2s2":               plan.AsTheyAre,
	} {
		for _, target := range targets {
			prob, p := planOf(t, name, target)
			require.Equal(t, want, p.Source, name)
			require.Equal(t, want, prob.Source, name)
			require.False(t, want != plan.AsTheyAre && (p.Masked || p.Shifted > 0 || !p.Halo), "%s: %v", name, p)
		}
	}
}
