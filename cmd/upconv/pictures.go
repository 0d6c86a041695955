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

// readArray reads a .npy file, or a picture as one image of three channels.
func readArray(ctx context.Context, l specs.Layer, path string) (tensorio.Array, error) {
	if !isPicture(path) {
		return tensorio.Read(path)
	}
	p, err := picture.Read(ctx, path, maxPixels)
	if err != nil {
		return tensorio.Array{}, err
	}
	data := p.Pix
	if l.Layout == specs.NHWC {
		data = make([]float32, len(p.Pix))
		for i, v := range p.Pix {
			plane := p.Width * p.Height
			data[i%plane*picture.Channels+i/plane] = v
		}
	}
	return tensorio.Array{Shape: l.Layout.Shape(1, picture.Channels, p.Height, p.Width), Data: data}, nil
}

// pictureOf makes a picture of one image of three channels.
func pictureOf(l specs.Layer, a tensorio.Array) (*picture.Picture, error) {
	batch, channels, sizes := l.Layout.Parts(slices.Clone(a.Shape))
	if batch != 1 || channels != picture.Channels || len(sizes) != 2 {
		return nil, fmt.Errorf("a picture is one image of %d channels and two axes; the output is %s", picture.Channels, shapeText(a.Shape))
	}
	p := picture.New(sizes[1], sizes[0])
	plane := sizes[0] * sizes[1]
	for i := range p.Pix {
		if l.Layout == specs.NHWC {
			p.Pix[i] = a.Data[i%plane*picture.Channels+i/plane]
		} else {
			p.Pix[i] = a.Data[i]
		}
	}
	return p, nil
}

// encodePicture writes the kind of picture that the name asks for.
func encodePicture(w io.Writer, path string, p *picture.Picture) error {
	if strings.ToLower(filepath.Ext(path)) == ".png" {
		return png.Encode(w, p.RGBA())
	}
	if max(p.Width, p.Height) >= 1<<16 {
		return errors.New("a JPEG picture has at most 65535 pixels a side")
	}
	return jpeg.Encode(w, p.RGBA(), &jpeg.Options{Quality: jpegQuality})
}
