// Package specfiletest reads the bad spec files that the tests of several
// packages share.
package specfiletest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// Case is one bad spec file.
type Case struct {
	Name string   // of the archive, without .txtar
	Data []byte   // the spec file, whose name in Want is in.yaml
	Want []string // the faults, one line each: in.yaml:line:column: message
}

// Read returns the cases of a folder of txtar archives. Each holds want and
// either in.yaml or, for text that an editor would not keep, in.quoted: Go
// string literals, one a line, that are joined.
func Read(folder string) ([]Case, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("%s holds no archives (%v)", folder, err)
	}
	var cases []Case
	for _, path := range paths {
		c, err := readCase(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func readCase(path string) (Case, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Case{}, err
	}
	c := Case{Name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
	for _, f := range txtar.Parse(data).Files {
		switch f.Name {
		case "in.yaml":
			c.Data = f.Data
		case "in.quoted":
			c.Data, err = unquote(string(f.Data))
		case "want":
			c.Want = strings.Split(strings.TrimSuffix(string(f.Data), "\n"), "\n")
		default:
			err = fmt.Errorf("unknown file %s", f.Name)
		}
		if err != nil {
			return Case{}, err
		}
	}
	return c, nil
}

func unquote(lines string) ([]byte, error) {
	var data []byte
	for line := range strings.Lines(lines) {
		s, err := strconv.Unquote(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		data = append(data, s...)
	}
	return data, nil
}
