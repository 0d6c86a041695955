package tests

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/asm/sim/probe"
)

// figure is a number of VERIFICATION.md: what stands after it, and how it is counted.
type figure struct {
	after string
	count func(t *testing.T) int
}

// figures are counted in the tests that hold them.
var figures = []figure{
	{"index sets of one axis", argument("internal/polyphase/polyphase_test.go", "TestExhaustive")},
	{"kinds of data", elements("runtime/kerneltest/target.go", "allPlans")},
	{"kernels in assembly are prebuilt", matching("generated/*/*.s")},
	{"random transposed convolutions", argument("tests/differential/differential_test.go", "layers")},
	{"layers of all ops", argument("tests/differential/differential_test.go", "ops")},
	{"kernels in Go at least", argument("gen/types_test.go", "wanted")},
	{"random layers of each op", argument("gen/types_test.go", "layersOfAnOp")},
	{"layers on paths", argument("tests/differential/differential_test.go", "leastPaths")},
	{"linear maps on paths", argument("tests/differential/differential_test.go", "leastMaps")},
	{"runs and calls between guards", argument("tests/differential/differential_test.go", "leastGuarded")},
	{"layers more", argument("internal/differential/impulses_test.go", "leastMaps")},
	{"opcodes", func(*testing.T) int { return len(sim.Opcodes()) }},
	{"probes", func(t *testing.T) int {
		all, err := probe.All()
		require.NoError(t, err)
		return len(all)
	}},
	{"rounds each", argument("asm/sim/hardware_test.go", "rounds")},
	{"calls of a kernel within a run", argument("runtime/kerneltest/calls.go", "allGuarded")},
	{"after that", argument("runtime/kerneltest/calls.go", "someGuarded")},
	{"implementations with one deliberate mistake", elements("runtime/kerneltest/broken_test.go", "brokenKernels")},
	{"kernels that break", elements("runtime/kerneltest/verify_test.go", "TestVerifyCatchesBrokenKernels")},
	{"edited kernels", elements("asm/sim/mutants_test.go", "mutants")},
	{"tests tie ops", functions("Test", "runtime/relations_test.go")},
	{"random layers of an op", argument("runtime/relations_test.go", "relationLayers")},
	{"rows of a table", elements("runtime/kerneltest/regressions.go", "regressions")},
	{"tests of their own", functions(`TestRegression[A-Z0-9]`, "runtime/regressions_test.go", "tests/regressions_test.go")},
	{"files, each refused", matching("specs/specfile/testdata/bad/*.txtar")},
	{"layers of published networks are held", func(t *testing.T) int { return len(publishedLayers(t)) }},
	{"errors and half", elements("internal/outdir/faults_test.go", "faultKinds")},
	{"shapes of text", elements("specs/specfile/memory_test.go", "memoryShapes")},
	{"multiply-adds each", argument("internal/differential/run.go", "mostSlowWork")},
	{"sorts of hostile channels", elements("runtime/calls_test.go", "hostile")},
	{"layers, of every kind of kernel", elements("tests/latency_test.go", "latencyLayers")},
	{"fuzz targets", functions("Fuzz", "*_test.go", "*/*_test.go", "*/*/*_test.go", "*/*/*/*_test.go")},
	{"rules of the house", functions("Test", "tests/house_test.go")},
	{"multiply-adds on fewer channels", argument("internal/verify/path.go", "mostNestWork")},
	{"kinds of mistakes are planted", elements("asm/sim/mutant/mutant.go", "operators")},
	{"mutants of assembly", recorded(0, 1)},
	{"of them; it made", recorded(0, 2)},
	{"mutants of loop nests", recorded(1, 1)},
	{"of those. Of what no rule", recorded(1, 2)},
	{"kinds in loop nests", elements("internal/mutation/nests.go", "nestOperators")},
}

// TestVerificationFigures counts the figures of VERIFICATION.md; -update corrects them.
func TestVerificationFigures(t *testing.T) {
	path := filepath.Join(root, "VERIFICATION.md")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	corrected := text
	for _, f := range figures {
		words := strings.ReplaceAll(regexp.QuoteMeta(f.after), " ", `\s+`)
		number := regexp.MustCompile(`\b([0-9][0-9,]*)(\s+` + words + `\b)`)
		found := number.FindAllSubmatch(text, -1)
		require.Len(t, found, 1, f.after)
		count := f.count(t)
		require.Positive(t, count, f.after)
		if !*update {
			require.Equal(t, grouped(count), string(found[0][1]), "%s; run: go test ./tests -run TestVerificationFigures -update", f.after)
		}
		corrected = number.ReplaceAll(corrected, []byte(grouped(count)+"$2"))
	}
	if !bytes.Equal(text, corrected) {
		require.NoError(t, os.WriteFile(path, corrected, 0o644))
	}
}

