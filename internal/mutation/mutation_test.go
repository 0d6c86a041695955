package mutation

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// layersOf parses canonical names.
func layersOf(t *testing.T, names ...string) (list []specs.Layer) {
	t.Helper()
	for _, name := range names {
		l, err := specs.ParseName(name)
		require.NoError(t, err)
		list = append(list, l)
	}
	return list
}

// sampled are layers of every family: planar with and without a halo, phases, channels,
// rows, moves.
var sampled = []string{
	"conv_transpose2d_k4s2p1", "conv_transpose2d_k2s2", "conv_transpose2d_k16s8_c21x21", "conv_transpose2d_k2s2_nhwc",
	"conv_transpose2d_k9s4p4o3_c56x1", "conv2d_k3p1", "nearest2d_s2", "pixel_shuffle2d_s2",
}

// TestMutantsOfAssembly: of a sample of the mutants of each family's kernels none survives
// that no rule proves equivalent and no reason explains, and few need a reason.
func TestMutantsOfAssembly(t *testing.T) {
	var r Report
	kernels := Kernels(layersOf(t, sampled...), []plan.Target{plan.AVX2, plan.AVX512}, true)
	require.Greater(t, len(kernels), 30)
	require.NoError(t, Each(&r, kernels, 2, func(int) {}, func(k Kernel) ([]Outcome, error) { return Assembly(k, Every(53, len(k.Nest.Name))) }))
	t.Logf("%d mutants: %d found %v, %d proved equal, %d with a reason", r.Total.Made, r.Total.Killed, r.Total.By, r.Total.Proved, r.Total.Survived)
	require.Greater(t, r.Total.Made, 800)
	require.Zero(t, r.Unexplained(), "%v", r.left[""])
	require.Greater(t, r.Total.Percent(), 98.0)
	for _, l := range []Layer{Memory, Values, Bits, Work} {
		require.Positive(t, r.Total.By[l], l)
	}
}

// TestMutantsOfNests does the same for loop nests, of Go as well.
func TestMutantsOfNests(t *testing.T) {
	var r Report
	kernels := Kernels(layersOf(t, append([]string{"bilinear2d_s2", "max_pool2d_k2s2", "max_unpool2d_k2s2", "conv_transpose2d_k4_c100x512_i1x1"}, sampled...)...), gen.Targets, true)
	require.Greater(t, len(kernels), 50)
	require.NoError(t, Each(&r, kernels, 2, func(int) {}, func(k Kernel) ([]Outcome, error) { return Nests(k, Every(53, len(k.Nest.Name))) }))
	t.Logf("%d mutants: %d found %v, %d proved equal, %d with a reason", r.Total.Made, r.Total.Killed, r.Total.By, r.Total.Proved, r.Total.Survived)
	require.Greater(t, r.Total.Made, 500)
	require.Zero(t, r.Unexplained(), "%v", r.left[""])
	require.Greater(t, r.Total.Percent(), 98.0)
	for _, l := range []Layer{Contract, Definition} {
		require.Positive(t, r.Total.By[l], l)
	}
}

// TestRulesOfEquivalence: what a rule proves, no call finds: the same mutants, tried anyway.
func TestRulesOfEquivalence(t *testing.T) {
	for _, k := range Kernels(layersOf(t, "conv_transpose1d_k2s2", "conv_transpose1d_k4s2p1", "pixel_shuffle2d_s2", "nearest2d_s4", "bed_of_nails2d_s2", "max_unpool1d_k2s2", "max_pool1d_k2s2"), []plan.Target{plan.AVX2, plan.AVX512}, false) {
		p, err := compile(k)
		require.NoError(t, err)
		proved := 0
		for n, m := range mutantsOf(p) {
			if n%3 != 0 {
				continue
			}
			edited, err := p.sound.Replace(m.Index, m.With...)
			if err != nil || p.equivalent(m, edited) == "" {
				continue
			}
			proved++
			for _, c := range p.reaching(m.Index) {
				by, message := c.find(edited)
				require.Contains(t, []Layer{"", Values, Work}, by, "%s: %s -> %s", message, p.spell(m.Index), m.Text())
			}
		}
		require.Greater(t, proved, 10)
	}
}

// TestRulesForNests does the same for the rules about loop nests, with more calls than a
// trial has.
func TestRulesForNests(t *testing.T) {
	proved := map[string]int{}
	for _, k := range Kernels(layersOf(t, "conv_transpose2d_k4s2p1dw", "conv_transpose2d_k2s2", "max_unpool2d_k2s2"), []plan.Target{plan.AVX2, plan.AVX512}, false) {
		calls := append(k.Calls[:len(k.Calls):len(k.Calls)], k.Thorough()...)
		for n, m := range nestMutants(k.Nest) {
			if _, isMask := m.node.(nest.Mask); n%7 != 0 && !isMask {
				continue
			}
			rule := nestEquivalent(k.Nest, m)
			if rule == "" {
				continue
			}
			proved[rule]++
			by, message := nestJudge{calls[:min(len(calls), 100)]}.judge(m.kernel)
			require.Empty(t, by, "%s: %s: %v -> %s", message, k.Nest.Name, m.node, text(m.with))
		}
	}
	require.Greater(t, proved[Hint], 5)
	require.Positive(t, proved[Mask])
}
