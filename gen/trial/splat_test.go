package trial_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
)

// TestSplatsWithinMultiplyAdds: every instruction set spells them, whether or not its plans
// have any, and reads one element.
func TestSplatsWithinMultiplyAdds(t *testing.T) {
	for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
		last := nest.Ref{Cursor: "s", Disp: target.Lanes}
		k := nest.Kernel{Name: "scaled", Lanes: target.Lanes, Fused: true, Slices: []string{"dst", "src"}, Ints: []string{"n"}, Body: []nest.Node{
			nest.Point{Cursor: "s", From: "src"}, nest.Point{Cursor: "d", From: "dst"},
			nest.Load{Dst: "x", From: nest.Ref{Cursor: "s"}}, nest.Splat{Dst: "sum", From: nest.Ref{Cursor: "s", Disp: 2}},
			nest.FMASplat{Acc: "sum", A: "x", From: last},
			nest.Store{To: nest.Ref{Cursor: "d"}, Src: "sum"},
		}}
		out, err := asm.Emit(k, target.Name)
		require.NoError(t, err)
		outputs := make([]bool, target.Lanes)
		for i := range outputs {
			outputs[i] = true
		}
		call := trial.Draw([]int{0}, outputs, target.Lanes+1)
		require.NoError(t, trial.Check(k, out, []trial.Call{call}), target.Name)
		short := trial.Draw([]int{0}, outputs, target.Lanes)
		require.Error(t, trial.Check(k, out, []trial.Call{short}), target.Name)
	}
}
