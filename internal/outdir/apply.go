package outdir

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// apply stages every new content, then puts all of it in place.
func apply(edits []*edit) error {
	defer discard(edits)
	for _, e := range edits {
		if e.kind == Orphaned {
			continue
		}
		if err := e.stage(whole(e.data)); err != nil {
			return because(e.path(), err)
		}
	}
	return replace(edits)
}

func whole(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// replace puts what is staged in place, all of it or nothing. Old contents that may
// have to come back are copied first: then that takes no more room on the disk.
func replace(edits []*edit) error {
	for i, e := range edits {
		if e.kind != Stale || i == len(edits)-1 {
			continue // the last one either is in place or nothing was changed
		}
		if err := e.backUp(); err != nil {
			return because(e.path(), err)
		}
	}
	for i, e := range edits {
		if err := e.commit(); err != nil {
			return errors.Join(because(e.path(), err), undo(edits[:i]))
		}
	}
	return nil
}

// edit is one file that has to change.
type edit struct {
	kind   Kind
	dir    folder
	parent string // path of dir, for messages
	name   string
	before []byte // the content of a generated file that is there
	data   []byte // the new content, where it is not staged at once
	staged string // temporary name of the new content; "" before and after
	old    string // temporary name of the old content; "" where there is none
}

func (e *edit) path() string { return filepath.Join(e.parent, e.name) }

// stage writes the new content to a temporary file, and waits until it is on the disk.
func (e *edit) stage(write func(io.Writer) error) (err error) {
	e.staged, err = temporary(e.dir, func(f file) error {
		if err := write(f); err != nil {
			return err
		}
		return f.Sync()
	})
	return err
}

// backUp copies the old content with its mode and time.
func (e *edit) backUp() (err error) {
	from, err := e.dir.Open(e.name)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	e.old, err = temporary(e.dir, func(f file) error {
		_, err := io.Copy(f, from)
		return err
	})
	if err == nil {
		err = e.dir.Chmod(e.old, info.Mode().Perm())
	}
	if err == nil {
		err = e.dir.Chtimes(e.old, info.ModTime(), info.ModTime())
	}
	return err
}

// temporary fills a new file and returns its name. After a failure it is not there.
func temporary(dir folder, fill func(file) error) (string, error) {
	name := tempName()
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	err = fill(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		dir.Remove(name)
		return "", err
	}
	return name, nil
}

// Temporary names begin with a dot, so that the go tool never compiles one.
const tempPrefix, tempSuffix = ".upconv-", ".tmp"

func tempName() string {
	return fmt.Sprintf("%s%016x%s", tempPrefix, rand.Uint64(), tempSuffix)
}

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}

// commit puts the new content in place, or takes an orphan away.
func (e *edit) commit() error {
	if e.kind == Orphaned {
		temp := tempName()
		if err := e.dir.Rename(e.name, temp); err != nil {
			return err
		}
		e.old = temp
		return nil
	}
	if err := e.dir.Rename(e.staged, e.name); err != nil {
		return err
	}
	e.staged = ""
	return nil
}

// undo puts back what the edits changed, the last one first.
func undo(edits []*edit) error {
	var errs []error
	for _, e := range slices.Backward(edits) {
		if err := e.undo(); err != nil {
			errs = append(errs, fmt.Errorf("the old file could not be put back: %w", because(e.path(), err)))
		}
	}
	return errors.Join(errs...)
}

func (e *edit) undo() error {
	if e.kind == Missing {
		return e.dir.Remove(e.name)
	}
	if err := e.dir.Rename(e.old, e.name); err != nil {
		return err
	}
	e.old = ""
	return nil
}

// discard removes every temporary file.
func discard(edits []*edit) {
	for _, e := range edits {
		for _, name := range []string{e.staged, e.old} {
			if name != "" {
				e.dir.Remove(name)
			}
		}
		e.staged, e.old = "", ""
	}
}
