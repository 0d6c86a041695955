package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"github.com/upconv/upconv/internal/tensorio"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"upconv": main})
}

// TestScripts runs the command as a process; see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "npy": npy, "npyis": npyis, "folder": folder, "lines": lines,
		},
	})
}

// exits CODE COMMAND...: runs a command that must exit with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit status is %s, want %s", got, args[0])
	}
}

// npy FILE SHAPE VALUES...: writes an array; SHAPE is like 1,1,2,2. One value
// stands for all elements.
func npy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: npy FILE SHAPE VALUES...")
	}
	a, err := parseArray(args[1], args[2:])
	ts.Check(err)
	var b bytes.Buffer
	ts.Check(tensorio.Encode(&b, a))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// npyis FILE SHAPE VALUES...: compares an array.
func npyis(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: npyis FILE SHAPE VALUES...")
	}
	want, err := parseArray(args[1], args[2:])
	ts.Check(err)
	got, err := tensorio.Read(ts.MkAbs(args[0]))
	ts.Check(err)
	if !slices.Equal(got.Shape, want.Shape) || !slices.Equal(got.Data, want.Data) {
		ts.Fatalf("%s holds %v, want %v", args[0], got, want)
	}
}

func parseArray(shape string, values []string) (tensorio.Array, error) {
	var a tensorio.Array
	n := 1
	for size := range strings.SplitSeq(shape, ",") {
		d, err := strconv.Atoi(size)
		if err != nil {
			return a, err
		}
		a.Shape = append(a.Shape, d)
		n *= d
	}
	for _, text := range values {
		v, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return a, err
		}
		a.Data = append(a.Data, float32(v))
	}
	for len(values) == 1 && len(a.Data) < n {
		a.Data = append(a.Data, a.Data[0])
	}
	return a, nil
}

// folder DIR NAMES...: the folder holds exactly these names (patterns), hidden
// files included.
func folder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: folder DIR NAMES...")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == ".tmp" }) // of testscript
	for _, e := range entries {
		known := slices.ContainsFunc(args[1:], func(pattern string) bool {
			ok, _ := filepath.Match(pattern, e.Name())
			return ok
		})
		if !known {
			ts.Fatalf("%s holds %s", args[0], e.Name())
		}
	}
	for _, pattern := range args[1:] {
		found := slices.ContainsFunc(entries, func(e os.DirEntry) bool {
			ok, _ := filepath.Match(pattern, e.Name())
			return ok
		})
		if !found {
			ts.Fatalf("%s does not hold %s", args[0], pattern)
		}
	}
}

// lines FILE N: the file (stdout and stderr are the last command's) has N lines.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if got := fmt.Sprint(strings.Count(ts.ReadFile(args[0]), "\n")); got != args[1] {
		ts.Fatalf("%s has %s lines, want %s", args[0], got, args[1])
	}
}

// outcome is what a run of Main left.
type outcome struct {
	code           int
	stdout, stderr string
}

// upconv runs the command in this process.
func upconv(args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := Main(args, strings.NewReader(""), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// save writes an array.
func save(t *testing.T, path string, a tensorio.Array) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, tensorio.Encode(&b, a))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
}
