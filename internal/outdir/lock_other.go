//go:build !unix || solaris || illumos || aix

package outdir

import "os"

// lockFile reports that this system cannot lock a folder.
func lockFile(*os.File) bool { return false }
