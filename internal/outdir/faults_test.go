package outdir

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// faults counts the operations on a disk and decides which of them fail. At 0, where
// nothing fails, it counts alone.
type faults struct {
	count int
	at    int
	// from makes every operation fail from number at on, as when the process is
	// killed there: nothing reaches the disk any more.
	from bool
	// full makes only those fail that take room on the disk.
	full bool
	err  error
	// before is called with the number of the operation that is next.
	before func(n int)

	failed string // the first operation that failed
}

// fail counts one operation; takesRoom tells whether a full disk refuses it.
func (f *faults) fail(takesRoom bool, op, name string) error {
	f.count++
	if f.before != nil {
		f.before(f.count)
	}
	due := f.count == f.at || f.from && f.at > 0 && f.count > f.at
	if !due || f.full && !takesRoom {
		return nil
	}
	if f.failed == "" {
		f.failed = op + " " + name
	}
	return &fs.PathError{Op: op, Path: name, Err: f.err}
}

// temporaryRemoval reports whether what failed is the removal of a temporary file.
func (f *faults) temporaryRemoval() bool {
	name, found := strings.CutPrefix(f.failed, "unlinkat ")
	return found && isTemp(name)
}

// loses reports whether what failed lost a part of the new tree: that must be said.
func (f *faults) loses() bool {
	op, name, _ := strings.Cut(f.failed, " ")
	switch op {
	case "write", "sync", "close":
		return isTemp(name)
	case "mkdir", "mkdirat", "renameat", "fchmodat", "utimensat":
		return true
	}
	return false
}

// faultyDisk, faultyFolder and faultyFile ask before each operation that can fail.
type faultyDisk struct {
	system
	*faults
}

func (d faultyDisk) OpenRoot(path string) (folder, error) {
	if err := d.fail(false, "open", path); err != nil {
		return nil, err
	}
	return faulty(d.faults)(d.system.OpenRoot(path))
}

func (d faultyDisk) Stat(path string) (fs.FileInfo, error) {
	if err := d.fail(false, "stat", path); err != nil {
		return nil, err
	}
	return d.system.Stat(path)
}

func (d faultyDisk) Mkdir(path string, mode fs.FileMode) error {
	if err := d.fail(true, "mkdir", path); err != nil {
		return err
	}
	return d.system.Mkdir(path, mode)
}

func (d faultyDisk) Remove(path string) error {
	if err := d.fail(false, "unlink", path); err != nil {
		return err
	}
	return d.system.Remove(path)
}

type faultyFolder struct {
	folder
	*faults
}

func faulty(f *faults) func(folder, error) (folder, error) {
	return func(dir folder, err error) (folder, error) {
		if err != nil {
			return nil, err
		}
		return &faultyFolder{dir, f}, nil
	}
}

func (d *faultyFolder) OpenRoot(name string) (folder, error) {
	if err := d.fail(false, "openat", name); err != nil {
		return nil, err
	}
	return faulty(d.faults)(d.folder.OpenRoot(name))
}

func (d *faultyFolder) Lstat(name string) (fs.FileInfo, error) {
	if err := d.fail(false, "fstatat", name); err != nil {
		return nil, err
	}
	return d.folder.Lstat(name)
}

func (d *faultyFolder) Mkdir(name string, mode fs.FileMode) error {
	if err := d.fail(true, "mkdirat", name); err != nil {
		return err
	}
	return d.folder.Mkdir(name, mode)
}

func (d *faultyFolder) Open(name string) (file, error) { return d.OpenFile(name, os.O_RDONLY, 0) }

func (d *faultyFolder) OpenFile(name string, flag int, mode fs.FileMode) (file, error) {
	if err := d.fail(flag&os.O_CREATE != 0, "openat", name); err != nil {
		return nil, err
	}
	f, err := d.folder.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d.faults, name}, nil
}

func (d *faultyFolder) Rename(from, to string) error {
	if err := d.fail(false, "renameat", to); err != nil {
		return err
	}
	return d.folder.Rename(from, to)
}

func (d *faultyFolder) Remove(name string) error {
	if err := d.fail(false, "unlinkat", name); err != nil {
		return err
	}
	return d.folder.Remove(name)
}

func (d *faultyFolder) Chmod(name string, mode fs.FileMode) error {
	if err := d.fail(false, "fchmodat", name); err != nil {
		return err
	}
	return d.folder.Chmod(name, mode)
}

func (d *faultyFolder) Chtimes(name string, accessed, changed time.Time) error {
	if err := d.fail(false, "utimensat", name); err != nil {
		return err
	}
	return d.folder.Chtimes(name, accessed, changed)
}

type faultyFile struct {
	file
	*faults
	name string
}

// Write that fails has written half.
func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.fail(true, "write", f.name); err != nil {
		if f.from && !f.full && f.count > f.at {
			return 0, err
		}
		n, _ := f.file.Write(b[:len(b)/2])
		return n, err
	}
	return f.file.Write(b)
}

func (f *faultyFile) Read(b []byte) (int, error) {
	if err := f.fail(false, "read", f.name); err != nil {
		return 0, err
	}
	return f.file.Read(b)
}

func (f *faultyFile) Stat() (fs.FileInfo, error) {
	if err := f.fail(false, "fstat", f.name); err != nil {
		return nil, err
	}
	return f.file.Stat()
}

func (f *faultyFile) ReadDir(n int) ([]fs.DirEntry, error) {
	if err := f.fail(false, "getdents", f.name); err != nil {
		return nil, err
	}
	return f.file.ReadDir(n)
}

func (f *faultyFile) Sync() error {
	if err := f.fail(true, "sync", f.name); err != nil {
		return err
	}
	return f.file.Sync()
}

// Close that fails has closed; only that of a new file can tell of lost data.
func (f *faultyFile) Close() error {
	err := f.fail(isTemp(f.name), "close", f.name)
	if closed := f.file.Close(); err == nil {
		err = closed
	}
	return err
}

// faultKinds are what disks say.
var faultKinds = []error{syscall.ENOSPC, syscall.EIO, syscall.EACCES}

func (f *faults) String() string {
	return fmt.Sprintf("operation %d (%s): %v", f.at, filepath.ToSlash(f.failed), f.err)
}
