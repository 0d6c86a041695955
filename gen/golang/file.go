package golang

import (
	"bytes"

	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/gen/nest"
)

// KernelFile is the Go file of one kernel.
func KernelFile(pkg, header string, k nest.Kernel) ([]byte, error) {
	f := newFile(pkg, header)
	f.Add(Kernel(k))
	return render(f)
}

func newFile(pkg, header string) *jen.File {
	f := jen.NewFile(pkg)
	f.HeaderComment(header)
	f.ImportName(runtimePath, "runtime")
	f.ImportName(specsPath, "specs")
	f.ImportName(cpuPath, "cpu")
	f.ImportName(packPath, "pack")
	f.ImportName(kerneltestPath, "kerneltest")
	return f
}

func render(f *jen.File) ([]byte, error) {
	var b bytes.Buffer
	if err := f.Render(&b); err != nil {
		return nil, err
	}
	// A build constraint stands apart from the header.
	return bytes.Replace(b.Bytes(), []byte("\n//go:build"), []byte("\n\n//go:build"), 1), nil
}

// The packages that generated code imports.
const (
	module         = "github.com/upconv/upconv"
	runtimePath    = module + "/runtime"
	specsPath      = module + "/specs"
	cpuPath        = module + "/runtime/cpu"
	packPath       = module + "/runtime/pack"
	kerneltestPath = module + "/runtime/kerneltest"
)
