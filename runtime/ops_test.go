package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// served are the ops that random layers are drawn of.
var served = specs.Ops()

// TestEveryOp holds random layers of each op, on every path, to the definition: to
// the bit where there is one order, and to the bound of each output.
func TestEveryOp(t *testing.T) {
	require.NotEmpty(t, prebuilt.Kernels())
	for i, op := range served {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			total := kerneltest.Report{}
			for seed, l := range differential.RandomOps(uint64(i), 220, op) {
				cases, err := kerneltest.Cases(l, 1<<14)
				require.NoError(t, err, l.Canonical())
				for _, c := range cases[:min(2, len(cases))] {
					paths(t, c.Layer, func(target kerneltest.Target) {
						r, err := target.Check(c, uint64(seed))
						require.NoError(t, err, target.Name)
						total.Outputs += r.Outputs
						total.Worst = max(total.Worst, r.Worst)
					})
				}
			}
			t.Logf("%d outputs compared; largest error: %.3f of its bound", total.Outputs, total.Worst)
			require.Greater(t, total.Outputs, 100000)
		})
	}
}
