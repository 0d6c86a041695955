package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/mutation"
)

// TestVerdict: a run fails if one mutant of many is left without a reason, or if more calls find
// one that has a reason; one with a reason is accepted, many are not.
func TestVerdict(t *testing.T) {
	reason := mutation.Outcome{Kernel: "conv_transpose2d_k2s2_avx2", Operator: "condition", Where: "instruction 9, JNE row6"}
	require.NotEmpty(t, mutation.Argue(reason))
	none, missed := reason, reason
	none.Where, missed.Missed = "instruction 9, JEQ elsewhere", mutation.Bits
	for name, run := range map[string]struct {
		left  mutation.Outcome
		times int
		want  string
	}{
		"one with a reason":           {reason, 1, ""},
		"many with a reason":          {reason, 9, "99.11 % of the mutants of assembly are found that no rule proves equal, want 99.5 %"},
		"one without":                 {none, 1, "1 mutants of assembly are left without a reason"},
		"one that more calls do find": {missed, 1, "1 mutants of assembly are left without a reason"},
	} {
		t.Run(name, func(t *testing.T) {
			var r mutation.Report
			for range 1000 {
				r.Add(mutation.Outcome{By: mutation.Bits})
			}
			for range run.times {
				r.Add(run.left)
			}
			if err := verdict("assembly", &r); run.want != "" {
				require.EqualError(t, err, run.want)
			} else {
				require.NoError(t, err)
			}
		})
	}
}
