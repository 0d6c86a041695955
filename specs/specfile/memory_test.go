package specfile_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs/specfile"
)

// Memory that parsing may allocate in all: so much a byte, of which the tokens of the
// library are most, and what its first use takes.
const (
	memoryPerByte = 2000
	memoryAtLeast = 1 << 20
)

// memoryShapes are texts that grow in one way each.
var memoryShapes = map[string]func(n int) string{
	"brackets":  func(n int) string { return strings.Repeat("[", n) },
	"braces":    func(n int) string { return strings.Repeat("{a: ", n/4) },
	"dashes":    func(n int) string { return strings.Repeat("- ", n/2) },
	"indents":   func(n int) string { return strings.Repeat(" ", n) + "a: 1" },
	"keys":      func(n int) string { return strings.Repeat("a: 1\n", n/5) },
	"long key":  func(n int) string { return strings.Repeat("k", n) + ": 1" },
	"quotes":    func(n int) string { return "a: \"" + strings.Repeat("\\u0041", n/6) + "\"" },
	"unclosed":  func(n int) string { return "a: '" + strings.Repeat("x\n", n/2) },
	"comments":  func(n int) string { return strings.Repeat("# c\n", n/4) },
	"layers":    func(n int) string { return "version: 1\npackage: x\nlayers:\n" + strings.Repeat("  - 3\n", n/6) },
	"numbers":   func(n int) string { return "a: [" + strings.Repeat("1,", n/2) + "]" },
	"anchors":   func(n int) string { return strings.Repeat("a: &x [*x, *x]\n", n/15) },
	"documents": func(n int) string { return strings.Repeat("---\n", n/4) },
	"newlines":  func(n int) string { return strings.Repeat("\n", n) },
	"block":     func(n int) string { return "a: |\n" + strings.Repeat("  x\n", n/4) },
	"paths": func(n int) string { // the library keeps the path of each node as text
		var b strings.Builder
		for i := range specfile.MaxDepth - 4 {
			b.WriteString(strings.Repeat(" ", i) + strings.Repeat("k", specfile.MaxText-3) + ":\n")
		}
		for b.Len() < n {
			b.WriteString(strings.Repeat(" ", specfile.MaxDepth-4) + "- [" + strings.Repeat("1,", 250) + "]\n")
		}
		return b.String()
	},
	"bytes": func(n int) string { return strings.Repeat("\xff\x00", n/2) },
}

// TestMemoryIsBoundedByLength: no text makes parsing allocate more than so many bytes a
// byte.
func TestMemoryIsBoundedByLength(t *testing.T) {
	for name, shape := range memoryShapes {
		for _, n := range []int{100, 1 << 12, 1 << 16, 1 << 20, 1 << 22} {
			text := []byte(shape(n))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := specfile.Parse("x", text)
			runtime.ReadMemStats(&after)
			require.Error(t, err, name)
			used, most := after.TotalAlloc-before.TotalAlloc, uint64(memoryAtLeast+memoryPerByte*min(len(text), specfile.MaxBytes))
			require.Less(t, used, most, "%s of %d bytes", name, len(text))
			t.Logf("%s: %d bytes, %.0f allocated a byte", name, len(text), float64(used)/float64(len(text)))
		}
	}
}
