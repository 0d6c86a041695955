package gen

import (
	"crypto/sha256"
	"fmt"

	"github.com/upconv/upconv/gen/golang"
)

// Files of two runs of the generator must not become one package: a kernel that goes
// with other tables would compute something else. So every kernel's file asks for a
// constant that its table declares, and the tables ask for one of layers.go; each is
// named after the content that it stands for.

// stamp names a constant after the contents of files.
func stamp(name string, contents ...[]byte) string {
	h := sha256.New()
	for _, c := range contents {
		fmt.Fprintf(h, "%d\n", len(c))
		h.Write(c)
	}
	return fmt.Sprintf("%s_%x", name, h.Sum(nil)[:4])
}

// asking is the kernel's file with what asks for its stamp.
func (k *kernel) asking(data []byte) []byte {
	k.stamp = stamp(k.Nest.Name, data)
	if k.text == nil {
		return golang.Ask(data, "kernels.go", k.stamp)
	}
	return append(data, fmt.Sprintf(`
// kernels_amd64.go has this constant: files of different runs do not build together.
#include "go_asm.h"
#ifndef const_%s
	KERNELS_OF_ANOTHER_RUN__RUN_UPCONV_GENERATE_AGAIN
#endif
`, k.stamp)...)
}

// stampTables makes the tables ask for the stamp that the first file declares.
func stampTables(declaring string, files []File) {
	var contents [][]byte
	for _, f := range files {
		contents = append(contents, f.Data)
	}
	s := stamp("tables", contents...)
	for i, f := range files {
		if f.Name == declaring {
			files[i].Data = golang.Declare(f.Data, s)
		} else {
			files[i].Data = golang.Ask(f.Data, declaring, s)
		}
	}
}