// grouped writes a number with commas: 48,063.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// TestVerificationCommands: each test that VERIFICATION.md runs is in the package that it
// names.
func TestVerificationCommands(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "VERIFICATION.md"))
	require.NoError(t, err)
	commands := regexp.MustCompile(`(?m)^    go test \./(\S+) -run '?([\w|]+)'?`).FindAllSubmatch(text, -1)
	require.Greater(t, len(commands), 15)
	for _, c := range commands {
		dir := strings.Replace(string(c[1]), "...", "*", 1)
		for name := range strings.SplitSeq(string(c[2]), "|") {
			require.Positive(t, functions(name, dir+"/*_test.go")(t), "%s in %s", name, c[1])
		}
	}
}

// families are the kinds of regressions, with the number of rows of each.
var families = map[string]int{"T": 26, "U": 8, "R": 8, "M": 7, "A": 1}

// TestEveryRegressionHasATest: each row is in the name of a test or of a sub-test.
func TestEveryRegressionHasATest(t *testing.T) {
	named := map[string]bool{}
	for _, path := range []string{"runtime/kerneltest/regressions.go", "runtime/regressions_test.go", "tests/regressions_test.go"} {
		text, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`func TestRegression\w+|\{"[A-Z]\d+", `).FindAllString(string(text), -1) {
			for _, id := range regexp.MustCompile(`[A-Z]\d+`).FindAllString(name, -1) {
				named[id] = true
			}
		}
	}
	rows := 0
	for family, n := range families {
		for i := 1; i <= n; i++ {
			require.True(t, named[family+strconv.Itoa(i)], "%s%d", family, i)
			rows++
		}
	}
	require.Len(t, named, rows, "a regression that no family counts")
}

// TestFuzzTargetsHaveACorpus in the tree, but those of generated packages, which add a seed
// for each of their paths.
func TestFuzzTargetsHaveACorpus(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)
	targets := 0
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go"} {
		for _, path := range glob(t, pattern) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, target := range declared.FindAllSubmatch(text, -1) {
				if target := string(target[1]); target != "FuzzKernels" {
					targets++
					corpus, err := os.ReadDir(filepath.Join(filepath.Dir(path), "testdata", "fuzz", target))
					require.NoError(t, err)
					require.NotEmpty(t, corpus, target)
				}
			}
		}
	}
	require.GreaterOrEqual(t, targets, 10)
}

// parse reads a Go file of the module.
func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, 0)
	require.NoError(t, err)
	return f
}

// named is the declaration of a constant, variable or function.
func named(t *testing.T, path, name string) (found ast.Node) {
	t.Helper()
	ast.Inspect(parse(t, path), func(n ast.Node) bool {
		switch d := n.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == name {
				found = d
			}
		case *ast.ValueSpec:
			if i := indexOf(d.Names, name); i >= 0 {
				found = d.Values[i]
			}
		}
		return found == nil
	})
	require.NotNil(t, found, "%s in %s", name, path)
	return found
}

func indexOf(names []*ast.Ident, name string) int {
	for i, n := range names {
		if n.Name == name {
			return i
		}
	}
	return -1
}

// elements counts the rows of the first table in a declaration.
func elements(path, name string) func(*testing.T) int {
	return func(t *testing.T) int {
		rows := -1
		ast.Inspect(named(t, path, name), func(n ast.Node) bool {
			if table, ok := n.(*ast.CompositeLit); ok && rows < 0 {
				rows = len(table.Elts)
			}
			return rows < 0
		})
		return rows
	}
}

// argument is the largest number in a declaration; 1 << n is one.
func argument(path, name string) func(*testing.T) int {
	return func(t *testing.T) int {
		largest := 0
		ast.Inspect(named(t, path, name), func(n ast.Node) bool {
			switch e := n.(type) {
			case *ast.BinaryExpr:
				if e.Op == token.SHL {
					largest = max(largest, number(e.X)<<number(e.Y))
				}
			case ast.Expr:
				largest = max(largest, number(e))
			}
			return true
		})
		return largest
	}
}

// number is the value of an integer literal, or 0.
func number(e ast.Expr) int {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.INT {
		n, err := strconv.Atoi(l.Value)
		if err == nil {
			return n
		}
	}
	return 0
}

// matching counts the files that match a pattern.
func matching(pattern string) func(*testing.T) int {
	return func(t *testing.T) int { return len(glob(t, pattern)) }
}

// recorded is a column of a total of docs/mutation.md: 0 is that of assembly, 1 of loop nests.
func recorded(table, column int) func(*testing.T) int {
	return func(t *testing.T) int {
		text, err := os.ReadFile(filepath.Join(root, "docs", "mutation.md"))
		require.NoError(t, err)
		totals := regexp.MustCompile(`(?m)^\| \*\*all\*\* \| (\d+) \| (\d+) `).FindAllSubmatch(text, -1)
		require.Len(t, totals, 2)
		n, err := strconv.Atoi(string(totals[table][column]))
		require.NoError(t, err)
		return n
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	require.NoError(t, err)
	return paths
}

// functions counts the functions whose name begins with a pattern, in files.
func functions(name string, files ...string) func(*testing.T) int {
	declared := regexp.MustCompile(`(?m)^func ` + name + `\w*\(\w+ \*testing\.[TF]\)`)
	return func(t *testing.T) (count int) {
		for _, pattern := range files {
			for _, path := range glob(t, pattern) {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				count += len(declared.FindAll(text, -1))
			}
		}
		return count
	}
}
