package tests

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/upconv/upconv"

// runtimeSide is what generated code and the runtime may depend on besides the
// standard library: one of these packages, or one below it.
var runtimeSide = []string{
	module + "/specs", module + "/runtime", module + "/generated",
	module + "/internal/polyphase", module + "/internal/fma", module + "/internal/hugemem", module + "/internal/witness",
	"golang.org/x/sys",
}

// TestRuntimeImports: the runtime and generated packages, their tests included,
// depend on nothing else.
func TestRuntimeImports(t *testing.T) {
	deps := goList(t, "-deps", "-test", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./runtime/cpu", "./runtime/pack", "./generated/...")
	deps = append(deps, goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./runtime/...")...)
	require.Greater(t, len(deps), 10)
	for _, d := range deps {
		path := strings.TrimSuffix(strings.Fields(d)[0], ".test")
		path = strings.TrimSuffix(path, "_test")
		require.True(t, slices.ContainsFunc(runtimeSide, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") }), "%s is not on the runtime's side", d)
		require.NotContains(t, path, "specfile", "the runtime reads no files")
	}
}

// owners names the only packages that may import a library, with those below them:
// asm/sim executes the instructions that avo compiled for asm.
var owners = map[string][]string{
	"github.com/goccy/go-yaml":        {module + "/specs/specfile"},
	"github.com/dave/jennifer/jen":    {module + "/gen/golang"},
	"github.com/mmcloughlin/avo":      {module + "/asm"},
	"github.com/spf13/cobra":          {module + "/cmd/upconv"},
	"github.com/klauspost/cpuid":      {module + "/cmd/upconv"},
	"github.com/google/jsonschema-go": {module + "/internal/schema"},
	module + "/asm":                   {module + "/gen", module + "/internal/differential", module + "/internal/mutation"},
	module + "/gen/golang":            {module + "/gen"},
	module + "/runtime/kerneltest":    {module + "/generated", module + "/internal/differential", module + "/internal/verify", module + "/tests", module + "/examples"},
	module + "/internal/polyphase":    {module + "/gen", module + "/runtime", module + "/asm", module + "/internal/differential", module + "/internal/overlap", module + "/internal/worksheet", module + "/internal/bench", module + "/cmd/upconv"},
}

// TestOwners: each library is imported by one room.
func TestOwners(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range goList(t, "-f", "{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}\n{{end}}", "./...") {
		importer, path, _ := strings.Cut(line, " ")
		for library, rooms := range owners {
			if path != library && !strings.HasPrefix(path, library+"/") {
				continue
			}
			seen[library] = true
			inside := importer == library || strings.HasPrefix(importer, library+"/")
			require.True(t, inside || slices.ContainsFunc(rooms, func(r string) bool { return importer == r || strings.HasPrefix(importer, r+"/") }), "%s imports %s", importer, path)
		}
	}
	require.Len(t, seen, len(owners), "a library that nobody imports has no owner")
}

// TestNoTestingInTheCommand: what verifies kernels for the command returns errors, so
// that package testing stays in tests.
func TestNoTestingInTheCommand(t *testing.T) {
	deps := goList(t, "-deps", "./cmd/upconv")
	require.Contains(t, deps, module+"/runtime/kerneltest")
	require.NotContains(t, deps, "testing")
}

// goList runs go list in the module's folder and returns its non-empty lines.
func goList(t *testing.T, args ...string) (lines []string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// goFiles lists the Go files of the module that are not generated.
func goFiles(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "generated" || d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			paths = append(paths, path)
		}
		return nil
	})
	require.NoError(t, err)
	return paths
}

// TestEveryPackageIsDocumented: one file of each package says what it owns.
func TestEveryPackageIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, path := range goFiles(t) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		require.NoError(t, err)
		if strings.HasSuffix(f.Name.Name, "_test") {
			continue
		}
		documented[filepath.Dir(path)] = documented[filepath.Dir(path)] || f.Doc != nil
	}
	for dir, ok := range documented {
		require.True(t, ok, "package in %s has no documentation", dir)
	}
}

// TestNoInitAndNoSideEffects: nothing registers itself.
func TestNoInit(t *testing.T) {
	for _, path := range goFiles(t) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				require.NotEqual(t, "init", fn.Name.Name, path)
			}
		}
	}
}

// TestAssemblyLeavesVectorStateClean: every return follows a VZEROUPPER.
func TestAssemblyLeavesVectorStateClean(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, "generated", "*", "*.s"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, p := range paths {
		data, err := os.ReadFile(p)
		require.NoError(t, err)
		lines := strings.Split(string(data), "\n")
		returns := 0
		for i, line := range lines {
			if strings.TrimSpace(line) == "RET" {
				returns++
				require.Equal(t, "VZEROUPPER", strings.TrimSpace(lines[i-1]), "%s:%d", p, i+1)
			}
		}
		require.Equal(t, 1, returns, p)
	}
}

// integer reports whether e is a constant like 2 or -1.
func integer(e ast.Expr) bool {
	if negative, ok := e.(*ast.UnaryExpr); ok {
		e = negative.X
	}
	l, ok := e.(*ast.BasicLit)
	return ok && l.Kind == token.INT
}

// moving is what kernels without products say of themselves.
var moving = []string{
	"moves rows of values and computes nothing",
	"finds the largest values of windows of rows",
	"numbers the elements of blocks that indices lead to",
}

// TestGeneratedGoIsNotFused: every product of values is rounded before anything else, so
// the bits are the same on processors that fuse; kernels that move or compare values have none.
func TestGeneratedGoIsNotFused(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, "generated", "*", "*_go.go"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, p := range paths {
		data, err := os.ReadFile(p)
		require.NoError(t, err)
		f, err := parser.ParseFile(token.NewFileSet(), p, data, 0)
		require.NoError(t, err)
		products, rounded := 0, map[ast.Expr]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "float32" {
					rounded[n.Args[0]] = true
				}
			case *ast.BinaryExpr:
				if n.Op == token.MUL && !integer(n.X) { // else it is a distance
					require.True(t, rounded[n], "%s: a bare product", p)
					products++
				}
			}
			return true
		})
		moves := slices.ContainsFunc(moving, func(says string) bool { return bytes.Contains(data, []byte(says)) })
		require.Equal(t, moves, products == 0, p)
	}
}
