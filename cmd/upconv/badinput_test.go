package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/upconv/upconv/internal/tensorio"
	"github.com/upconv/upconv/specs/specfile/specfiletest"
)

// TestBadSpecs: every faulty spec file stops each command that reads one, with
// exactly its faults on stderr, and nothing is written.
func TestBadSpecs(t *testing.T) {
	cases, err := specfiletest.Read("../../specs/specfile/testdata/bad")
	require.NoError(t, err)
	require.Greater(t, len(cases), 100)
	commands := map[string][]string{
		"generate": {"generate", "-f", "in.yaml"},
		"stdout":   {"generate", "-f", "in.yaml", "--stdout", "kernels.go"},
		"run":      {"run", "-f", "in.yaml", "--layer", "up", "--input", "x.npy", "--weights", "w.npy", "--bias", "b.npy", "--output", "y.npy"},
		"list":     {"list", "-f", "in.yaml"},
		"explain":  {"explain", "up", "-f", "in.yaml"},
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			require.NoError(t, os.WriteFile("in.yaml", c.Data, 0o644))
			one := []float32{1}
			save(t, "x.npy", tensorio.Array{Shape: []int{1, 1, 1, 1}, Data: one})
			save(t, "w.npy", tensorio.Array{Shape: []int{1, 1, 1, 1}, Data: one})
			save(t, "b.npy", tensorio.Array{Shape: []int{1}, Data: one})
			before := listing(t)
			for name, args := range commands {
				got := upconv(args...)
				require.Equal(t, outcome{2, "", strings.Join(c.Want, "\n") + "\n"}, got, name)
				require.Equal(t, before, listing(t), name)
			}
		})
	}
}

// listing is every name in the current folder with its content.
func listing(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(e.Name())
		require.NoError(t, err)
		found[e.Name()] = string(data)
	}
	return found
}
