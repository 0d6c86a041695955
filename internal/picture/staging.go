package picture

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Staging collects PNG files under temporary names in their folder and gives
// them their own names together, once all are complete. It belongs to one
// goroutine.
type Staging struct {
	dir   string
	files []staged
}

type staged struct{ temp, final string }

// Stage creates the folder where it is missing.
func Stage(dir string) (*Staging, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return &Staging{dir: dir}, nil
}

// Add encodes m for the file name in the folder. Cancelling ctx stops it.
func (s *Staging) Add(ctx context.Context, name string, m image.Image) error {
	temp := filepath.Join(s.dir, fmt.Sprintf(".%s.%016x.tmp", name, rand.Uint64()))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	s.files = append(s.files, staged{temp, filepath.Join(s.dir, name)})
	err = png.Encode(cancelWriter{ctx, f}, m)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Join(s.dir, name), err)
	}
	return nil
}

// Commit gives every file its own name and returns those names in the order of
// Add. After an error the remaining temporary files are gone.
func (s *Staging) Commit() ([]string, error) {
	defer s.Discard()
	var names []string
	for len(s.files) > 0 {
		f := s.files[0]
		if err := os.Rename(f.temp, f.final); err != nil {
			return names, err
		}
		names = append(names, f.final)
		s.files = s.files[1:]
	}
	return names, nil
}

// Discard removes what was added and not committed; after Commit it does
// nothing.
func (s *Staging) Discard() {
	for _, f := range s.files {
		os.Remove(f.temp)
	}
	s.files = nil
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
