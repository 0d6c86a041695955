package demo

import (
	"context"
	"fmt"
	"image"

	"github.com/upconv/upconv/internal/picture"
)

// session is one run: what it works on and what it has found so far.
type session struct {
	source source
	models []model
	files  *picture.Staging
	note   *progress

	scratch [3]*picture.Picture // results by doublings, which the models reuse

	names   []string   // files staged
	rows    []measured // for the printed table
	columns []column   // for the contact sheet
}

// run makes all pictures and stages them.
func (s *session) run(ctx context.Context) error {
	if err := s.keep(ctx, "input.png", s.source.Picture); err != nil {
		return err
	}
	s.columns = append(s.columns, view(s.source, s.source.Picture, 1))
	for _, m := range s.models {
		if err := s.enlarge(ctx, m); err != nil {
			return err
		}
	}
	s.note.step("drawing the contact sheet")
	sheet, err := drawSheet(s.source, s.columns, s.models)
	if err != nil {
		return err
	}
	return s.add(ctx, "contact-sheet.png", sheet)
}

// enlarge doubles the picture twice with one model.
func (s *session) enlarge(ctx context.Context, m model) error {
	p := s.source.Picture
	for times := 1; times <= 2; times++ {
		result := fmt.Sprintf("%s x%d", m.name, 1<<times)
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
		if err := s.keep(ctx, fmt.Sprintf("%s-x%d.png", m.name, 1<<times), q); err != nil {
			return err
		}
		c := view(s.source, q, 1<<times)
		c.model, c.times = &m, times
		s.columns = append(s.columns, c)
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
	return s.files.Add(ctx, name, m)
}
