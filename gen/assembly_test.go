package gen

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
)

// TestAKernelThatFailsIsNotWritten: it reads and writes more than the calls allow,
// so there is an error instead of its file, which names the instruction, the
// address and the argument.
func TestAKernelThatFailsIsNotWritten(t *testing.T) {
	for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
		k, calls := moveKernel(target), moveCalls(target)
		f, err := assembly(k, target, MoveSource, calls)
		require.NoError(t, err)
		require.NotEmpty(t, f.Data)

		src := &calls[target.Lanes].Args.Slices[1]
		*src = (*src)[:len(*src)-1]
		_, err = assembly(k, target, MoveSource, calls)
		var finding *sim.Finding
		require.ErrorAs(t, err, &finding)
		require.Equal(t, sim.OutOfBounds, finding.Kind)
		require.Regexp(t, `^call with \[rows whole tail pad dstRow srcRow\] = \[.*\]: `+k.Name+
			`: instruction \d+, V[A-Z.]+ .*: access out of bounds: reads bytes \[\d+,\d+\) of src, which has \d+ \(address 0x[0-9a-f]+, src at 0x[0-9a-f]+\)$`, err.Error())

		_, err = assembly(k, target, MoveSource, []trial.Call{calls[0]})
		require.ErrorContains(t, err, "rows_"+target.Name+": 1 calls do not try all of it: ")
	}
}
