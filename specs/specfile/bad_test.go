package specfile_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
	"github.com/upconv/upconv/specs/specfile/specfiletest"
)

// head is the start of a spec file, up to its layers.
const head = "version: 1\npackage: p\nlayers:\n"

func TestBadInput(t *testing.T) {
	cases, err := specfiletest.Read("testdata/bad")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(cases), 290)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			require.NotEmpty(t, c.Want)
			file, err := specfile.Parse("in.yaml", c.Data)
			require.Nil(t, file)
			require.Error(t, err)
			require.Equal(t, c.Want, strings.Split(err.Error(), "\n"))
			var list specfile.Errors
			require.ErrorAs(t, err, &list)
			for _, e := range list {
				require.Equal(t, "in.yaml", e.File)
				require.Positive(t, e.Line)
				require.Positive(t, e.Column)
			}
		})
	}
}

// TestHostileSizes feeds what is too large to keep in the tree. Each must be
// refused quickly: the caps stand before the costly stages.
func TestHostileSizes(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	cases := map[string]struct{ src, want string }{
		"bytes":            {many("#\n", 1<<19) + "#", "x:1:1: the file has 1048577 bytes; the cap is 1048576"},
		"keys":             {many("a: 1\n", 1<<17), "x:10923:4: the file has more than 32768 words and marks"},
		"brackets":         {many("[", 1000), "x:1:17: nested deeper than 16 levels"},
		"bracket lines":    {many("[\n", 1<<19), "x:17:1: nested deeper than 16 levels"},
		"braces":           {many("{a: ", 200), "x:1:65: nested deeper than 16 levels"},
		"dashes":           {head + " " + many("- ", 500), "nested deeper than 16 levels"},
		"dash lines":       {many("-\n", 1<<18), "x:32769:1: the file has more than 32768 words and marks"},
		"tags":             {many("!a\n", 1<<17), "tags (!) are not supported"},
		"anchors":          {many("&a\n", 1<<17), "anchors (&) are not supported; write the value out"},
		"question marks":   {many("? a\n", 1<<14), "complex keys (?) are not supported"},
		"documents":        {many("---\n", 1<<17), "the file has more than 32768 words and marks"},
		"quotes":           {many("'a\n", 1<<17), "x:"},
		"block scalar":     {head + "  - name: |\n" + many("      x\n", 1<<16), "text of 131072 bytes; the cap is 128"},
		"long line":        {many("a", 1<<20), "x:1:1025: the line is longer than 1024 characters"},
		"NULs":             {many("\x00", 1<<19), "x:1:100: NUL character"},
		"invalid":          {many("\xff", 1<<19), "x:1:100: invalid UTF-8: byte 0xff"},
		"comments":         {many("# [{\n", 1<<17), "x:"},
		"blank":            {many("\n", 1<<20), "x:1:1: the file is empty"},
		"exponential text": {head + "  - &a [x, x]\n" + many("  - &a [*a, *a]\n", 40), "aliases (*) are not supported; write the value out"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := specfile.Parse("x", []byte(c.src))
			require.ErrorContains(t, err, c.want)
			require.Less(t, time.Since(start), 10*time.Second)
			require.Less(t, len(err.Error()), 1<<16)
		})
	}
}

// TestHostilePaths: the YAML library keeps the path of each node as text, so
// that deep long keys above many values once took gigabytes.
func TestHostilePaths(t *testing.T) {
	var b strings.Builder
	for i := range specfile.MaxIndent {
		b.WriteString(strings.Repeat(" ", i) + strings.Repeat("k", specfile.MaxText-3) + ":\n")
	}
	for range 60 {
		b.WriteString(strings.Repeat(" ", specfile.MaxIndent) + "- [" + strings.Repeat("1,", 250) + "]\n")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := specfile.Parse("x", []byte(b.String()))
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "nested deeper than 16 levels")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20))
}

func TestErrorsAreCounted(t *testing.T) {
	_, err := specfile.Parse("x", []byte(head+strings.Repeat("  - 3\n", 150)))
	var list specfile.Errors
	require.True(t, errors.As(err, &list))
	require.Len(t, list, 101)
	require.Equal(t, "x:103:5: a layer must be a mapping, not 3", list[99].Error())
	require.Equal(t, "x:104:5: 50 more faults from here on", list[100].Error())
}

// TestLineEndings: CRLF moves no error.
func TestLineEndings(t *testing.T) {
	cases, err := specfiletest.Read("testdata/bad")
	require.NoError(t, err)
	compared := 0
	for _, c := range cases {
		if bytes.ContainsAny(c.Data, "\r") || !bytes.HasSuffix(c.Data, []byte("\n")) {
			continue
		}
		_, err := specfile.Parse("in.yaml", bytes.ReplaceAll(c.Data, []byte("\n"), []byte("\r\n")))
		require.EqualError(t, err, strings.Join(c.Want, "\n"), c.Name)
		compared++
	}
	require.Greater(t, compared, 190)
}

func TestCapsCanBeRaised(t *testing.T) {
	src := []byte(head + "  - {name: up, op: conv_transpose, kernel: [256, 256], stride: 128}\n")
	_, err := specfile.Parse("x", src)
	require.EqualError(t, err, "x:4:44: the kernel has 256*256 = 65536 elements; the cap is 16384, which --cap kernel=N raises\n"+
		"x:4:64: the stride has 128*128 = 16384 phases; the cap is 4096, which --cap phases=N raises")
	limits := specs.DefaultLimits()
	limits.KernelElements, limits.Phases = 1<<16, 1<<14
	f, err := specfile.ParseWithin("x", src, limits)
	require.NoError(t, err)
	require.Equal(t, "conv_transpose2d_k256s128", f.Layers[0].Canonical())
}
