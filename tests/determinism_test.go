package tests

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
)

// TestGenerationIsDeterministic repeats every package, with one processor and
// with several: the bytes are the same.
func TestGenerationIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, path := range specPaths(t) {
		var first []gen.File
		for i, procs := range []int{1, 4, 1} {
			runtime.GOMAXPROCS(procs)
			files, err := gen.Package(readSpec(t, path))
			require.NoError(t, err)
			if i == 0 {
				first = files
			}
			require.Equal(t, first, files, "%s with %d processors", path, procs)
		}
	}
}
