package gen_test

import (
	"fmt"
	"go/ast"
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
	checker := types.Config{Importer: onlyMath{set}}
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

// onlyMath is all that kernels in Go import: of the package math what reads and makes bits.
type onlyMath struct{ set *token.FileSet }

func (m onlyMath) Import(path string) (*types.Package, error) {
	if path != "math" {
		return nil, fmt.Errorf("a kernel imports %s", path)
	}
	const text = "package math\nfunc Float32bits(f float32) uint32\nfunc Float32frombits(b uint32) float32\n"
	file, err := parser.ParseFile(m.set, "math.go", text, 0)
	if err != nil {
		return nil, err
	}
	return (&types.Config{IgnoreFuncBodies: true}).Check(path, m.set, []*ast.File{file}, nil)
}
