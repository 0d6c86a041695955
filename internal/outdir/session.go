package outdir

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// opener opens the folder that holds a target's files.
type opener func(base *os.Root, sub string) (folder, error)

func openRoot(base *os.Root, sub string) (folder, error) { return base.OpenRoot(sub) }

// session holds the folders of one Write: open, locked against other
// generators where the system can, and with the folders it had to create.
type session struct {
	open    opener
	opened  []folder
	locks   []*os.File
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
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	if errA == nil && errB == nil {
		a, b = absA, absB
	}
	return bytes.Compare([]byte(a), []byte(b))
}

// enter creates, opens and locks the folder of a target.
func (s *session) enter(t Target) (folder, error) {
	if err := s.makeAll(t.Base, os.Mkdir, os.Stat, ""); err != nil {
		return nil, because(t.Base, err)
	}
	base, err := os.OpenRoot(t.Base)
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
	dir, err := s.open(base, sub)
	if err != nil {
		return nil, because(t.Path(), err)
	}
	s.opened = append(s.opened, dir)
	if s.lock(dir) {
		removeLeftovers(dir, t.Mark)
	}
	return dir, nil
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
		os.Remove(path)
	}
}

// lock waits until no other generator writes to dir. It reports false where the
// system has no such lock.
func (s *session) lock(dir folder) bool {
	f, err := dir.Open(".")
	if err != nil {
		return false
	}
	s.locks = append(s.locks, f)
	return lockFile(f)
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
}

// removeLeftovers removes the temporary files of a generator that was killed:
// they have a temporary name and hold the beginning of a generated file.
func removeLeftovers(dir folder, mark string) {
	entries, err := readFolder(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && isTemp(entry.Name()) && beginsLike(dir, entry.Name(), mark) {
			dir.Remove(entry.Name())
		}
	}
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
