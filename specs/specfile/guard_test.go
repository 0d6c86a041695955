package specfile

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGuard: a panic of the YAML library becomes one positioned fault, beside
// those found before.
func TestGuard(t *testing.T) {
	f := &faults{file: "x"}
	f.add(Position{3, 4}, "before")
	guard(f, func() { panic("index out of range") })
	require.EqualError(t, f.sorted(), "x:1:1: YAML: the parser gives up on this text\nx:3:4: before")
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"stride", "stride", 0}, {"strides", "stride", 1}, {"kitten", "sitting", 3}, {"nmae", "name", 2}} {
		require.Equal(t, c.want, edits(c.a, c.b), "%s %s", c.a, c.b)
		require.Equal(t, c.want, edits(c.b, c.a), "%s %s", c.b, c.a)
	}
}
