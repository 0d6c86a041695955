package differential

import (
	"errors"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// FuzzLayers takes a layer all the way: spelled as a spec, parsed, generated, with its
// kernels executed in the simulator, the files parsed as Go, and the layer held to the
// definition on every path that needs no compiler.
func FuzzLayers(f *testing.F) {
	for kind := range len(specs.Ops()) + 1 {
		f.Add(uint64(31*kind), uint8(kind))
	}
	f.Fuzz(func(t *testing.T, seed uint64, kind uint8) {
		l := RandomLayers(seed, 1)[0]
		if ops := specs.Ops(); int(kind)%(len(ops)+1) < len(ops) {
			l = RandomOps(seed, 1, ops[int(kind)%(len(ops)+1)])[0]
		}
		text := "version: 1\npackage: p\nlayers:\n" + specfile.Spell(l)
		spec, err := specfile.Parse("up.yaml", []byte(text))
		require.NoError(t, err, text)
		require.Equal(t, []specs.Layer{l}, spec.Layers, text)
		files, err := gen.Package(spec)
		require.NoError(t, err, text)
		for _, file := range files {
			if strings.HasSuffix(file.Name, ".go") {
				_, err := parser.ParseFile(token.NewFileSet(), file.Name, file.Data, parser.AllErrors)
				require.NoError(t, err, text)
			}
		}
		paths, err := links(l, nil)
		require.NoError(t, err, text)
		for _, link := range paths {
			if _, err := check(l, link, int(seed%256)); !errors.Is(err, errTooLarge) {
				require.NoError(t, err, "%s: %s", link.path, text)
			}
		}
	})
}
