package trial_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/specs"
)

// layers have a halo and none, shifted copies, folded outputs, vectors along x and
// along the phases, one y tap and several.
var layers = []string{
	"conv_transpose2d_k4s2p1", "conv_transpose2d_k2s2", "conv_transpose2d_k4s2p1_c512x256_i4x4", "conv_transpose2d_k4_c100x512_i1x1",
	"conv_transpose2d_k16s8_c21x21", "conv_transpose1d_k5s3", "conv_transpose2d_k3s2p2d2o1", "conv_transpose1d_k1s3", "conv_transpose2d_k9s4p4o3_c56x1",
}

// kernel is one layer's kernel with its contract.
type kernel struct {
	nest     nest.Kernel
	out      asm.Output
	contract trial.Contract
	isa      string
}

// each calls f for every layer on both vector targets.
func each(t *testing.T, f func(t *testing.T, k kernel)) {
	t.Helper()
	for _, name := range layers {
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			l, err := specs.ParseName(name)
			require.NoError(t, err)
			prob, p, err := plan.For(l, target)
			require.NoError(t, err)
			k := kernel{nest: nest.Build(name+"_"+target.Name, prob, p), contract: trial.NewContract(prob, p), isa: target.Name}
			k.out, err = asm.Emit(k.nest, target.Name)
			require.NoError(t, err)
			t.Run(k.nest.Name, func(t *testing.T) { f(t, k) })
		}
	}
}

// TestContractIsTight: the calls' slices end with the last element that the kernel
// touches, so that one more would be found out.
func TestContractIsTight(t *testing.T) {
	each(t, func(t *testing.T, k kernel) {
		p, err := sim.Load(k.out.Func)
		require.NoError(t, err)
		for _, c := range k.contract.Calls() {
			_, stats, err := c.Simulate(p)
			require.NoError(t, err)
			for i, s := range c.Args.Slices {
				require.Equal(t, len(s), stats.Extents[i], "%s of %v", k.nest.Slices[i], c.Args.Ints)
			}
		}
	})
}

// TestShorterSlicesAreFoundOut: a slice that lacks its last element is too short for
// the assembly and for the nest.
func TestShorterSlicesAreFoundOut(t *testing.T) {
	each(t, func(t *testing.T, k kernel) {
		p, err := sim.Load(k.out.Func)
		require.NoError(t, err)
		for i := range k.nest.Slices {
			c := k.contract.Call(trial.Counts{Rows: 2, Cols: 9, Channels: 2, Taps: 2})
			s := c.Args.Slices[i]
			c.Args.Slices[i] = s[:len(s)-1]
			if i == 0 {
				c.Outputs = c.Outputs[:len(s)-1]
			}
			_, _, err := c.Simulate(p)
			var f *sim.Finding
			require.ErrorAs(t, err, &f)
			require.Equal(t, sim.OutOfBounds, f.Kind)
			require.Equal(t, k.nest.Slices[i], f.Argument)
			_, err = c.Interpret(k.nest)
			require.ErrorContains(t, err, "of "+k.nest.Slices[i])
		}
	})
}

// TestCheckComparesWithTheNest: assembly of another layer is found out.
func TestCheckComparesWithTheNest(t *testing.T) {
	each(t, func(t *testing.T, k kernel) {
		calls := k.contract.Calls()
		require.NoError(t, trial.Check(k.nest, k.out, calls))
		other := k.nest
		other.Body, _ = withoutSum(k.nest.Body)
		require.ErrorContains(t, trial.Check(other, k.out, calls), "the nest gives")
		require.ErrorContains(t, trial.Check(k.nest, k.out, calls[:1]), "calls do not try all of it: instruction")
	})
}

// withoutSum leaves out the first product that the nodes add, and reports whether there was one.
func withoutSum(nodes []nest.Node) ([]nest.Node, bool) {
	for i, n := range nodes {
		switch n := n.(type) {
		case nest.FMA, nest.FMASplat:
			return slices.Delete(slices.Clone(nodes), i, i+1), true
		case nest.Loop:
			if body, ok := withoutSum(n.Body); ok {
				n.Body, nodes = body, slices.Clone(nodes)
				nodes[i] = n
				return nodes, true
			}
		}
	}
	return nodes, false
}

// TestCheckComparesWithTheDefinition: a nest that leaves out a product is found out,
// although the assembly does the same.
func TestCheckComparesWithTheDefinition(t *testing.T) {
	each(t, func(t *testing.T, k kernel) {
		less, found := k.nest, false
		less.Body, found = withoutSum(k.nest.Body)
		require.True(t, found)
		out, err := asm.Emit(less, k.isa)
		require.NoError(t, err)
		require.ErrorIs(t, trial.Check(less, out, k.contract.Calls()), trial.ErrDefinition)
	})
}
