package gen_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
)

// highRegisters are those that only AVX-512VL encodes for narrow vectors.
var highRegisters = regexp.MustCompile(`\b[XY](1[6-9]|[23]\d)\b`)

// TestEveryPlannedLayerCompiles on both vector targets, whatever the number of
// phases that are interleaved; and AVX2 kernels keep to sixteen registers, since
// more would need instructions that Needs does not say.
func TestEveryPlannedLayerCompiles(t *testing.T) {
	compiled := 0
	for s := 2; s <= 8; s++ {
		for _, k := range []int{s - 1, s + 1} {
			for _, c := range []string{"", "_c3x3"} {
				name := fmt.Sprintf("conv_transpose1d_k%ds%d%s", k, s, c)
				for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
					prob, p, err := plan.For(parse(t, name), target)
					if err != nil {
						continue
					}
					out, err := asm.Emit(nest.Build(name, prob, p), target.Name)
					require.NoError(t, err, "%s: %v", name, p)
					if target == plan.AVX2 {
						require.NotRegexp(t, highRegisters, string(out.Text), "%s: %v", name, p)
					}
					compiled++
				}
			}
		}
	}
	require.Greater(t, compiled, 40)
}
