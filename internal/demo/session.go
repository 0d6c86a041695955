package demo

import (
	"context"
	"fmt"
	"image"
	"io"
	"path/filepath"

	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/internal/picture"
)

// session is one run: what it works on and what it has found so far.
type session struct {
	source source
	models []model
	out    string // folder of the results
	files  *outdir.Staging
	note   *progress

	scratch [3]*picture.Picture // results by doublings, which the models reuse

	names   []string   // files staged
	rows    []measured // for the printed table
	columns []column   // for the contact sheet: the picture, then one for each method
}

// run makes all pictures and stages them.
func (s *session) run(ctx context.Context) error {
	if err := s.keep(ctx, "input.png", s.source.Picture); err != nil {
		return err
	}
	s.columns = append(s.columns, view(s.source, s.source.Picture, nil))
	for _, m := range s.models {
		if err := s.enlarge(ctx, m); err != nil {
			return err
		}
	}
	s.note.step("drawing the contact sheet")
	sheet, err := drawSheet(s.source, s.columns)
	if err != nil {
		return err
	}
	return s.add(ctx, "contact-sheet.png", sheet)
}

// enlarge applies one model, twice if it doubles.
func (s *session) enlarge(ctx context.Context, m model) error {
	p := s.source.Picture
	for times := 1; times <= 2; times++ {
		result, file := fmt.Sprintf("%s x%d", m.name, 1<<times), fmt.Sprintf("%s-x%d.png", m.name, 1<<times)
		if !m.doubles() {
			result, file = m.name, m.name+".png"
		}
		s.note.step("computing " + result)
		if err := ctx.Err(); err != nil {
			return err
		}
		q, row, err := m.double(p, s.scratch[times])
		if err != nil {
			return fmt.Errorf("%s: %w", result, err)
		}
		s.scratch[times] = q
		row.result = result
		s.rows = append(s.rows, row)
		if err := s.keep(ctx, file, q); err != nil {
			return err
		}
		if times == 1 {
			s.columns = append(s.columns, view(s.source, q, &m))
		}
		if !m.doubles() {
			return nil
		}
		p = q
	}
	return nil
}

// keep stages one picture.
func (s *session) keep(ctx context.Context, name string, p *picture.Picture) error {
	s.note.step("writing " + name)
	return s.add(ctx, name, p.RGBA())
}

func (s *session) add(ctx context.Context, name string, m image.Image) error {
	s.names = append(s.names, name)
	return s.files.Add(filepath.Join(s.out, name), func(w io.Writer) error { return picture.EncodePNG(ctx, w, m) })
}
