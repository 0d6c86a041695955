package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/internal/tensorio"
)

const opsSpec = `version: 1
package: p
layers:
  - {name: pool, op: max_pool, kernel: [2, 2], stride: 2}
  - {name: whole, op: max_pool, kernel: [2, 2], stride: 2, indices: tensor, layout: nhwc}
  - {name: unpool, op: max_unpool, kernel: [2, 2], stride: 2}
  - {name: conv, op: conv, kernel: [2, 2], bias: false}
  - {name: act, op: conv, kernel: [1], add: true, activation: prelu}
  - {name: near, op: nearest, scale: [2, 2]}
  - {name: last, op: nearest, scale: [2, 3], layout: nhwc}
  - {name: line, op: bilinear, scale: [2]}
  - {name: nails, op: bed_of_nails, scale: [3]}
  - {name: shuffle, op: pixel_shuffle, scale: [2, 2]}
  - {name: back, op: pixel_unshuffle, scale: [2, 2]}
  - {name: luma, op: nearest, scale: [1, 1], in_channels: 1}
  - {name: two, op: nearest, scale: [1, 1], in_channels: 2}
  - {name: colours, op: nearest, scale: [1, 1], in_channels: 3}
  - {name: glassy, op: nearest, scale: [1, 1], in_channels: 4}
  - {name: cure, op: resize_conv, kernel: [3], scale: 2, padding: 1, bias: false}
`

// apply runs a layer in a folder with opsSpec and returns the output array.
func apply(t *testing.T, layer string, x tensorio.Array, more ...string) tensorio.Array {
	t.Helper()
	save(t, "x.npy", x)
	got := upconv(append([]string{"run", "--layer", layer, "--input", "x.npy", "--output", "y.npy"}, more...)...)
	require.Equal(t, 0, got.code, got.stderr)
	require.Contains(t, got.stderr, layer+": ")
	y, err := tensorio.Read("y.npy")
	require.NoError(t, err)
	return y
}

func floats(data []float32, shape ...int) tensorio.Array {
	return tensorio.Array{Shape: shape, Data: data}
}

func inSpec(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("upconv.yaml", []byte(opsSpec), 0o644))
}

// TestRunPoolAndBack: the indices that one command writes the other one reads.
func TestRunPoolAndBack(t *testing.T) {
	inSpec(t)
	x := floats([]float32{1, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8}, 1, 1, 4, 4)
	y := apply(t, "pool", x, "--indices-output", "i.npy")
	require.Equal(t, floats([]float32{5, 6, 7, 8}, 1, 1, 2, 2), y)
	i, err := tensorio.ReadIntegers("i.npy")
	require.NoError(t, err)
	require.Equal(t, tensorio.Integers{Shape: []int{1, 1, 2, 2}, Data: []int64{5, 2, 12, 15}}, i)
	back := apply(t, "unpool", floats([]float32{1, 2, 3, 4}, 1, 1, 2, 2), "--indices", "i.npy")
	require.Equal(t, floats([]float32{0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4}, 1, 1, 4, 4), back)

	two := floats([]float32{1, 5, 2, 6, 9, 0, 4, 7}, 1, 2, 2, 2)
	require.Equal(t, []float32{9, 7}, apply(t, "whole", two, "--indices-output", "i.npy").Data)
	i, err = tensorio.ReadIntegers("i.npy")
	require.NoError(t, err)
	require.Equal(t, []int64{4, 7}, i.Data)
}

