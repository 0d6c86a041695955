package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
)

// Read decodes the PNG or JPEG file at path. Its header is checked first: it cannot
// ask for more than maxPixels, nor for more than so long a file can hold. Every error
// names the file. JPEG orientation tags are not applied.
func Read(ctx context.Context, path string, maxPixels int) (*Picture, error) {
	m, err := readImage(ctx, path, maxPixels)
	if err != nil {
		return nil, err
	}
	return FromImage(m), nil
}

// readImage is Read before the conversion.
func readImage(ctx context.Context, path string, maxPixels int) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err, err))
	}
	defer f.Close()
	r := &watchedReader{ctx: ctx, r: f}
	m, err := decode(r, sizeOf(f), maxPixels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(r.failed, err))
	}
	return m, nil
}

// pixelsPerByte is more than either format gets into a byte: a bit a pixel, of which
// deflate packs no more than 1032 bytes into one, or a bit for a block of 64, whose
// samples stand for up to 16 pixels each.
const pixelsPerByte = 8 * 1032

// sizeOf is the number of bytes of a file, or none where that is not known.
func sizeOf(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return math.MaxInt64
	}
	return info.Size()
}

// decode reads the header, checks the picture's size and decodes the whole, of size
// bytes.
func decode(r io.Reader, size int64, maxPixels int) (image.Image, error) {
	var head bytes.Buffer
	c, _, err := image.DecodeConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, err
	}
	if err := checkSize(c.Width, c.Height, maxPixels); err != nil {
		return nil, err
	}
	if int64(c.Width)*int64(c.Height)/pixelsPerByte > size {
		return nil, fmt.Errorf("%d x %d pixels in %d bytes: %w", c.Width, c.Height, size, io.ErrUnexpectedEOF)
	}
	m, _, err := image.Decode(io.MultiReader(&head, r))
	if err != nil {
		return nil, err
	}
	return m, nil
}

// checkSize refuses empty pictures and those of more than maxPixels.
func checkSize(width, height, maxPixels int) error {
	if width <= 0 || height <= 0 {
		return fmt.Errorf("the picture is empty: %d x %d pixels", width, height)
	}
	if width > maxPixels/height {
		side := int(math.Sqrt(float64(maxPixels)))
		return fmt.Errorf("the picture is too large: %d x %d pixels; the limit is %d, such as %d x %d",
			width, height, maxPixels, side, side)
	}
	return nil
}

// cause says what a decoder's error means to the owner of the file. Decoders
// hide a failure to read behind errors of their own, so failed comes first.
func cause(failed, err error) error {
	var pathError *os.PathError
	var badPNG png.FormatError
	var badJPEG jpeg.FormatError
	switch {
	case errors.As(failed, &pathError):
		return pathError.Err // the path is already in front
	case failed != nil:
		return failed
	case errors.Is(err, image.ErrFormat):
		return errors.New("not a PNG or JPEG picture")
	case errors.As(err, &badPNG), errors.As(err, &badJPEG), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("the picture is damaged or cut short (%w)", err)
	}
	return err
}

// watchedReader stops a decoder when ctx is cancelled, and keeps the error that
// reading ended with, if it is not the end of the file.
type watchedReader struct {
	ctx    context.Context
	r      io.Reader
	failed error
}

func (w *watchedReader) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		w.failed = err
		return 0, err
	}
	n, err := w.r.Read(b)
	if err != nil && err != io.EOF {
		w.failed = err
	}
	return n, err
}
