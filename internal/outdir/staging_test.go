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

// results stages three results, two of which are there, one of them in a new folder.
func results(d disk, base string) error {
	s := newStaging(d)
	defer s.Discard()
	if err := s.MakeFolder(filepath.Join(base, "new")); err != nil {
		return err
	}
	for _, name := range []string{"y.npy", "i.npy", "new/z.npy"} {
		if err := s.Add(filepath.Join(base, name), writing("new "+name, nil)); err != nil {
			return err
		}
	}
	_, err := s.Commit()
	return err
}

func oldResults(t *testing.T) string {
	base := t.TempDir()
	put(t, filepath.Join(base, "y.npy"), "old y")
	put(t, filepath.Join(base, "i.npy"), "old i")
	return base
}

// TestEveryFaultOfResults: all old results or all new ones, whatever operation fails,
// once or from then on for good as on a full disk; after a kill each is whole.
func TestEveryFaultOfResults(t *testing.T) {
	base := oldResults(t)
	require.NoError(t, results(system{}, base))
	want := tree(t, base)
	require.Equal(t, "new new/z.npy", want["new/z.npy"])
	for _, kind := range []faults{{err: faultKinds[0]}, {err: faultKinds[1], from: true, full: true}, {err: faultKinds[2], from: true}} {
		failures := 0
		for kind.at = 1; ; kind.at++ {
			base, f := oldResults(t), kind
			before := stateOf(t, base)
			err := results(faultyDisk{faults: &f}, base)
			if f.count < f.at {
				break
			}
			after := tree(t, base)
			switch {
			case f.from && !f.full:
				requireWhole(t, before.contents, want, after, &f)
			case err != nil:
				failures++
				require.ErrorIs(t, err, kind.err)
				require.Equal(t, before, stateOf(t, base), &f)
			default:
				require.Equal(t, want, withoutTemps(after), &f)
			}
			if f.failed != "" && err != nil {
				require.ErrorContains(t, err, base, &f)
			}
		}
		require.Greater(t, kind.at, 20)
		require.True(t, failures > 10 || kind.from && !kind.full, failures)
	}
}

func TestStagingRefusesTwoResultsInOneFile(t *testing.T) {
	base := t.TempDir()
	s := NewStaging()
	require.NoError(t, s.Add(filepath.Join(base, "y.npy"), writing("one", nil)))
	require.ErrorContains(t, s.Add(filepath.Join(base, ".", "y.npy"), writing("two", nil)), "y.npy: is to hold two results")
	s.Discard()
	require.Equal(t, []string{"."}, names(tree(t, base)))
	paths, err := s.Commit()
	require.NoError(t, err)
	require.Empty(t, paths, "after Discard there is nothing to commit")
}
