package downstream

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

// app is a module of a user, in a folder of its own.
type app struct {
	t   *testing.T
	dir string
	env []string
}

// newApp unpacks the user's module. Its go commands find the working tree and
// this machine's modules, write to a module cache of their own and do not reach
// the network.
func newApp(t *testing.T, archive string) *app {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	cache := output(t, "go", "env", "GOMODCACHE")
	output(t, "go", "mod", "graph") // caches the go.mod files that go get reads and a build does not
	a := &app{t: t, dir: t.TempDir(), env: append(os.Environ(),
		"GOPROXY="+serve(t, root)+","+fileURL(filepath.Join(cache, "cache", "download")),
		"GOMODCACHE="+t.TempDir(),
		// -trimpath lets the build cache be used although the folders are new.
		"GOFLAGS=-modcacherw -trimpath",
		"GOSUMDB=off", "GONOPROXY=none", "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local",
	)}
	files, err := txtar.ParseFile(archive)
	require.NoError(t, err)
	for _, f := range files.Files {
		require.NoError(t, os.WriteFile(filepath.Join(a.dir, f.Name), f.Data, 0o644))
	}
	return a
}

// output runs a command in this module and returns what it printed.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	c := exec.Command(name, args...)
	c.Stderr = &stderr
	out, err := c.Output()
	require.NoError(t, err, stderr.String())
	return strings.TrimSpace(string(out))
}

// exec runs a command in the user's module and returns what it printed and its
// exit code.
func (a *app) exec(name string, args ...string) (output string, code int) {
	a.t.Helper()
	start := time.Now()
	c := exec.Command(name, args...)
	c.Dir, c.Env = a.dir, a.env
	out, err := c.CombinedOutput()
	require.NotNil(a.t, c.ProcessState, err)
	a.t.Logf("%s %s: exit %d after %.1fs\n%s", filepath.Base(name), strings.Join(args, " "),
		c.ProcessState.ExitCode(), time.Since(start).Seconds(), out)
	return string(out), c.ProcessState.ExitCode()
}

// run runs a go command that must succeed.
func (a *app) run(args ...string) string {
	a.t.Helper()
	out, code := a.exec("go", args...)
	require.Zero(a.t, code, "go %s\n%s", strings.Join(args, " "), out)
	return out
}

// state is what could change about a file.
type state struct {
	modified time.Time
	data     string
}

// files returns the state of every file of a folder.
func (a *app) files(dir string) map[string]state {
	a.t.Helper()
	found := map[string]state{}
	err := filepath.WalkDir(filepath.Join(a.dir, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		found[path] = state{info.ModTime(), string(data)}
		return err
	})
	require.NoError(a.t, err)
	require.NotEmpty(a.t, found)
	return found
}

// age makes every file of a folder look old, so that a rewritten one stands out.
func (a *app) age(dir string) {
	a.t.Helper()
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for path := range a.files(dir) {
		require.NoError(a.t, os.Chtimes(path, old, old))
	}
}
