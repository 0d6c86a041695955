package outdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"time"
)

// folder is what this package needs of os.Root; tests make its parts fail.
type folder interface {
	Lstat(name string) (fs.FileInfo, error)
	Open(name string) (*os.File, error)
	OpenFile(name string, flag int, mode fs.FileMode) (*os.File, error)
	Rename(from, to string) error
	Remove(name string) error
	Chtimes(name string, accessed, changed time.Time) error
	Close() error
}

// apply stages every new content, then puts all of it in place.
func apply(edits []*edit) error {
	defer discard(edits)
	for _, e := range edits {
		if e.kind == Orphaned {
			continue
		}
		temp, err := stage(e.dir, e.data, 0o644)
		if err != nil {
			return because(e.path(), err)
		}
		e.temp = temp
	}
	for i, e := range edits {
		if err := e.commit(); err != nil {
			return errors.Join(because(e.path(), err), undo(edits[:i]))
		}
	}
	return nil
}

// stage writes data to a new file of dir, waits until it is on the disk and
// returns its name. After a failure nothing is left behind.
func stage(dir folder, data []byte, mode fs.FileMode) (string, error) {
	name := tempName()
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", err
	}
	err = fill(f, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		dir.Remove(name)
		return "", err
	}
	return name, nil
}

func tempName() string {
	return fmt.Sprintf("%s%016x%s", tempPrefix, rand.Uint64(), tempSuffix)
}

// fill writes and closes a file that is wanted whole or not at all.
func fill(f *os.File, write func(io.Writer) error) error {
	err := write(f)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// discard removes what is staged and not in place.
func discard(edits []*edit) {
	for _, e := range edits {
		if e.temp != "" {
			e.dir.Remove(e.temp)
		}
	}
}

func (e *edit) commit() error {
	if e.kind == Orphaned {
		return e.dir.Remove(e.name)
	}
	if err := e.dir.Rename(e.temp, e.name); err != nil {
		return err
	}
	e.temp = ""
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
	if e.old == nil {
		return e.dir.Remove(e.name)
	}
	temp, err := stage(e.dir, e.old.data, e.old.mode)
	if err != nil {
		return err
	}
	if err := e.dir.Chtimes(temp, time.Time{}, e.old.changed); err != nil {
		return err
	}
	return e.dir.Rename(temp, e.name)
}
