package tests

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// ofRun are the files of a package as one run of the generator leaves them: two paths
// of the spec give files of equal names that compute the same.
func ofRun(t *testing.T, path string) []gen.File {
	t.Helper()
	l, err := specs.ParseName("conv_transpose2d_k2s2")
	require.NoError(t, err)
	l.Name = "up"
	files, err := gen.Package(&specfile.File{Path: path, Version: 1, Package: "mixture", Layers: []specs.Layer{l}})
	require.NoError(t, err)
	return files
}

// goIn runs the go command on files in a module of their own.
func goIn(t *testing.T, files []gen.File, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	here, err := filepath.Abs(root)
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	own, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	mod := strings.Replace(string(own), "module "+module, "module mixture", 1) + fmt.Sprintf("\nrequire %s v0.0.0\nreplace %s => %q\n", module, module, here)
	for _, f := range append([]gen.File{{Name: "go.mod", Data: []byte(mod)}, {Name: "go.sum", Data: sums}}, files...) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644))
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestMixedPackagesDoNotBuild: what a kill between two renames leaves behind is no
// package, whichever file is of the other run, even if all that differs is a comment.
func TestMixedPackagesDoNotBuild(t *testing.T) {
	one, two := ofRun(t, "specs/one.yaml"), ofRun(t, "specs/two.yaml")
	require.Len(t, two, len(one))
	for _, whole := range [][]gen.File{one, two} {
		out, err := goIn(t, whole, "vet")
		require.NoError(t, err, out)
		out, err = goIn(t, whole, "build")
		require.NoError(t, err, out)
	}
	for i, f := range two {
		require.Equal(t, one[i].Name, f.Name)
		require.False(t, bytes.Equal(one[i].Data, f.Data), f.Name)
		mixed := append([]gen.File{}, one...)
		mixed[i] = f
		args := []string{"build"}
		switch f.Name {
		case "kernels_test.go":
			args = []string{"vet"}
		case "kernels_noasm.go":
			args = append(args, "-tags", "purego")
		}
		out, err := goIn(t, mixed, args...)
		require.Error(t, err, f.Name)
		require.True(t, strings.Contains(out, "undefined: ") || strings.Contains(out, "RUN_UPCONV_GENERATE_AGAIN"), "%s: %s", f.Name, out)
	}
}
