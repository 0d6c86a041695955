package gen_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/golang"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/specs"
)

// TestGoKernelsHaveSoundTypes: what a compiler refuses in a kernel in Go, such as a variable
// that windows of one element have no use for, is in no kernel of many random layers.
func TestGoKernelsHaveSoundTypes(t *testing.T) {
	const layersOfAnOp, wanted = 400, 1500
	set := token.NewFileSet()
	checker := types.Config{Importer: importer.ForCompiler(set, "source", nil)}
	checked := 0
	for i, op := range specs.Ops() {
		for _, l := range differential.RandomOps(uint64(i), layersOfAnOp, op) {
			d, err := gen.DesignOf(l, plan.Go)
			if err != nil {
				continue // it runs on the generic path
			}
			text, err := golang.KernelFile("some", "Header.", d.Nest)
			require.NoError(t, err, l.Canonical())
			file, err := parser.ParseFile(set, d.Nest.Name, text, parser.SkipObjectResolution)
			require.NoError(t, err, l.Canonical())
			_, err = checker.Check("some", set, []*ast.File{file}, nil)
			require.NoError(t, err, l.Canonical())
			checked++
		}
	}
	require.Greater(t, checked, wanted)
	t.Logf("%d kernels", checked)
}
