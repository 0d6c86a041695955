package outdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes one file that need not be a generated one, such as a result:
// the content is staged beside path and renamed, so that path holds the old
// content or all of the new. It refuses to replace anything but a regular file.
func WriteFile(path string, write func(io.Writer) error) error {
	if err := Replaceable(path); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(path), tempName())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return because(path, err)
	}
	err = fill(f, write)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
		return because(path, err)
	}
	return nil
}

// Replaceable reports why WriteFile would refuse path: it is a symbolic link, a
// folder or a device, or the folder that should hold it is missing.
func Replaceable(path string) error {
	if info, err := os.Stat(filepath.Dir(path)); err != nil {
		return because(path, err)
	} else if !info.IsDir() {
		return fmt.Errorf("%s: %s is not a folder", path, filepath.Dir(path))
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return because(path, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is %s, wanted a file", path, describe(info.Mode()))
	}
	return nil
}
