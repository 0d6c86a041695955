package outdir

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// oldTree is a folder in which everything has to change.
func oldTree(t *testing.T) (base string, targets []Target) {
	base = t.TempDir()
	put(t, filepath.Join(base, "decoder/stale1.go"), string(generated("stale1.go", "old").Data))
	put(t, filepath.Join(base, "decoder/stale2.go"), string(generated("stale2.go", "old").Data))
	require.NoError(t, os.Chmod(filepath.Join(base, "decoder/stale1.go"), 0o600))
	put(t, filepath.Join(base, "decoder/same.go"), string(generated("same.go", "").Data))
	put(t, filepath.Join(base, "decoder/orphan1.go"), mark+"1\n")
	put(t, filepath.Join(base, "decoder/orphan2.go"), mark+"2\n")
	put(t, filepath.Join(base, "decoder/own.go"), "package decoder\n")
	put(t, filepath.Join(base, "own.txt"), "mine")
	return base, newTree(base)
}

// newTree is what is to be there instead.
func newTree(base string) []Target {
	return []Target{
		target(base, generated("missing.go", ""), generated("same.go", ""), generated("stale1.go", ""), generated("stale2.go", "")),
		{Base: filepath.Join(base, "new"), Sub: "encoder/deep", Mark: mark, Files: []File{generated("x.go", "")}},
	}
}

// state is all that a Write may change: contents, modes and times.
type state struct {
	contents map[string]string
	modes    map[string]fs.FileMode
	times    map[string]time.Time
}

func stateOf(t *testing.T, base string) state {
	s := state{contents: tree(t, base), modes: map[string]fs.FileMode{}, times: times(t, base)}
	for name := range s.contents {
		info, err := os.Lstat(filepath.Join(base, name))
		require.NoError(t, err)
		s.modes[name] = info.Mode()
	}
	return s
}

// completed are the contents after a Write without faults.
func completed(t *testing.T) map[string]string {
	base, targets := oldTree(t)
	_, err := Write(targets...)
	require.NoError(t, err)
	return tree(t, base)
}

// withoutTemps are the contents without temporary files.
func withoutTemps(contents map[string]string) map[string]string {
	out := maps.Clone(contents)
	maps.DeleteFunc(out, func(name, _ string) bool { return isTemp(filepath.Base(name)) })
	return out
}

// everyOperation runs a Write whose operation number n fails, for every n, on a new
// tree each, until n is never reached.
func everyOperation(t *testing.T, f faults, judge func(base string, targets []Target, before state, f *faults, err error)) {
	t.Helper()
	for f.at = 1; ; f.at++ {
		base, targets := oldTree(t)
		before := stateOf(t, base)
		run := f
		_, err := write(faultyDisk{faults: &run}, targets)
		if run.count < f.at {
			require.NoError(t, err)
			require.Greater(t, run.count, 60, "creates, writes, syncs, closes, renames, removes, reads")
			return
		}
		if run.failed != "" {
			judge(base, targets, before, &run, err)
		}
	}
}

// TestEveryFault: whatever operation fails, once, the tree is the old one to modes and
// times, or the new one; an error names a file, and nothing temporary is left but a file
// that could not be removed, which the next Write removes.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	want := completed(t)
	for _, kind := range faultKinds {
		failures := 0
		everyOperation(t, faults{err: kind}, func(base string, targets []Target, before state, f *faults, err error) {
			if err != nil {
				failures++
				require.ErrorIs(t, err, kind, f)
				require.NotContains(t, err.Error(), "put back", f)
				require.Contains(t, err.Error(), base, f)
				require.Equal(t, before, stateOf(t, base), f)
				return
			}
			require.False(t, f.loses(), f)
			after := tree(t, base)
			require.Equal(t, want, withoutTemps(after), f)
			if f.temporaryRemoval() {
				require.Len(t, after, len(want)+1, f)
				_, err := Write(targets...)
				require.NoError(t, err)
				after = tree(t, base)
			}
			require.Equal(t, want, after, f)
		})
		require.Greater(t, failures, 50)
	}
}

