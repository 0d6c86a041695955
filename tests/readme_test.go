package tests

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the README's commands print into it")

// console is a block of commands, each after "$ ", and what they print.
var console = regexp.MustCompile("(?s)```console\n(.*?)```")

// TestReadmeCommands runs the commands that the README shows and compares what they
// print. They run in a shell, in the module's folder; -update corrects the README.
func TestReadmeCommands(t *testing.T) {
	path := filepath.Join(root, "README.md")
	readme, err := os.ReadFile(path)
	require.NoError(t, err)
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./cmd/upconv")
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	blocks := 0
	corrected := console.ReplaceAllFunc(readme, func(block []byte) []byte {
		blocks++
		shown := string(console.FindSubmatch(block)[1])
		printed := replay(t, bin, shown)
		if !*update {
			require.Equal(t, printed, shown, "run: go test ./tests -run TestReadmeCommands -update")
		}
		return []byte("```console\n" + printed + "```")
	})
	require.NotZero(t, blocks)
	if *update && !bytes.Equal(readme, corrected) {
		require.NoError(t, os.WriteFile(path, corrected, 0o644))
	}
}

// replay runs the commands of a block and returns the block as it should be.
func replay(t *testing.T, bin, block string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(block) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		c := exec.Command("sh", "-c", command)
		c.Dir = root
		c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s%s", line, out)
		b.WriteString(line)
		b.Write(out)
	}
	return b.String()
}

// TestReadmeUse: the spec and the code that the README shows are those that the
// downstream test generates from and runs.
func TestReadmeUse(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	app, err := txtar.ParseFile(filepath.Join("downstream", "testdata", "app.txtar"))
	require.NoError(t, err)
	for file, language := range map[string]string{"upconv.yaml": "yaml", "main.go": "go"} {
		block := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(readme)
		require.NotNil(t, block, language)
		for _, f := range app.Files {
			if f.Name == file {
				require.Contains(t, string(f.Data), string(block[1]))
			}
		}
	}
}

// TestDocumentLinks: what the documents link to exists.
func TestDocumentLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	found := 0
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "VERIFICATION.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		for _, m := range link.FindAllSubmatch(text, -1) {
			found++
			_, err := os.Stat(filepath.Join(root, string(m[1])))
			require.NoError(t, err, name)
		}
	}
	require.NotZero(t, found)
}
