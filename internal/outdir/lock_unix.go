//go:build unix && !solaris && !illumos && !aix

package outdir

import (
	"os"
	"syscall"
)

// lockFile takes the exclusive lock on f; closing f releases it, and so does
// the end of the process.
func lockFile(f *os.File) bool {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			return err == nil
		}
	}
}
