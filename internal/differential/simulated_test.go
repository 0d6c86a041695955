package differential

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/specs"
)

// TestSimulatedCallsLeaveOthersAlone: elements between the rows of a call belong to
// other goroutines, which write them while the call is executed.
func TestSimulatedCallsLeaveOthersAlone(t *testing.T) {
	l, err := specs.ParseName("conv_transpose2d_k4s2p1")
	require.NoError(t, err)
	s, err := NewSimulation(l, plan.AVX2)
	require.NoError(t, err)
	calls := s.Contract.Calls()
	gap := func(c trial.Call) int { return slices.Index(c.Outputs, false) }
	i := slices.IndexFunc(calls, func(c trial.Call) bool { return gap(c) >= 0 })
	require.GreaterOrEqual(t, i, 0)
	c := calls[i]

	done := make(chan error, 1)
	go func() {
		var err error
		for range 200 {
			err = errors.Join(err, s.write(c.Args))
		}
		done <- err
	}()
	other := &c.Args.Slices[0][gap(c)]
	for n := float32(1); ; n++ {
		select {
		case err := <-done:
			require.NoError(t, err)
			require.Greater(t, n, float32(10))
			return
		default:
			*other = n
			time.Sleep(50 * time.Microsecond)
			require.Equal(t, n, *other)
		}
	}
}
