package downstream

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// published is the version that the working tree is served as.
var published = module.Version{Path: "github.com/upconv/upconv", Version: "v0.1.0"}

// serve writes a module proxy that holds the working tree and returns its URL.
func serve(t *testing.T, root string) string {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	require.Equal(t, published.Path, modfile.ModulePath(mod))
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{published.Version, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	var archive bytes.Buffer
	require.NoError(t, zip.CreateFromDir(&archive, published, root))

	proxy := t.TempDir()
	versions := filepath.Join(proxy, filepath.FromSlash(published.Path), "@v")
	require.NoError(t, os.MkdirAll(versions, 0o755))
	for name, data := range map[string][]byte{
		"list":                      []byte(published.Version + "\n"),
		published.Version + ".info": info,
		published.Version + ".mod":  mod,
		published.Version + ".zip":  archive.Bytes(),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(versions, name), data, 0o644))
	}
	return fileURL(proxy)
}

// fileURL is the URL of a folder, as GOPROXY wants it.
func fileURL(dir string) string {
	path := filepath.ToSlash(dir)
	if path[0] != '/' {
		path = "/" + path // a drive letter
	}
	return "file://" + path
}
