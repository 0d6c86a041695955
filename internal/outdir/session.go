package outdir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// session holds the folders of one Write: open, locked against other
// generators where the system can, and with the folders it had to create.
type session struct {
	disk    disk
	opened  []folder
	infos   []fs.FileInfo // of the folders that targets want
	locks   []file
	created []string // paths, outermost first
}

// prepare opens and locks every folder and compares again under the locks: the
// first comparison made sure of success before anything was created.
func (s *session) prepare(targets []Target) ([]*edit, error) {
	ordered := slices.Clone(targets)
	slices.SortFunc(ordered, func(a, b Target) int { return comparePaths(a.Path(), b.Path()) })
	var edits []*edit
	for _, t := range ordered {
		dir, err := s.enter(t)
		if err != nil {
			return nil, err
		}
		more, err := t.compareWith(dir)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	return edits, nil
}

// comparePaths orders folders alike in every process, so that two generators
// that want the same folders cannot wait for each other.
func comparePaths(a, b string) int {
	return strings.Compare(realPath(a), realPath(b))
}

// realPath is the absolute path without symbolic links, as far as there is one.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	for p := path; ; p = filepath.Dir(p) {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			return real + path[len(p):]
		}
		if p == filepath.Dir(p) {
			return path
		}
	}
}

// enter creates, opens and locks the folder of a target.
func (s *session) enter(t Target) (folder, error) {
	if err := s.makeAll(t.Base, s.disk.Mkdir, s.disk.Stat, ""); err != nil {
		return nil, because(t.Base, err)
	}
	base, err := s.disk.OpenRoot(t.Base)
	if err != nil {
		return nil, because(t.Base, err)
	}
	defer base.Close()
	sub := filepath.Clean(filepath.FromSlash(t.Sub))
	if err := t.checkElements(base); err != nil {
		return nil, err
	}
	if err := s.makeAll(sub, base.Mkdir, base.Lstat, t.Base); err != nil {
		return nil, because(t.Path(), err)
	}
	dir, err := base.OpenRoot(sub)
	if err != nil {
		return nil, because(t.Path(), err)
	}
	s.opened = append(s.opened, dir)
	if err := s.checkNew(dir, t); err != nil {
		return nil, err
	}
	f, err := dir.Open(".")
	if err != nil {
		return nil, because(t.Path(), err)
	}
	s.locks = append(s.locks, f)
	if f.Lock() { // waits until no other generator writes here
		removeLeftovers(dir, t.Mark)
	}
	return dir, nil
}

// checkNew refuses a folder that is open already under another path, by a symbolic
// link above it: waiting for its lock would never end.
func (s *session) checkNew(dir folder, t Target) error {
	info, err := dir.Lstat(".")
	if err != nil {
		return because(t.Path(), err)
	}
	for _, known := range s.infos {
		if os.SameFile(known, info) {
			return fmt.Errorf("%s: two sets of generated files want this folder", t.Path())
		}
	}
	s.infos = append(s.infos, info)
	return nil
}

// makeAll creates a folder and the folders above it, and remembers which.
func (s *session) makeAll(path string, mkdir func(string, fs.FileMode) error, stat func(string) (fs.FileInfo, error), above string) error {
	if _, err := stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if parent := filepath.Dir(path); parent != path {
		if err := s.makeAll(parent, mkdir, stat, above); err != nil {
			return err
		}
	}
	err := mkdir(path, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil // another generator was faster
	}
	if err == nil {
		s.created = append(s.created, filepath.Join(above, path))
	}
	return err
}

// removeCreated removes the folders that were created, if they are empty.
func (s *session) removeCreated() {
	for _, path := range slices.Backward(s.created) {
		s.disk.Remove(path)
	}
	s.created = nil
}

// sync asks the system to put the renames on the disk; not every system can
// sync a folder, and the files themselves already are there.
func (s *session) sync() {
	for _, f := range s.locks {
		f.Sync()
	}
}

func (s *session) close() {
	for _, f := range s.locks {
		f.Close()
	}
	for _, d := range s.opened {
		d.Close()
	}
	s.locks, s.opened = nil, nil
}

// interrupted reports whether a generator was killed in one of the folders, or is at
// work there.
func interrupted(d disk, targets []Target) bool {
	for _, t := range targets {
		dir, err := d.OpenRoot(t.Path())
		if err != nil {
			continue
		}
		found := leftovers(dir, t.Mark)
		dir.Close()
		if len(found) > 0 {
			return true
		}
	}
	return false
}

// removeLeftovers removes the temporary files of a generator that was killed.
func removeLeftovers(dir folder, mark string) {
	for _, name := range leftovers(dir, mark) {
		dir.Remove(name)
	}
}

// leftovers are the files that have a temporary name and hold the beginning of a
// generated file.
func leftovers(dir folder, mark string) (names []string) {
	entries, err := readFolder(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && isTemp(entry.Name()) && beginsLike(dir, entry.Name(), mark) {
			names = append(names, entry.Name())
		}
	}
	return names
}

// beginsLike reports whether a file begins with mark or ends within it.
func beginsLike(dir folder, name, mark string) bool {
	f, err := dir.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	begin, err := io.ReadAll(io.LimitReader(f, int64(len(mark))))
	return err == nil && bytes.HasPrefix([]byte(mark), begin)
}
