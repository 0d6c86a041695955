//go:build unix

package outdir

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A child process of these tests runs this test binary with these variables.
const (
	childBase  = "UPCONV_OUTDIR_BASE"  // the tree to write
	childKill  = "UPCONV_OUTDIR_KILL"  // the operation before which the process kills itself; 0: none
	childBody  = "UPCONV_OUTDIR_BODY"  // what the files of pair hold; "": those of newTree
	childTimes = "UPCONV_OUTDIR_TIMES" // how many times it writes
)

func TestMain(m *testing.M) {
	if base := os.Getenv(childBase); base != "" {
		if err := child(base); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is what a child process does.
func child(base string) error {
	at, err := strconv.Atoi(os.Getenv(childKill))
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(os.Getenv(childTimes))
	if err != nil {
		return err
	}
	f := &faults{before: func(n int) {
		if n == at {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal is there
		}
	}}
	for i := range times {
		targets := newTree(base)
		if body := os.Getenv(childBody); body != "" {
			targets = pair(base, body+strconv.Itoa(i))
		}
		if _, err := write(faultyDisk{faults: f}, targets); err != nil {
			return err
		}
	}
	return nil
}

// pair are two folders that belong together: all their files hold the body, and one
// is named after it.
func pair(base, body string) []Target {
	return []Target{
		{Base: base, Sub: "one", Mark: mark, Files: []File{generated("x.go", body), generated(body+".go", body)}},
		{Base: base, Sub: "two", Mark: mark, Files: []File{generated("x.go", body)}},
	}
}

// requirePair: the tree is that of some pair, and nothing else.
func requirePair(t *testing.T, base string) {
	t.Helper()
	after := tree(t, base)
	_, body, found := bytes.Cut([]byte(after["two/x.go"]), []byte("\n"))
	require.True(t, found, "%v", names(after))
	want := map[string]string{".": "folder", "one": "folder", "two": "folder"}
	for _, target := range pair(base, string(body)) {
		for _, f := range target.Files {
			want[target.Sub+"/"+f.Name] = string(f.Data)
		}
	}
	require.Equal(t, want, after)
}

func startChild(t *testing.T, base, body string, kill, times int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), childBase+"="+base, childBody+"="+body, childKill+"="+strconv.Itoa(kill), childTimes+"="+strconv.Itoa(times))
	require.NoError(t, cmd.Start())
	return cmd
}

func killed(err error) bool {
	exit, ok := err.(*exec.ExitError)
	return ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
}

// TestProcessKilledAtEveryOperation kills a real process before each operation, until
// one is never reached.
func TestProcessKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	want := completed(t)
	for at := 1; ; at++ {
		base, targets := oldTree(t)
		before := tree(t, base)
		err := startChild(t, base, "", at, 1).Wait()
		after := tree(t, base)
		if err == nil {
			require.Equal(t, want, after)
			require.Greater(t, at, 60)
			return
		}
		require.True(t, killed(err), "%v", err)
		requireWhole(t, before, want, after, at)
		_, err = Write(targets...)
		require.NoError(t, err, at)
		require.Equal(t, want, tree(t, base), at)
	}
}

// TestProcessesAtOnce: whoever is last wins as a whole, and neither minds the other.
func TestProcessesAtOnce(t *testing.T) {
	base := t.TempDir()
	for range 10 {
		one, two := startChild(t, base, "a", 0, 5), startChild(t, base, "b", 0, 5)
		require.NoError(t, one.Wait())
		require.NoError(t, two.Wait())
		requirePair(t, base)
	}
}

// TestGeneratorsAtOnce is the same within one process.
func TestGeneratorsAtOnce(t *testing.T) {
	base := t.TempDir()
	var group sync.WaitGroup
	errs := make(chan error, 16)
	for i := range cap(errs) {
		group.Go(func() {
			_, err := Write(pair(base, string(rune('a'+i)))...)
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	requirePair(t, base)
}

// TestProcessKilledBesideAnother: the one that lives completes its tree.
func TestProcessKilledBesideAnother(t *testing.T) {
	base := t.TempDir()
	kills := 0
	for at := 5; at < 100; at += 7 {
		doomed, other := startChild(t, base, "a", at, 5), startChild(t, base, "b", 0, 5)
		if killed(doomed.Wait()) {
			kills++
		}
		require.NoError(t, other.Wait())
		_, err := Write(pair(base, "c")...)
		require.NoError(t, err)
		requirePair(t, base)
		entries, err := filepath.Glob(filepath.Join(base, "*", tempPrefix+"*"))
		require.NoError(t, err)
		require.Empty(t, entries)
	}
	require.Greater(t, kills, 5)
}
