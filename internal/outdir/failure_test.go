package outdir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var errInjected = errors.New("injected")

// failing is a folder whose operation number at fails, counted over all folders
// of a test; at 0 counts alone.
type failing struct {
	folder
	count *int
	at    int
	// last makes a folder fail for good from operation at on, as one that
	// has gone away; otherwise it recovers.
	last bool
	// full makes writing fail instead of creating, as a full disk does.
	full bool
}

func (f failing) fails() bool {
	*f.count++
	return *f.count == f.at || f.last && f.at > 0 && *f.count > f.at
}

func (f failing) OpenFile(name string, flag int, mode fs.FileMode) (*os.File, error) {
	if !f.fails() {
		return f.folder.OpenFile(name, flag, mode)
	}
	if !f.full {
		return nil, &fs.PathError{Op: "openat", Path: name, Err: errInjected}
	}
	real, err := f.folder.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	real.Close()
	return os.OpenFile("/dev/full", os.O_WRONLY, 0)
}

func (f failing) Rename(from, to string) error {
	if f.fails() {
		return &os.LinkError{Op: "renameat", Old: from, New: to, Err: errInjected}
	}
	return f.folder.Rename(from, to)
}

func (f failing) Remove(name string) error {
	if !isTemp(name) && f.fails() {
		return &fs.PathError{Op: "unlinkat", Path: name, Err: errInjected}
	}
	return f.folder.Remove(name)
}

// oldTree is a folder in which everything has to change.
func oldTree(t *testing.T) (base string, targets []Target) {
	base = t.TempDir()
	put(t, filepath.Join(base, "decoder/stale1.go"), string(generated("stale1.go", "old").Data))
	put(t, filepath.Join(base, "decoder/stale2.go"), string(generated("stale2.go", "old").Data))
	put(t, filepath.Join(base, "decoder/orphan1.go"), mark+"1\n")
	put(t, filepath.Join(base, "decoder/orphan2.go"), mark+"2\n")
	put(t, filepath.Join(base, "decoder/own.go"), "package decoder\n")
	return base, []Target{
		target(base, generated("missing.go", ""), generated("stale1.go", ""), generated("stale2.go", "")),
		{Base: filepath.Join(base, "new"), Sub: "encoder/deep", Mark: mark, Files: []File{generated("x.go", "")}},
	}
}

func opening(count *int, at int, change func(*failing)) opener {
	return func(base *os.Root, sub string) (folder, error) {
		dir, err := openRoot(base, sub)
		f := failing{folder: dir, count: count, at: at}
		change(&f)
		return f, err
	}
}

// TestEveryFailureLeavesTheOldTree makes each operation fail in turn: contents,
// times and folders are those from before, and no temporary file is left.
func TestEveryFailureLeavesTheOldTree(t *testing.T) {
	for _, full := range []bool{false, true} {
		change := func(f *failing) { f.full = full }
		_, targets := oldTree(t)
		total := 0
		_, err := write(targets, opening(&total, 0, change))
		require.NoError(t, err)
		require.Equal(t, 10, total, "4 staged, 4 renamed, 2 removed")
		for at := 1; at <= total; at++ {
			base, targets := oldTree(t)
			before, changed := tree(t, base), times(t, base)
			count := 0
			_, err := write(targets, opening(&count, at, change))
			if full && at <= 4 {
				require.ErrorIs(t, err, syscall.ENOSPC, "operation %d", at)
			} else {
				require.ErrorIs(t, err, errInjected, "operation %d", at)
			}
			require.NotContains(t, err.Error(), "put back")
			require.Contains(t, err.Error(), base, "the error names the file")
			require.Equal(t, before, tree(t, base), "operation %d", at)
			require.Equal(t, changed, times(t, base), "operation %d", at)
		}
	}
}

// TestFailureThatStays: when not even the old files can be put back, the error
// says so for each of them.
func TestFailureThatStays(t *testing.T) {
	base, targets := oldTree(t)
	count := 0
	_, err := write(targets, opening(&count, 7, func(f *failing) { f.last = true }))
	require.ErrorIs(t, err, errInjected)
	require.ErrorContains(t, err, "the old file could not be put back: "+filepath.Join(base, "decoder", "stale1.go"))
	for name := range tree(t, base) {
		require.False(t, isTemp(filepath.Base(name)), name)
	}
}

func TestLeftoversOfAKilledGenerator(t *testing.T) {
	base := t.TempDir()
	put(t, filepath.Join(base, "decoder/.upconv-0000000000000001.tmp"), mark+"spec.yaml\npackage")
	put(t, filepath.Join(base, "decoder/.upconv-0000000000000002.tmp"), mark[:5])
	put(t, filepath.Join(base, "decoder/.upconv-0000000000000003.tmp"), "")
	put(t, filepath.Join(base, "decoder/.upconv-notes.tmp"), "my notes")
	_, err := Write(target(base, generated("a.go", "")))
	require.NoError(t, err)
	require.Equal(t, []string{".", "decoder", "decoder/.upconv-notes.tmp", "decoder/a.go"}, names(tree(t, base)))
}

// TestGeneratorsAtOnce: whatever the order, one complete tree remains.
func TestGeneratorsAtOnce(t *testing.T) {
	base := t.TempDir()
	var group sync.WaitGroup
	errs := make(chan error, 16)
	for i := range 16 {
		body := string(rune('a' + i))
		group.Go(func() {
			_, err := Write(
				Target{Base: base, Sub: "one", Mark: mark, Files: []File{generated("x.go", body), generated(body+".go", body)}},
				Target{Base: base, Sub: "two", Mark: mark, Files: []File{generated("x.go", body)}})
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	after := tree(t, base)
	require.Len(t, after, 6, "%v", names(after))
	last := after["two/x.go"]
	body := last[len(last)-1:]
	require.Equal(t, string(generated("x.go", body).Data), after["one/x.go"])
	require.Equal(t, string(generated(body+".go", body).Data), after["one/"+body+".go"])
}

func TestRestoredFilesKeepModeAndTime(t *testing.T) {
	base := t.TempDir()
	path := filepath.Join(base, "decoder/a.go")
	put(t, path, string(generated("a.go", "old").Data))
	require.NoError(t, os.Chmod(path, 0o600))
	before, err := os.Stat(path)
	require.NoError(t, err)
	count := 0
	_, err = write([]Target{target(base, generated("a.go", ""), generated("b.go", ""))}, opening(&count, 4, func(*failing) {}))
	require.ErrorIs(t, err, errInjected)
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, before.Mode(), after.Mode())
	require.WithinDuration(t, before.ModTime(), after.ModTime(), time.Microsecond)
}
