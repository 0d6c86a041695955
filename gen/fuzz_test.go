package gen_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// outline is what a generated file declares, and its directives, with names of the
// user's choice replaced by what stands for them.
func outline(t *testing.T, f gen.File, rename *strings.Replacer) (found []string) {
	t.Helper()
	for line := range strings.Lines(string(f.Data)) {
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "//go:") || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "TEXT") {
			found = append(found, trimmed)
		}
	}
	if !strings.HasSuffix(f.Name, ".go") {
		return found
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	formatted, err := format.Source(f.Data)
	require.NoError(t, err)
	require.Equal(t, string(formatted), string(f.Data))
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			found = append(found, "func "+d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ImportSpec:
					found = append(found, "import "+s.Path.Value)
				case *ast.ValueSpec:
					found = append(found, d.Tok.String()+" "+s.Names[0].Name)
				default:
					found = append(found, d.Tok.String())
				}
			}
		}
	}
	for i, text := range found {
		found[i] = rename.Replace(text)
	}
	return found
}

// stamps are constants that are named after contents.
var stamps = regexp.MustCompile(`_[0-9a-f]{8}\b`)

// outlineOf is the outline of the package of one layer.
func outlineOf(t *testing.T, path, pkg, layer, name string) []string {
	t.Helper()
	l := parse(t, layer)
	l.Name = name
	files, err := gen.Package(&specfile.File{Path: path, Version: 1, Package: pkg, Layers: []specs.Layer{l}})
	require.NoError(t, err)
	rename := strings.NewReplacer("New"+specs.GoName(name), "NewLAYER", "layer"+specs.GoName(name), "layerLAYER")
	var all []string
	for _, f := range files {
		first, _, _ := strings.Cut(string(f.Data), "\n")
		require.Equal(t, gen.HeaderPrefix+path+" ("+name+"). DO NOT EDIT.", first)
		all = append(all, f.Name)
		for _, line := range outline(t, f, rename) {
			all = append(all, stamps.ReplaceAllString(line, "_STAMP"))
		}
	}
	return all
}

// hostile are names and paths that would be something else in Go, assembly or a
// comment, and some that are merely odd.
var hostile = []string{
	"up", "a", "Up_2", "up_conv1", "init", "main", "func", "string", "Layers", "kernels", "k\nfunc init() {}", "x\r\n//go:build ignore", "*/ func init() {} /*",
	"//go:embed x", "a\u2028b", "a\u202eb", "a\x00b", "a`b", "a\"b", "../x.yaml", "specs/up net.yaml", "#include \"x\"", "s;DROP", "TEXT ·f(SB)", "\xff", "été", "a/*b", "$(x)", "", "%d%s", "_", "x86", "AX",
}

// FuzzNames: a package, layer or path that is accepted changes no declaration and no
// directive of the generated files.
func FuzzNames(f *testing.F) {
	for i, name := range hostile {
		f.Add("upconv.yaml", "decoder", name)
		f.Add("upconv.yaml", name, hostile[(i+1)%len(hostile)])
		f.Add(name, "decoder", "up")
	}
	want := map[string][]string{}
	f.Fuzz(func(t *testing.T, path, pkg, name string) {
		if specs.CheckPackageName(pkg) != nil || specs.CheckName(name) != nil {
			return
		}
		const layer = "bilinear2d_s2" // has the tables alone, which is quick
		l := parse(t, layer)
		l.Name = name
		if _, err := gen.Package(&specfile.File{Path: path, Version: 1, Package: pkg, Layers: []specs.Layer{l}}); err != nil {
			require.ErrorContains(t, err, "path of a spec")
			return
		}
		if want[layer] == nil {
			want[layer] = outlineOf(t, "upconv.yaml", "decoder", layer, "up")
		}
		require.Equal(t, want[layer], outlineOf(t, path, pkg, layer, name))
	})
}

// TestHostileNames is the same with kernels.
func TestHostileNames(t *testing.T) {
	const layer = "conv_transpose1d_k2s2"
	want := outlineOf(t, "upconv.yaml", "decoder", layer, "up")
	require.Greater(t, len(want), 30)
	accepted, refused := 0, 0
	for _, text := range hostile {
		if specs.CheckName(text) == nil {
			accepted++
			require.Equal(t, want, outlineOf(t, "upconv.yaml", "decoder", layer, text), text)
		}
		l := parse(t, layer)
		l.Name = "up"
		_, err := gen.Package(&specfile.File{Path: text, Version: 1, Package: "decoder", Layers: []specs.Layer{l}})
		if err != nil {
			refused++
			require.ErrorContains(t, err, "the path of a spec is written into generated files", "%q", text)
			continue
		}
		require.Equal(t, want, outlineOf(t, text, "decoder", layer, "up"), text)
	}
	require.Greater(t, accepted, 5)
	require.Greater(t, refused, 5)
}
