package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const noLimit = 1 << 24

// write puts data into a new file.
func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, data, 0o666))
	return path
}

func encode(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// ramp has a different colour at each pixel.
func ramp(width, height int) *Picture {
	p := New(width, height)
	for i := range p.Pix {
		p.Pix[i] = float32(i*37%256) / 255
	}
	return p
}

func TestRoundTrip(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {1, 9}, {7, 1}, {13, 11}, {64, 48}} {
		p := ramp(size.X, size.Y)
		var b bytes.Buffer
		require.NoError(t, EncodePNG(t.Context(), &b, p.RGBA()))
		q, err := Read(t.Context(), write(t, "a.png", b.Bytes()), noLimit)
		require.NoError(t, err)
		require.Equal(t, p, q)
	}
}

func TestKindsOfPictures(t *testing.T) {
	rect := image.Rect(0, 0, 1, 1)
	grey := image.NewGray(rect)
	grey.SetGray(0, 0, color.Gray{51})
	glass := image.NewNRGBA(rect)
	glass.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 51})
	deep := image.NewNRGBA64(rect)
	deep.SetNRGBA64(0, 0, color.NRGBA64{0x1234, 0xffff, 0, 0xffff})
	indexed := image.NewPaletted(rect, color.Palette{color.Black, color.RGBA{0, 102, 204, 255}})
	indexed.SetColorIndex(0, 0, 1)
	for name, c := range map[string]struct {
		m    image.Image
		want [3]float32
	}{
		"grey":                  {grey, [3]float32{.2, .2, .2}},
		"transparent":           {image.NewNRGBA(rect), [3]float32{1, 1, 1}},
		"a fifth of red":        {glass, [3]float32{1, .8, .8}},
		"sixteen bits":          {deep, [3]float32{float32(0x1234) / 0xffff, 1, 0}},
		"from a palette":        {indexed, [3]float32{0, .4, .8}},
		"bounds off the origin": {image.NewGray(image.Rect(-5, 7, -4, 8)), [3]float32{0, 0, 0}},
	} {
		p, err := Read(t.Context(), write(t, "a.png", encode(t, c.m)), noLimit)
		require.NoError(t, err, name)
		require.InDeltaSlice(t, c.want[:], p.Pix, 1e-6, name)
	}
}

func TestJPEG(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 17, 5))
	for i := range m.Pix {
		m.Pix[i] = 200
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, nil))
	p, err := Read(t.Context(), write(t, "a.jpg", b.Bytes()), noLimit)
	require.NoError(t, err)
	require.Equal(t, []int{17, 5}, []int{p.Width, p.Height})
	for _, v := range p.Pix {
		require.InDelta(t, 200.0/255, v, 0.01)
	}
}

// bomb is a PNG header that promises a picture of the given size.
func bomb(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, width)
	chunk = binary.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	data := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	data = append(data, chunk...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(chunk))
}

func TestBadFiles(t *testing.T) {
	whole := encode(t, ramp(50, 50).RGBA())
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 0xff
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":       {nil, "not a PNG or JPEG picture"},
		"text":        {[]byte("a picture, honestly"), "not a PNG or JPEG picture"},
		"header only": {whole[:40], "the picture is damaged or cut short"},
		"half":        {whole[:len(whole)/2], "the picture is damaged or cut short"},
		"signature":   {whole[:8], "the picture is damaged or cut short"},
		"damaged":     {damaged, "the picture is damaged or cut short (png: invalid format: "},
		"bomb":        {bomb(60000, 60000), "the picture is too large: 60000 x 60000 pixels; the limit is 16777216, such as 4096 x 4096"},
		"overflow":    {bomb(math.MaxInt32, math.MaxInt32), ""},
		"no width":    {bomb(0, 5), ""},
	} {
		path := write(t, "bad.png", c.data)
		_, err := Read(t.Context(), path, noLimit)
		require.ErrorContains(t, err, c.want, name)
		require.ErrorContains(t, err, path, name)
	}
}

func TestLimitIsInclusive(t *testing.T) {
	path := write(t, "a.png", encode(t, ramp(10, 8).RGBA()))
	_, err := Read(t.Context(), path, 80)
	require.NoError(t, err)
	_, err = Read(t.Context(), path, 79)
	require.ErrorContains(t, err, "too large")
	require.ErrorContains(t, checkSize(0, 5, 80), "empty")
}

func TestReadNamesWhatItCannotOpen(t *testing.T) {
	dir := t.TempDir()
	_, err := Read(t.Context(), filepath.Join(dir, "absent.png"), noLimit)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "absent.png")
	_, err = Read(t.Context(), dir, noLimit)
	require.EqualError(t, err, dir+": is a directory")
}

func TestReadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Read(ctx, write(t, "a.png", encode(t, ramp(3, 3).RGBA())), noLimit)
	require.ErrorIs(t, err, context.Canceled)
}

func TestEncodeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b bytes.Buffer
	require.ErrorIs(t, EncodePNG(ctx, &b, ramp(9, 9).RGBA()), context.Canceled)
	require.Zero(t, b.Len())
}

func TestByte(t *testing.T) {
	for v, want := range map[float32]uint8{
		-1: 0, 0: 0, 1: 255, 2: 255, 0.5: 128, 1.0 / 255: 1, 0.0019: 0, 0.002: 1,
		float32(math.Inf(1)): 255, float32(math.Inf(-1)): 0,
	} {
		require.Equal(t, want, Byte(v), "%v", v)
	}
	require.Zero(t, Byte(float32(math.NaN())))
}

func TestCrop(t *testing.T) {
	p := ramp(5, 4)
	q := p.Crop(image.Rect(1, 2, 4, 9))
	require.Equal(t, []int{3, 2}, []int{q.Width, q.Height})
	for y := range 2 {
		for x := range 3 {
			require.Equal(t, p.At(x+1, y+2), q.At(x, y))
		}
	}
}
