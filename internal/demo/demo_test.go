package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// results are the files of a run with their enlargement, the sheet excepted.
func results() map[string]int {
	return map[string]int{
		"input.png": 1, "nearest-x2.png": 2, "nearest-x4.png": 4, "bilinear-x2.png": 2, "bilinear-x4.png": 4,
		"bed-of-nails-x2.png": 2, "bed-of-nails-x4.png": 4, "max-unpool.png": 1, "transposed-x2.png": 2, "transposed-x4.png": 4,
		"checkerboard-x2.png": 2, "checkerboard-x4.png": 4, "resize-conv-x2.png": 2, "resize-conv-x4.png": 4,
	}
}

// run runs the demo and returns what it printed.
func run(t *testing.T, o Options) string {
	t.Helper()
	var out, progress bytes.Buffer
	require.NoError(t, Run(t.Context(), o, &out, &progress))
	require.Empty(t, progress.String(), "no progress line off a terminal")
	return out.String()
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	m, err := png.Decode(f)
	require.NoError(t, err)
	return m
}

// requireResults checks names and sizes of everything in dir.
func requireResults(t *testing.T, dir string, width, height int) {
	t.Helper()
	for name, factor := range results() {
		m := readPNG(t, filepath.Join(dir, name))
		require.Equal(t, image.Pt(factor*width, factor*height), m.Bounds().Size(), name)
	}
	sheet := readPNG(t, filepath.Join(dir, "contact-sheet.png"))
	require.Equal(t, image.Pt(sheetWidth, sheetHeight), sheet.Bounds().Size())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(results())+1, "nothing else is left in the folder")
}

func TestRunOnTheSample(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	out := run(t, Options{Out: dir})
	requireResults(t, dir, 192, 128)
	worked, err := os.ReadFile("testdata/worked.txt")
	require.NoError(t, err)
	for _, part := range []string{
		"Picture: the project's sample, 192 x 128 pixels\n", "bilinear x2 ", "checkerboard x4 ", "nearest x4 ",
		"384 x 256   768 x 512", "conv_transpose2d_k3s2p1o1", "GFLOP/s", "0.5625 in the corner, 0.75 along the edges",
		"uneven: the checkerboard", filepath.Join(dir, "contact-sheet.png"), string(worked),
	} {
		require.Contains(t, out, part)
	}
}

func TestSheetShowsPictures(t *testing.T) {
	dir := t.TempDir()
	run(t, Options{Out: dir})
	sheet := readPNG(t, filepath.Join(dir, "contact-sheet.png"))
	for i := range columnsOf {
		whole := image.Rect(columnAt(i), wholeTop, columnAt(i)+tileWide, wholeTop+tileHigh)
		require.Greater(t, shades(sheet, whole), 500, "column %d, whole", i)
		zoom := image.Rect(columnAt(i), closeTop, columnAt(i)+tileWide, closeTop+tileHigh)
		require.Greater(t, shades(sheet, zoom), 30, "column %d, part", i)
	}
	for y := range tileHigh {
		for x := range tileWide { // the sample fills its tile twofold
			require.Equal(t, sheet.At(columnAt(0)+x, wholeTop+y), sheet.At(columnAt(1)+x, wholeTop+y), "nearest looks like the input")
		}
	}
	for y := range margin / 2 {
		for x := range sheetWidth {
			require.Equal(t, color.RGBAModel.Convert(paper), color.RGBAModel.Convert(sheet.At(x, y)), "the margin is empty")
		}
	}
}

func shades(m image.Image, r image.Rectangle) int {
	seen := map[color.RGBA]bool{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			seen[color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)] = true
		}
	}
	return len(seen)
}

func TestSheetTextFits(t *testing.T) {
	for name, shortened := range map[string]int{"cat.png": 0, strings.Repeat("long", 60) + ".png": 1} {
		s, err := load(t.Context(), "")
		require.NoError(t, err)
		s.name = name
		columns := []column{view(s, s.Picture, nil)}
		for _, m := range allModels(t) {
			q, _, err := m.double(s.Picture, nil)
			require.NoError(t, err)
			columns = append(columns, view(s, q, &m))
		}
		c, err := newCanvas(sheetWidth, sheetHeight)
		require.NoError(t, err)
		require.NoError(t, c.sheet(s, columns))
		require.Equal(t, shortened, c.shortened, name)
		c.close()
	}
}

// pattern fills a picture of any kind.
func pattern[M interface {
	image.Image
	Set(x, y int, c color.Color)
}](m M) M {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			m.Set(x, y, color.NRGBA{uint8(40 * x), uint8(60 * y), uint8(x * y), uint8(255 - 9*x)})
		}
	}
	return m
}

// save encodes m into a new file.
func save(t *testing.T, name string, encode func(io.Writer) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, encode(f))
	require.NoError(t, f.Close())
	return path
}

