package downstream

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDownstream follows a user from go get to a fuzzed kernel. The steps build on
// one another, so the first that fails ends the test.
func TestDownstream(t *testing.T) {
	a := newApp(t, "testdata/app.txtar")
	a.run("get", "-tool", published.Path+"/cmd/upconv@"+published.Version)
	a.run("generate", "./...")

	require.Equal(t, "3104.5 3119.5 0.25\n", a.run("run", "."))
	a.run("vet", "./...")
	require.Contains(t, a.run("test", "-count=1", "./..."), "ok  \texample.com/app/decoder")

	a.leavesFilesAlone()
	a.noticesAnEdit()
	a.fuzzes()
}

// leavesFilesAlone: what is up to date is not written again.
func (a *app) leavesFilesAlone() {
	a.age("decoder")
	before := a.files("decoder")
	a.run("generate", "./...")
	require.Equal(a.t, before, a.files("decoder"))
	require.Empty(a.t, a.run("tool", "upconv", "generate", "--check"))
	require.Equal(a.t, before, a.files("decoder"))
}

// noticesAnEdit: --check names a generated file that someone changed, and the next
// run makes it right.
func (a *app) noticesAnEdit() {
	path := filepath.Join(a.dir, "decoder", "layers.go")
	right, err := os.ReadFile(path)
	require.NoError(a.t, err)
	require.NoError(a.t, os.WriteFile(path, append(right, "// edited\n"...), 0o644))

	said, code := a.exec("go", "tool", "upconv", "generate", "--check")
	require.Equal(a.t, 1, code)
	require.Equal(a.t, "stale: "+filepath.Join("decoder", "layers.go")+"\n", said)

	a.run("generate", "./...")
	again, err := os.ReadFile(path)
	require.NoError(a.t, err)
	require.Equal(a.t, string(right), string(again))
}

// fuzzes runs the generated fuzz target for a moment. It needs a build of its own,
// which is the slow part: -short leaves it out.
func (a *app) fuzzes() {
	if testing.Short() {
		a.t.Log("-short: the generated fuzz target is not run")
		return
	}
	out := a.run("test", "-run", "^$", "-fuzz", "^FuzzKernels$", "-fuzztime", "2s",
		"./decoder", "-test.fuzzcachedir="+a.t.TempDir())
	require.Contains(a.t, out, "fuzz: elapsed:")
	require.Contains(a.t, out, "PASS")
}
