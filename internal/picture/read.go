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

// Read decodes the PNG or JPEG file at path. Its header is checked first, so
// that a small file cannot ask for more than maxPixels. Every error names the
// file. JPEG orientation tags are not applied.
func Read(ctx context.Context, path string, maxPixels int) (*Picture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &watchedReader{ctx: ctx, r: f}
	p, err := decode(r, maxPixels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(r.failed, err))
	}
	return p, nil
}

// decode reads the header, checks the size and decodes the whole.
func decode(r io.Reader, maxPixels int) (*Picture, error) {
	var head bytes.Buffer
	c, _, err := image.DecodeConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, err
	}
	if err := checkSize(c.Width, c.Height, maxPixels); err != nil {
		return nil, err
	}
	m, _, err := image.Decode(io.MultiReader(&head, r))
	if err != nil {
		return nil, err
	}
	return FromImage(m), nil
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
