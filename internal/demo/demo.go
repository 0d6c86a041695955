// Package demo enlarges a picture in the five ways that networks do - nearest,
// bilinear, bed of nails, max-unpooling, transposed convolution - and writes what they
// made of it: one PNG file per result and a contact sheet that also shows the
// checkerboard, its cause and its cure. Then it prints the worked examples.
package demo

import (
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"

	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/runtime"
)

const (
	// DefaultOut is the folder written to where Options.Out is empty.
	DefaultOut = "upconv-demo"
	// MaxOutputPixels bounds the largest result, the picture four times as
	// wide and four times as high.
	MaxOutputPixels = 64 << 20
)

// Options are the flags of the demo; their zero value is a useful run.
type Options struct {
	In      string // PNG or JPEG file; empty: the sample that the project renders
	Out     string // folder for the results, created where missing; empty: DefaultOut
	Threads int    // goroutines a layer uses; 0: the runtime's choice
	ISA     string // kernel path to force, such as "generic"; empty: the best
}

// Run is the demo. Results go to files and stdout; stderr gets a progress line
// if it is a terminal and the run takes more than a second. All pictures are
// written or, after an error or a cancelled ctx, none.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	if o.Out == "" {
		o.Out = DefaultOut
	}
	note := startProgress(stderr)
	defer note.stop()
	note.step("reading the picture")
	src, err := load(ctx, o.In)
	if err != nil {
		return err
	}
	models, err := build(methods(sizeOf(src.Picture)), o.ISA, o.runtimeOptions())
	if err != nil {
		return err
	}
	files := outdir.NewStaging()
	defer files.Discard()
	if err := files.MakeFolder(o.Out); err != nil {
		return err
	}
	s := &session{source: src, models: models, out: o.Out, files: files, note: note}
	if err := s.run(ctx); err != nil {
		return err
	}
	if err := keepInput(o, s.names); err != nil {
		return err
	}
	written, err := files.Commit()
	if err != nil {
		return err
	}
	note.stop()
	return s.print(stdout, written)
}

// runtimeOptions translates the flags for the runtime.
func (o Options) runtimeOptions() []runtime.Option {
	var list []runtime.Option
	if o.Threads > 0 {
		list = append(list, runtime.WithThreads(o.Threads))
	}
	return list
}

// source is the picture to enlarge and the part of it to look at closely.
type source struct {
	*picture.Picture
	name  string // for people: the file's name
	focus image.Rectangle
}

// load reads the file, or renders the sample where path is empty.
func load(ctx context.Context, path string) (source, error) {
	if path == "" {
		p, err := picture.Sample()
		if err != nil {
			return source{}, err
		}
		return source{p, "the project's sample", focus(p, picture.SampleFocus())}, nil
	}
	p, err := picture.Read(ctx, path, MaxOutputPixels/16)
	if err != nil {
		return source{}, err
	}
	return source{p, filepath.Base(path), focus(p, image.Pt(p.Width/2, p.Height/2))}, nil
}

// The part looked at closely, in input pixels.
const focusWidth, focusHeight = 24, 16

// focus is that part around center, moved to lie inside the picture and
// smaller where the picture is.
func focus(p *picture.Picture, center image.Point) image.Rectangle {
	w, h := min(focusWidth, p.Width), min(focusHeight, p.Height)
	x := max(0, min(center.X-w/2, p.Width-w))
	y := max(0, min(center.Y-h/2, p.Height-h))
	return image.Rect(x, y, x+w, y+h)
}

// keepInput refuses to replace the picture that was read by one of the results.
func keepInput(o Options, names []string) error {
	if o.In == "" {
		return nil
	}
	in, err := os.Stat(o.In)
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(o.Out, name)
		if old, err := os.Stat(path); err == nil && os.SameFile(in, old) {
			return fmt.Errorf("%s: the picture would be replaced by a result; choose another --out folder", path)
		}
	}
	return nil
}
