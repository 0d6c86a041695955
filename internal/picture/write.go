package picture

import (
	"context"
	"image"
	"image/png"
	"io"
)

// EncodePNG writes m as a PNG file. Cancelling ctx stops it.
func EncodePNG(ctx context.Context, w io.Writer, m image.Image) error {
	return png.Encode(cancelWriter{ctx, w}, m)
}

// cancelWriter stops an encoder when ctx is cancelled.
type cancelWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c cancelWriter) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}
