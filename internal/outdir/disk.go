package outdir

import (
	"io"
	"io/fs"
	"os"
	"time"
)

// disk is the file system as this package uses it: what can fail goes through it, so
// that tests make each operation fail, or the process end there, in turn.
type disk interface {
	OpenRoot(path string) (folder, error)
	Stat(path string) (fs.FileInfo, error)
	Mkdir(path string, mode fs.FileMode) error
	Remove(path string) error
}

// folder is an open folder; names are relative to it and do not lead out of it.
type folder interface {
	OpenRoot(name string) (folder, error)
	Lstat(name string) (fs.FileInfo, error)
	Mkdir(name string, mode fs.FileMode) error
	Open(name string) (file, error)
	OpenFile(name string, flag int, mode fs.FileMode) (file, error)
	Rename(from, to string) error
	Remove(name string) error
	Chmod(name string, mode fs.FileMode) error
	Chtimes(name string, accessed, changed time.Time) error
	Close() error
}

// file is an open file, or a folder whose entries are read.
type file interface {
	io.Reader
	io.Writer
	Stat() (fs.FileInfo, error)
	ReadDir(n int) ([]fs.DirEntry, error)
	Sync() error
	Lock() bool // false where the system has no lock
	Close() error
}

// system is the disk of the process.
type system struct{}

func (system) OpenRoot(path string) (folder, error)      { return opened(os.OpenRoot(path)) }
func (system) Stat(path string) (fs.FileInfo, error)     { return os.Stat(path) }
func (system) Mkdir(path string, mode fs.FileMode) error { return os.Mkdir(path, mode) }
func (system) Remove(path string) error                  { return os.Remove(path) }

type root struct{ *os.Root }

func opened(r *os.Root, err error) (folder, error) {
	if err != nil {
		return nil, err
	}
	return root{r}, nil
}

func (r root) OpenRoot(name string) (folder, error) { return opened(r.Root.OpenRoot(name)) }

func (r root) Open(name string) (file, error) { return r.OpenFile(name, os.O_RDONLY, 0) }

func (r root) OpenFile(name string, flag int, mode fs.FileMode) (file, error) {
	f, err := r.Root.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return regular{f}, nil
}

type regular struct{ *os.File }

func (f regular) Lock() bool { return lockFile(f.File) }
