package trial_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/ir"
	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/trial"
)

// TestFences: of kernels that store past the caches, a nest without its fence, one that does not
// ask whether to have it, and one that has it before the last stores are found out; so is assembly
// that has lost it.
func TestFences(t *testing.T) {
	tried := 0
	for _, own := range gen.OwnTrials() {
		if !strings.HasPrefix(own.Nest.Name, "stream_") {
			continue
		}
		tried++
		out, err := asm.Emit(own.Nest, own.Target.Name)
		require.NoError(t, err)
		require.NoError(t, trial.Check(own.Nest, out, own.Calls))

		body, last := own.Nest.Body, len(own.Nest.Body)-1
		for name, broken := range map[string][]nest.Node{
			"none":   body[:last],
			"always": append(slices.Clone(body[:last]), nest.Fence{}),
			"early":  slices.Insert(slices.Clone(body[:last]), last-2, body[last]),
		} {
			k := own.Nest
			k.Body = broken
			made, err := asm.Emit(k, own.Target.Name)
			require.NoError(t, err)
			require.ErrorIs(t, trial.Check(k, made, own.Calls), trial.ErrDefinition, name)
		}

		out.Func.Nodes = slices.DeleteFunc(out.Func.Nodes, func(n ir.Node) bool {
			in, ok := n.(*ir.Instruction)
			return ok && in.Opcode == "SFENCE"
		})
		require.ErrorIs(t, trial.Check(own.Nest, out, own.Calls), trial.ErrWork)
	}
	require.Equal(t, 2, tried)
}
