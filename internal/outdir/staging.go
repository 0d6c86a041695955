package outdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
)

// Staging collects files, such as results, that are put in place together. They need
// not be generated ones. It belongs to one goroutine.
type Staging struct {
	session
	folders map[string]folder
	edits   []*edit
}

// NewStaging returns an empty one; end it with Commit or Discard.
func NewStaging() *Staging { return newStaging(system{}) }

func newStaging(d disk) *Staging {
	return &Staging{session: session{disk: d}, folders: map[string]folder{}}
}

// MakeFolder creates a folder, and those above it, where they are missing; Discard
// takes them away again.
func (s *Staging) MakeFolder(path string) error {
	if err := s.makeAll(path, s.disk.Mkdir, s.disk.Stat, ""); err != nil {
		return because(path, err)
	}
	return nil
}

// Add writes the content of a file under a temporary name in its folder, which is
// there. It refuses a path that is taken by anything but a regular file, or twice.
func (s *Staging) Add(path string, write func(io.Writer) error) error {
	e, err := s.edit(path)
	if err != nil {
		return err
	}
	if err := e.stage(write); err != nil {
		return because(path, err)
	}
	s.edits = append(s.edits, e)
	return nil
}

// Commit gives all files their names, or after a failure leaves all old ones, and
// returns the paths in the order of Add.
func (s *Staging) Commit() ([]string, error) {
	defer s.Discard()
	if err := replace(s.edits); err != nil {
		return nil, err
	}
	s.created = nil
	var paths []string
	for _, e := range s.edits {
		paths = append(paths, e.path())
	}
	return paths, nil
}

// Discard removes what was added and not committed; after Commit it does nothing.
func (s *Staging) Discard() {
	discard(s.edits)
	s.removeCreated()
	s.close()
	s.edits, s.folders = nil, map[string]folder{}
}

// edit says what Commit will do at path.
func (s *Staging) edit(path string) (*edit, error) {
	dir, err := s.folder(path)
	if err != nil {
		return nil, err
	}
	e := &edit{kind: Stale, dir: dir, parent: filepath.Dir(path), name: filepath.Base(path)}
	info, err := dir.Lstat(e.name)
	switch {
	case s.has(e):
		return nil, fmt.Errorf("%s: is to hold two results", path)
	case errors.Is(err, fs.ErrNotExist):
		e.kind = Missing
	case err != nil:
		return nil, because(path, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is %s, wanted a file", path, describe(info.Mode()))
	}
	return e, nil
}

func (s *Staging) has(e *edit) bool {
	return slices.ContainsFunc(s.edits, func(o *edit) bool { return o.dir == e.dir && o.name == e.name })
}

// folder opens the folder that holds path, once.
func (s *Staging) folder(path string) (folder, error) {
	parent := filepath.Dir(path)
	if dir, ok := s.folders[parent]; ok {
		return dir, nil
	}
	if info, err := s.disk.Stat(parent); err != nil {
		return nil, because(path, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s: %s is not a folder", path, parent)
	}
	dir, err := s.disk.OpenRoot(parent)
	if err != nil {
		return nil, because(path, err)
	}
	s.opened = append(s.opened, dir)
	s.folders[parent] = dir
	return dir, nil
}

// WriteFile writes one file: path holds the old content or all of the new. It refuses
// to replace anything but a regular file.
func WriteFile(path string, write func(io.Writer) error) error {
	s := NewStaging()
	defer s.Discard()
	if err := s.Add(path, write); err != nil {
		return err
	}
	_, err := s.Commit()
	return err
}

// Replaceable reports why Add would refuse path: it is a symbolic link, a folder or a
// device, or the folder that should hold it is missing.
func Replaceable(path string) error {
	s := NewStaging()
	defer s.Discard()
	_, err := s.edit(path)
	return err
}
