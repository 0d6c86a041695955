package specfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
	"github.com/upconv/upconv/specs/specfile/specfiletest"
)

// FuzzParse: no text panics; what parses is valid, and its names are unique and
// invertible.
func FuzzParse(f *testing.F) {
	cases, err := specfiletest.Read("testdata/bad")
	require.NoError(f, err)
	for _, c := range cases {
		f.Add(c.Data)
	}
	paths, err := filepath.Glob("../*.yaml")
	require.NoError(f, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := specfile.Parse("x", data)
		if err != nil {
			require.Nil(t, file)
			require.NotEmpty(t, err.(specfile.Errors))
			require.NotContains(t, err.Error(), "the parser gives up")
			return
		}
		require.NotEmpty(t, file.Layers)
		require.NoError(t, specs.CheckPackageName(file.Package))
		seen := map[string]bool{}
		for _, l := range file.Layers {
			require.Empty(t, l.Validate())
			require.NoError(t, specs.CheckName(l.Name))
			require.False(t, seen[specs.GoName(l.Name)])
			seen[specs.GoName(l.Name)] = true
			back, err := specs.ParseName(l.Canonical())
			require.NoError(t, err)
			back.Name, back.Bias = l.Name, l.Bias
			require.Equal(t, l, back)
		}
	})
}