func TestRunEveryOp(t *testing.T) {
	inSpec(t)
	save(t, "w.npy", floats([]float32{1, 2, 3, 4}, 1, 1, 2, 2))
	require.Equal(t, floats([]float32{27, 37, 57, 67}, 1, 1, 2, 2),
		apply(t, "conv", floats([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 3, 3), "--weights", "w.npy"))

	save(t, "w.npy", floats([]float32{1, 2}, 2, 1, 1))
	save(t, "b.npy", floats([]float32{0, 10}, 2))
	save(t, "s.npy", floats([]float32{0.5, 2}, 2))
	save(t, "r.npy", floats([]float32{-5, 1, -30, 1}, 1, 2, 2))
	require.Equal(t, floats([]float32{-2, 3, -36, 15}, 1, 2, 2),
		apply(t, "act", floats([]float32{1, 2}, 1, 1, 2), "--weights", "w.npy", "--bias", "b.npy", "--slopes", "s.npy", "--residual", "r.npy"))

	square := floats([]float32{1, 2, 3, 4}, 1, 1, 2, 2)
	require.Equal(t, []float32{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, apply(t, "near", square).Data)
	require.Equal(t, []int{1, 2, 6, 2}, apply(t, "last", floats([]float32{1, 2, 3, 4}, 1, 1, 2, 2)).Shape)
	require.Equal(t, []float32{1, 1.25, 1.75, 2}, apply(t, "line", floats([]float32{1, 2}, 1, 1, 2)).Data)
	require.Equal(t, []float32{1, 0, 0, 2, 0, 0}, apply(t, "nails", floats([]float32{1, 2}, 1, 1, 2)).Data)
	shuffled := apply(t, "shuffle", floats([]float32{1, 2, 3, 4}, 1, 4, 1, 1))
	require.Equal(t, square, shuffled)
	require.Equal(t, floats([]float32{1, 2, 3, 4}, 1, 4, 1, 1), apply(t, "back", shuffled))

	save(t, "w.npy", floats([]float32{1, 10, 100}, 1, 1, 3))
	require.Equal(t, []float32{110, 211, 221, 322, 332, 433, 443, 44},
		apply(t, "cure", floats([]float32{1, 2, 3, 4}, 1, 1, 4), "--weights", "w.npy").Data)
}

// TestRunPictures: a picture goes in and comes out, in either layout.
func TestRunPictures(t *testing.T) {
	inSpec(t)
	m := image.NewRGBA(image.Rect(0, 0, 2, 1))
	m.SetRGBA(0, 0, color.RGBA{255, 51, 0, 255})
	m.SetRGBA(1, 0, color.RGBA{0, 102, 204, 255})
	writePNG(t, "in.png", m)
	for layer, size := range map[string]image.Point{"near": {4, 2}, "last": {6, 2}} {
		for _, out := range []string{"out.png", "out.jpg"} {
			got := upconv("run", "--layer", layer, "--input", "in.png", "--output", out)
			require.Equal(t, 0, got.code, got.stderr)
			p, err := picture.Read(t.Context(), out, 100)
			require.NoError(t, err)
			require.Equal(t, size, image.Pt(p.Width, p.Height))
			if out == "out.png" {
				require.Equal(t, color.RGBA{255, 51, 0, 255}, p.At(0, 1))
				require.Equal(t, color.RGBA{0, 102, 204, 255}, p.At(size.X-1, 0))
			}
		}
	}
	got := upconv("run", "--layer", "shuffle", "--input", "in.png", "--output", "out.png")
	require.Equal(t, 2, got.code)
	require.Equal(t, "upconv: layer shuffle with input [1, 3, 1, 2]: in_channels is 3; it must be a multiple of the block of 4\n", got.stderr)
}

// kinds are pictures of 2 x 1 pixels of every kind that a file can hold.
func kinds() map[string]image.Image {
	r := image.Rect(0, 0, 2, 1)
	grey, deepGrey := image.NewGray(r), image.NewGray16(r)
	colour, glass, deep := image.NewNRGBA(r), image.NewNRGBA(r), image.NewNRGBA64(r)
	for x := range 2 {
		grey.SetGray(x, 0, color.Gray{Y: uint8(7 + 100*x)})
		deepGrey.SetGray16(x, 0, color.Gray16{Y: uint16(300 + 40001*x)})
		colour.SetNRGBA(x, 0, color.NRGBA{R: uint8(255 * x), G: 51, B: 3, A: 255})
		glass.SetNRGBA(x, 0, color.NRGBA{R: uint8(255 * x), G: 51, B: 3, A: uint8(250 - 9*x)})
		deep.SetNRGBA64(x, 0, color.NRGBA64{R: uint16(65535 * x), G: 259, B: 3, A: 65535})
	}
	return map[string]image.Image{"grey": grey, "grey of 16 bits": deepGrey, "colour": colour, "glass": glass, "colour of 16 bits": deep}
}

func writePNG(t *testing.T, path string, m image.Image) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, m))
	require.NoError(t, f.Close())
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

// TestRunKeepsPictures: a layer that repeats pixels gives back those that it got, of the
// same kind and with all their bits, in either layout.
func TestRunKeepsPictures(t *testing.T) {
	inSpec(t)
	for name, m := range kinds() {
		for layer, wide := range map[string]int{"near": 2, "last": 3} {
			writePNG(t, "in.png", m)
			got := upconv("run", "--layer", layer, "--input", "in.png", "--output", "out.png")
			require.Equal(t, 0, got.code, got.stderr)
			out := readPNG(t, "out.png")
			require.Equal(t, image.Rect(0, 0, 2*wide, 2), out.Bounds())
			require.Equal(t, readPNG(t, "in.png").ColorModel(), out.ColorModel(), name)
			for x := range 2 * wide {
				require.Equal(t, m.At(x/wide, 0), m.ColorModel().Convert(out.At(x, 1)), name)
			}
		}
	}
}

