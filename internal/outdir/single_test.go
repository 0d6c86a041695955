package outdir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func writing(text string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return err
	}
}

func TestWriteFile(t *testing.T) {
	base := t.TempDir()
	path := filepath.Join(base, "y.npy")
	require.NoError(t, WriteFile(path, writing("one", nil)))
	require.NoError(t, WriteFile(path, writing("two", nil)))
	require.Equal(t, map[string]string{".": "folder", "y.npy": "two"}, tree(t, base))

	broken := errors.New("broken")
	require.ErrorIs(t, WriteFile(path, writing("thr", broken)), broken)
	require.Equal(t, map[string]string{".": "folder", "y.npy": "two"}, tree(t, base), "the old file stays")
	require.ErrorIs(t, WriteFile(filepath.Join(base, "z.npy"), writing("thr", broken)), broken)
	require.Equal(t, []string{".", "y.npy"}, names(tree(t, base)), "nothing is left behind")
}

func TestWriteFileRefusals(t *testing.T) {
	base := t.TempDir()
	put(t, filepath.Join(base, "real"), "real")
	require.NoError(t, os.Symlink("real", filepath.Join(base, "link")))
	before := tree(t, base)
	rows := map[string]string{
		"link":          "link: is a symbolic link, wanted a file",
		".":             "is a folder, wanted a file",
		"none/y.npy":    "none/y.npy: no such file or directory",
		"real/y.npy":    "real is not a folder",
		"/dev/full":     "/dev/full: is neither a file nor a folder, wanted a file",
		"/dev/null/y.x": "/dev/null is not a folder",
	}
	for name, want := range rows {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(base, name)
		}
		require.ErrorContains(t, WriteFile(path, writing("x", nil)), want)
		require.ErrorContains(t, Replaceable(path), want)
	}
	require.Equal(t, before, tree(t, base))
}
