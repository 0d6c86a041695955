//go:build linux

package kerneltest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAgree: equal paths agree on all outputs of both kinds of data, and one output
// of another rounding is named with both paths.
func TestAgree(t *testing.T) {
	c := brokenCase()
	r, err := Agree(fault{}.target(false), fault{}.target(false), c, 1)
	require.NoError(t, err)
	require.Equal(t, Report{Cases: 1, Outputs: 2 * 2 * 6 * 6 * 10}, r)

	_, err = Agree(fault{}.target(false), fault{}.target(true), c, 1)
	require.ErrorContains(t, err, "conv_transpose2d_k4s2p1_c5x6 batch 2 input [3 5]: normal: dst[")
	require.ErrorContains(t, err, "with gather, ")

	c.Shape.Batch = 0
	_, err = Agree(fault{}.target(false), fault{}.target(false), c, 1)
	require.ErrorContains(t, err, "batch 0")
}
