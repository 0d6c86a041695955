package tests

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/specs"
)

// served is one line of the README's table: layers of a network, and what builds them.
type served struct{ network, layers, constructor, path string }

// networkNote is a comment above a layer of a prebuilt spec that says which network has
// it, and where that is written: # Network: layers (source).
var networkNote = regexp.MustCompile(`^  # (.+?): (.+) \((.+)\)$`)

// layerName is the line of a spec that begins a layer.
var layerName = regexp.MustCompile(`^  - name: (\w+)$`)

// shared are the packages that hold layers of no network in particular.
var shared = []string{"common", "encoder", "odd", "resample", "resize"}

// networks reads the notes of a spec file.
func networks(t *testing.T, path string, p prebuilt.Package) (list []served) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	var pending []served
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if m := networkNote.FindStringSubmatch(line); m != nil {
			pending = append(pending, served{network: m[1], layers: m[2]})
		}
		m := layerName.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		i := slices.IndexFunc(p.Layers, func(l specs.Layer) bool { return l.Name == m[1] })
		require.GreaterOrEqual(t, i, 0, "%s: %s", path, m[1])
		require.True(t, len(pending) > 0 || slices.Contains(shared, p.Name), "%s: no network has %s", path, m[1])
		for _, n := range pending {
			n.constructor, n.path = p.Name+"."+constructorName(m[1]), kernelsOf(p.Layers[i])
			list = append(list, n)
		}
		pending = nil
	}
	require.Empty(t, pending, path)
	return list
}

// constructorName is that of the generated package.
func constructorName(layer string) string {
	name := "New"
	for word := range strings.SplitSeq(layer, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

// kernelsOf says whether a package has kernels for the layer, of which this build may lack
// those in assembly.
func kernelsOf(l specs.Layer) string {
	for _, target := range gen.Targets {
		if _, err := gen.DesignOf(l, target); err == nil {
			return "kernels"
		}
	}
	return "generic"
}

// networkTable is the table of the README: one row for each network and path.
func networkTable(t *testing.T) string {
	t.Helper()
	var list []served
	for _, p := range prebuilt.Packages() {
		list = append(list, networks(t, "specs/"+p.Name+".yaml", p)...)
	}
	slices.SortStableFunc(list, func(a, b served) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.network), strings.ToLower(b.network)), strings.Compare(b.path, a.path))
	})
	var b strings.Builder
	b.WriteString("| network | its layers, and what builds them | runs on |\n|---|---|---|\n")
	for i := 0; i < len(list); {
		first, cells := list[i], []string(nil)
		for ; i < len(list) && list[i].network == first.network && list[i].path == first.path; i++ {
			cells = append(cells, fmt.Sprintf("%s `%s`", list[i].layers, list[i].constructor))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", first.network, strings.Join(cells, "; "), first.path)
	}
	return b.String()
}

// TestReadmeNetworks: the README's table of networks is what the specs' comments and
// the prebuilt packages say; -update writes it.
func TestReadmeNetworks(t *testing.T) {
	const begin, end = "<!-- networks -->\n", "<!-- /networks -->"
	path := filepath.Join(root, "README.md")
	readme, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(readme), begin)
	require.True(t, ok)
	shown, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	want := networkTable(t)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+want+end+after), 0o644))
		return
	}
	require.Equal(t, want, shown, "run: go test ./tests -run TestReadmeNetworks -update")
}

// TestNetworkConstructors: the table's constructors are functions of the packages.
func TestNetworkConstructors(t *testing.T) {
	rows := 0
	for _, p := range prebuilt.Packages() {
		code, err := os.ReadFile(filepath.Join(root, "generated", p.Name, "layers.go"))
		require.NoError(t, err)
		for _, n := range networks(t, "specs/"+p.Name+".yaml", p) {
			require.Contains(t, string(code), "func "+strings.TrimPrefix(n.constructor, p.Name+".")+"(")
			rows++
		}
	}
	require.Greater(t, rows, 50)
}