// TestFullDisk: from some operation on nothing that takes room succeeds.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	want := completed(t)
	everyOperation(t, faults{from: true, full: true, err: faultKinds[0]}, func(base string, _ []Target, before state, f *faults, err error) {
		if err != nil {
			require.Equal(t, before, stateOf(t, base), f)
			return
		}
		require.Equal(t, want, tree(t, base), f)
	})
}

// requireWhole: every file is an old or a new one as a whole, and what no generator
// wrote is untouched.
func requireWhole(t *testing.T, before, want, after map[string]string, at any) {
	t.Helper()
	for name, content := range withoutTemps(after) {
		require.Contains(t, []string{before[name], want[name]}, content, "%v: %s", at, name)
	}
	for name := range before {
		if _, stays := want[name]; stays {
			require.Contains(t, after, name, at)
		}
	}
}

// TestKilledAtEveryOperation: nothing reaches the disk from an operation on. Each file
// is whole, and the next Write completes the tree and leaves nothing temporary.
func TestKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	want := completed(t)
	mixed := 0
	everyOperation(t, faults{from: true, err: faultKinds[1]}, func(base string, targets []Target, before state, f *faults, _ error) {
		after := tree(t, base)
		requireWhole(t, before.contents, want, after, f)
		if here := withoutTemps(after); !maps.Equal(here, before.contents) && !maps.Equal(here, want) {
			mixed++
		}
		_, err := Write(targets...)
		require.NoError(t, err, f)
		require.Equal(t, want, tree(t, base), f)
	})
	require.Positive(t, mixed, "some operations lie between two renames")
}

// TestFailureThatStays: when not even the old files can be put back, the error
// says so for each of them.
func TestFailureThatStays(t *testing.T) {
	t.Parallel()
	said := 0
	everyOperation(t, faults{from: true, err: faultKinds[1]}, func(base string, _ []Target, before state, f *faults, err error) {
		after := withoutTemps(tree(t, base))
		delete(after, "new")
		delete(after, "new/encoder")
		delete(after, "new/encoder/deep")
		if err == nil || maps.Equal(after, before.contents) {
			return
		}
		said++
		for name, content := range before.contents {
			if after[name] != content {
				require.ErrorContains(t, err, "the old file could not be put back: "+filepath.Join(base, name), f)
			}
		}
	})
	require.Greater(t, said, 3)
}

func TestLeftoversOfAKilledGenerator(t *testing.T) {
	base := t.TempDir()
	leave := func() {
		put(t, filepath.Join(base, "decoder/.upconv-0000000000000001.tmp"), mark+"spec.yaml\npackage")
		put(t, filepath.Join(base, "decoder/.upconv-0000000000000002.tmp"), mark[:5])
		put(t, filepath.Join(base, "decoder/.upconv-0000000000000003.tmp"), "")
		put(t, filepath.Join(base, "decoder/.upconv-notes.tmp"), "my notes")
	}
	for _, changes := range []int{1, 0} { // the second time there is nothing else to do
		leave()
		changed, err := Write(target(base, generated("a.go", "")))
		require.NoError(t, err)
		require.Len(t, changed, changes)
		require.Equal(t, []string{".", "decoder", "decoder/.upconv-notes.tmp", "decoder/a.go"}, names(tree(t, base)))
	}
}

// TestOneFolderUnderTwoNames would wait for itself.
func TestOneFolderUnderTwoNames(t *testing.T) {
	base := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(base, "real"), 0o755))
	require.NoError(t, os.Symlink("real", filepath.Join(base, "link")))
	_, err := Write(target(filepath.Join(base, "real"), generated("a.go", "1")), target(filepath.Join(base, "link"), generated("a.go", "2")))
	require.ErrorContains(t, err, "two sets of generated files want this folder")
	require.Equal(t, []string{".", "link", "real"}, names(tree(t, base)))
}
