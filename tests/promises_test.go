package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryPromiseHasATest: each row of the README's table names tests that exist, and
// each promise that the README names in bold has a row.
func TestEveryPromiseHasATest(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	readme := string(text)
	table := regexp.MustCompile(`(?s)<!-- promises -->\n(.*)<!-- /promises -->`).FindStringSubmatch(readme)
	require.NotNil(t, table)
	declared := declaredTests(t)
	rows := regexp.MustCompile(`(?m)^\| (.+) \| (`+"`.*`"+`) \|$`).FindAllStringSubmatch(table[1], -1)
	require.Len(t, rows, strings.Count(table[1], "\n")-2, "a row without a test")
	var promises []string
	for _, row := range rows {
		promises = append(promises, row[1])
		for name := range strings.SplitSeq(row[2], ", ") {
			require.True(t, declared[strings.Trim(name, "`")], "%s of %q", name, row[1])
		}
	}
	contract := section(t, readme, "## What a kernel owes you", "## What the generator owes your files")
	titles := regexp.MustCompile(`(?m)^- \*\*(.+?)\.\*\*`).FindAllStringSubmatch(contract, -1)
	require.Greater(t, len(titles), 5)
	for _, title := range titles {
		require.Contains(t, strings.Join(promises, "\n"), title[1]+": ")
	}
}

// section is the text from one heading to another.
func section(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	require.True(t, found, from)
	part, _, found := strings.Cut(rest, to)
	require.True(t, found, to)
	return part
}

// declaredTests are the names of all tests and fuzz targets of the module.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(\w+ \*testing\.[TF]\)`)
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go", "*/*/*/*_test.go"} {
		for _, path := range glob(t, pattern) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, found := range declaration.FindAllSubmatch(text, -1) {
				names[string(found[1])] = true
			}
		}
	}
	require.Greater(t, len(names), 300)
	return names
}
