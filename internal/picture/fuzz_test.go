package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Memory that reading a picture may take: what the decoders need in any case, and for
// each pixel that the header may claim: coefficients and samples of four components,
// and three planes.
const (
	decoderBytes  = 4 << 20
	bytesPerPixel = 48
)

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// claim puts a size into the header of a PNG or JPEG file.
func claim(file []byte, width, height uint32) []byte {
	out := bytes.Clone(file)
	if bytes.HasPrefix(out, []byte("\x89PNG")) {
		binary.BigEndian.PutUint32(out[16:], width)
		binary.BigEndian.PutUint32(out[20:], height)
		binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
		return out
	}
	at := bytes.Index(out, []byte{0xff, 0xc0}) // start of the frame
	binary.BigEndian.PutUint16(out[at+5:], uint16(height))
	binary.BigEndian.PutUint16(out[at+7:], uint16(width))
	return out
}

// small are valid files.
func small(t testing.TB) [][]byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 9, 5))
	m.Set(3, 3, color.RGBA{200, 100, 50, 255})
	var p, j, g bytes.Buffer
	require.NoError(t, EncodePNG(t.Context(), &p, m))
	require.NoError(t, jpeg.Encode(&j, m, nil))
	require.NoError(t, jpeg.Encode(&g, image.NewGray(m.Bounds()), nil))
	return [][]byte{p.Bytes(), j.Bytes(), g.Bytes()}
}

// TestClaimedSizesTakeNoMemory: whatever size the header claims, memory is bounded by
// the length of the file.
func TestClaimedSizesTakeNoMemory(t *testing.T) {
	for _, file := range small(t) {
		for _, size := range [][2]uint32{{1, 1}, {300, 200}, {1 << 13, 1 << 13}, {1<<16 - 1, 1<<16 - 1}, {1, 1<<16 - 1}, {1<<16 - 1, 1}, {1<<31 - 1, 1<<31 - 1}} {
			hostile := claim(file, size[0], size[1])
			used := allocated(func() {
				p, err := decode(bytes.NewReader(hostile), int64(len(hostile)), 1<<30)
				if err != nil {
					require.Nil(t, p)
				}
			})
			require.Less(t, used, uint64(decoderBytes+bytesPerPixel*pixelsPerByte*len(hostile)), "%v in %d bytes", size, len(hostile))
		}
		_, err := decode(bytes.NewReader(claim(file, 1<<13, 1<<13)), int64(len(file)), 1<<30)
		require.ErrorContains(t, err, "8192 x 8192 pixels in ")
	}
}

// FuzzRead: no file panics, takes more memory than its length and the limit allow, or
// gives a picture of another size than its header says.
func FuzzRead(f *testing.F) {
	for _, file := range small(f) {
		f.Add(file)
		f.Add(file[:len(file)/2])
		f.Add(claim(file, 40, 30))
		f.Add(claim(file, 1<<13, 1<<13))
	}
	const most = 1 << 16
	f.Fuzz(func(t *testing.T, file []byte) {
		var m image.Image
		var p *Samples
		var err error
		used := allocated(func() {
			if m, err = decode(bytes.NewReader(file), int64(len(file)), most); err == nil {
				p = sample(m, channelsOf(m))
			}
		})
		require.Less(t, used, uint64(decoderBytes+bytesPerPixel*min(most, pixelsPerByte*len(file))+4*len(file)))
		if err != nil {
			require.Nil(t, m)
			return
		}
		c, _, err := image.DecodeConfig(bytes.NewReader(file))
		require.NoError(t, err)
		require.Equal(t, []int{c.Width, c.Height}, []int{p.Width, p.Height})
		require.Len(t, p.Pix, p.Channels*p.Width*p.Height)
		require.LessOrEqual(t, p.Width*p.Height, most)
		for _, v := range p.Pix {
			require.True(t, v >= 0 && v <= 1)
		}
	})
}
