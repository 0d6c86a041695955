package main

import (
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/internal/tensorio"
	"github.com/upconv/upconv/specs"
)

const (
	maxPixels   = 1 << 26 // of a picture that is read
	jpegQuality = 95
)

// isPicture reports a file name of a picture.
func isPicture(path string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(path)))
}

// foreign reports a name of a picture of a kind that is not written.
func foreign(path string) error {
	if slices.Contains([]string{".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif"}, strings.ToLower(filepath.Ext(path))) {
		return fmt.Errorf("%s: pictures are .png, .jpg or .jpeg", path)
	}
	return nil
}

// readArray reads a .npy file, or a picture as one image: with so many channels, or, for
// a number that pictures do not have, with its own.
func readArray(ctx context.Context, l specs.Layer, path string, channels int) (array, error) {
	if !isPicture(path) {
		a, err := tensorio.Read(path)
		return array{Array: a, path: path}, err
	}
	p, err := picture.ReadSamples(ctx, path, maxPixels, channels)
	if err != nil {
		return array{}, err
	}
	data := p.Pix
	if l.Layout == specs.NHWC {
		data = interleaved(p)
	}
	return array{tensorio.Array{Shape: l.Layout.Shape(1, p.Channels, p.Height, p.Width), Data: data}, path, p.Deep}, nil
}

// interleaved puts the channels of each pixel together.
func interleaved(p *picture.Samples) []float32 {
	data, plane := make([]float32, len(p.Pix)), p.Width*p.Height
	for i, v := range p.Pix {
		data[i%plane*p.Channels+i/plane] = v
	}
	return data
}

// pictureOf makes a picture of one image of 1, 3 or 4 channels.
func pictureOf(l specs.Layer, a tensorio.Array) (*picture.Samples, error) {
	batch, channels, sizes := l.Layout.Parts(slices.Clone(a.Shape))
	if batch != 1 || !slices.Contains([]int{1, 3, 4}, channels) || len(sizes) != 2 {
		return nil, fmt.Errorf("a picture is one image of 1, 3 or 4 channels and two axes; the output is %s", shapeText(a.Shape))
	}
	p := &picture.Samples{Channels: channels, Width: sizes[1], Height: sizes[0], Pix: a.Data}
	if l.Layout == specs.NHWC {
		p.Pix = make([]float32, len(a.Data))
		for i, v := range a.Data {
			p.Pix[i%channels*p.Width*p.Height+i/channels] = v
		}
	}
	return p, nil
}

// encodePicture writes the kind of picture that the name asks for.
func encodePicture(w io.Writer, path string, p *picture.Samples) error {
	switch {
	case strings.ToLower(filepath.Ext(path)) == ".png":
		return png.Encode(w, p.Image())
	case p.Channels == 4:
		return errors.New("a JPEG picture has no fourth channel, for what is transparent; write a .png, or in_channels: 3 in the spec")
	case max(p.Width, p.Height) >= 1<<16:
		return errors.New("a JPEG picture has at most 65535 pixels a side")
	}
	p.Deep = false
	return jpeg.Encode(w, p.Image(), &jpeg.Options{Quality: jpegQuality})
}