func TestRunOnPicturesOfEveryKind(t *testing.T) {
	rect := func(w, h int) image.Rectangle { return image.Rect(0, 0, w, h) }
	for name, m := range map[string]image.Image{
		"single.png":  pattern(image.NewRGBA(rect(1, 1))),
		"row.png":     pattern(image.NewRGBA(rect(2001, 1))),
		"column.png":  pattern(image.NewRGBA(rect(1, 1501))),
		"odd.png":     pattern(image.NewNRGBA(rect(37, 23))),
		"grey.png":    pattern(image.NewGray(rect(13, 29))),
		"deep.png":    pattern(image.NewNRGBA64(rect(25, 17))),
		"large.png":   pattern(image.NewGray16(rect(501, 301))),
		"shifted.png": pattern(image.NewRGBA(image.Rect(-3, 5, 8, 9))),
	} {
		t.Run(name, func(t *testing.T) {
			in := save(t, name, func(w io.Writer) error { return png.Encode(w, m) })
			dir := t.TempDir()
			require.Contains(t, run(t, Options{In: in, Out: dir}), "Picture: "+name+",")
			requireResults(t, dir, m.Bounds().Dx(), m.Bounds().Dy())
		})
	}
}

func TestRunOnJPEG(t *testing.T) {
	m := pattern(image.NewRGBA(image.Rect(0, 0, 31, 19)))
	in := save(t, "photo.jpg", func(w io.Writer) error { return jpeg.Encode(w, m, nil) })
	dir := t.TempDir()
	run(t, Options{In: in, Out: dir, Threads: 2, ISA: "generic"})
	requireResults(t, dir, 31, 19)
}

func TestForcedPathIsReported(t *testing.T) {
	out := run(t, Options{Out: t.TempDir(), ISA: "generic", Threads: 1})
	require.Equal(t, 13, strings.Count(out, "_generic "))
	out = run(t, Options{Out: t.TempDir(), ISA: "go"})
	require.Equal(t, 2, strings.Count(out, "conv_transpose2d_k4s2p1dw_go "))
	require.Equal(t, 2, strings.Count(out, "conv_transpose2d_k3s2p1o1_go "))
	require.Equal(t, 1, strings.Count(out, "max_unpool2d_k2s2n128x192_c3x3_"))
	err := Run(t.Context(), Options{Out: t.TempDir(), ISA: "abacus"}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "abacus")
}

func TestNearestFileRepeatsTheInput(t *testing.T) {
	dir := t.TempDir()
	run(t, Options{Out: dir})
	in, out := readPNG(t, filepath.Join(dir, "input.png")), readPNG(t, filepath.Join(dir, "nearest-x4.png"))
	for y := range 512 {
		for x := range 768 {
			if in.At(x/4, y/4) != out.At(x, y) {
				require.Equal(t, in.At(x/4, y/4), out.At(x, y), "pixel %d %d", x, y)
			}
		}
	}
}

func TestBadInputWritesNothing(t *testing.T) {
	whole := save(t, "whole.png", func(w io.Writer) error {
		return png.Encode(w, pattern(image.NewRGBA(image.Rect(0, 0, 64, 64))))
	})
	data, err := os.ReadFile(whole)
	require.NoError(t, err)
	file := func(name string, data []byte) string {
		return save(t, name, func(w io.Writer) error { _, err := w.Write(data); return err })
	}
	for want, in := range map[string]string{
		"no such file":                        filepath.Join(t.TempDir(), "absent.png"),
		"not a PNG or JPEG picture":           file("notes.txt", []byte("dear diary, today I read a picture")),
		"the picture is damaged or cut short": file("cut.png", data[:len(data)/2]),
		"is a directory":                      t.TempDir(),
		"the picture is too large: 2049 x 2048 pixels; the limit is 4194304, such as 2048 x 2048": save(t, "big.png", func(w io.Writer) error {
			return png.Encode(w, image.NewGray(image.Rect(0, 0, 2049, 2048)))
		}),
	} {
		dir := filepath.Join(t.TempDir(), "out")
		err := Run(t.Context(), Options{In: in, Out: dir}, io.Discard, io.Discard)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, in, "the error names the file")
		require.NoDirExists(t, dir)
	}
}

func TestCancelledRunWritesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, Run(ctx, Options{Out: dir}, io.Discard, io.Discard), context.Canceled)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestInputIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	run(t, Options{Out: dir})
	in := filepath.Join(dir, "bilinear-x2.png")
	before, err := os.ReadFile(in)
	require.NoError(t, err)
	err = Run(t.Context(), Options{In: in, Out: dir}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "the picture would be replaced by a result; choose another --out folder")
	after, err := os.ReadFile(in)
	require.NoError(t, err)
	require.Equal(t, before, after)
	requireResults(t, dir, 192, 128)
}

func TestOutMustBeAFolder(t *testing.T) {
	path := save(t, "taken", func(w io.Writer) error { return nil })
	require.ErrorContains(t, Run(t.Context(), Options{Out: path}, io.Discard, io.Discard), path)
}

func TestProgressClearsItsLine(t *testing.T) {
	var w bytes.Buffer
	p := startProgress(&w)
	p.step("one")
	p.show()
	require.Empty(t, w.String(), "not a terminal")

	p = startProgress(&w)
	p.active = true
	p.timer = time.NewTimer(time.Hour)
	p.step("two")
	require.Empty(t, w.String(), "not yet a long run")
	p.show()
	p.step("three")
	p.stop()
	p.stop()
	require.Equal(t, "\r\x1b[Ktwo ...\r\x1b[Kthree ...\r\x1b[K", w.String())
}