// TestRunTakesChannelsOfPictures: a layer says how many channels of a picture it reads.
// Fewer lay what is transparent on white; grey weighs colours as eyes do (BT.601).
func TestRunTakesChannelsOfPictures(t *testing.T) {
	inSpec(t)
	m := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	m.SetNRGBA(0, 0, color.NRGBA{R: 255, G: 51, B: 0, A: 204})
	writePNG(t, "in.png", m)
	for layer, want := range map[string][]float32{
		"luma": {0.299 + 0.587*0.36 + 0.114*0.2}, "colours": {1, 0.36, 0.2}, "glassy": {1, 0.2, 0, 0.8},
	} {
		got := upconv("run", "--layer", layer, "--input", "in.png", "--output", "y.npy")
		require.Equal(t, 0, got.code, got.stderr)
		y, err := tensorio.Read("y.npy")
		require.NoError(t, err)
		require.Equal(t, []int{1, len(want), 1, 1}, y.Shape)
		require.InDeltaSlice(t, want, y.Data, 2e-5, layer)
	}
	require.Equal(t, outcome{2, "", "upconv: out.jpg: a JPEG picture has no fourth channel, for what is transparent; write a .png, or in_channels: 3 in the spec\n"},
		upconv("run", "--layer", "glassy", "--input", "in.png", "--output", "out.jpg"))
	require.NoFileExists(t, "out.jpg")
	require.Equal(t, outcome{2, "", "upconv: out.gif: pictures are .png, .jpg or .jpeg\n"},
		upconv("run", "--layer", "luma", "--input", "in.png", "--output", "out.gif"))
	require.Equal(t, outcome{2, "", "upconv: none.png: no such file or directory\n"},
		upconv("run", "--layer", "luma", "--input", "none.png", "--output", "out.png"))
	for _, layer := range []string{"luma", "colours"} {
		got := upconv("run", "--layer", layer, "--input", "in.png", "--output", "out.jpg")
		require.Equal(t, 0, got.code, got.stderr)
		p, err := picture.ReadSamples(t.Context(), "out.jpg", 100, 0)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"luma": 1, "colours": 3}[layer], p.Channels)
	}
	got := upconv("run", "--layer", "two", "--input", "in.png", "--output", "out.png")
	require.Equal(t, outcome{2, "", "upconv: in.png: shape is [1, 4, 1, 1], the input of layer two must be [N, 2, H, W]\n"}, got)
}

func TestRunRefusesOtherFiles(t *testing.T) {
	inSpec(t)
	save(t, "x.npy", floats([]float32{1, 2, 3, 4}, 1, 1, 2, 2))
	run := func(layer string, more ...string) string {
		got := upconv(append([]string{"run", "--layer", layer, "--input", "x.npy", "--output", "z.npy"}, more...)...)
		require.Equal(t, 2, got.code)
		require.NoFileExists(t, "z.npy")
		return got.stderr
	}
	for _, c := range []struct {
		want  string
		layer string
		more  []string
	}{
		{"upconv: layer conv has weights: give --weights FILE\n", "conv", nil},
		{"upconv: layer near, a nearest, has no weights: leave out --weights\n", "near", []string{"--weights", "x.npy"}},
		{"upconv: layer near, a nearest, has no bias: leave out --bias\n", "near", []string{"--bias", "x.npy"}},
		{"upconv: layer conv, a conv, has no residual: leave out --residual\n", "conv", []string{"--weights", "x.npy", "--residual", "x.npy"}},
		{"upconv: layer unpool has indices to read: give --indices FILE\n", "unpool", nil},
		{"upconv: layer near, a nearest, has no indices to write: leave out --indices-output\n", "near", []string{"--indices-output", "i.npy"}},
		{"upconv: x.npy: element type is \"<f4\", wanted \"<i8\" (little-endian int64) or \"<i4\" (little-endian int32)\n", "unpool", []string{"--indices", "x.npy"}},
		{"upconv: conv_out: no such file or directory\n", "conv", []string{"--weights", "conv_out"}},
	} {
		require.Equal(t, c.want, run(c.layer, c.more...))
	}
	f, err := os.Create("i.npy")
	require.NoError(t, err)
	require.NoError(t, tensorio.EncodeIntegers(f, tensorio.Integers{Shape: []int{1, 1, 2, 2}, Data: []int64{0, 1, 1<<32 + 3, 3}}))
	require.NoError(t, f.Close())
	require.Equal(t, "upconv: index 2 is 4294967299; the output plane has 16 elements\n", run("unpool", "--indices", "i.npy"))
}
