// Command selfgen writes the project's own generated code.
//
// "selfgen peak", "selfgen move", "selfgen finish", "selfgen cpu" and "selfgen probe" write assembly that belongs to
// no spec into the current folder; they are what go:generate lines call. "selfgen
// generated", in the module's root, writes the prebuilt packages as "upconv generate" does,
// but needs none of them to compile: after a change of what kernels and runtime
// agree on, the command cannot be built before they are written anew.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/specs/specfile"
)

// commands names what can be written.
var commands = map[string]func() error{
	"peak":      func() error { return writeHere(gen.Peak) },
	"move":      func() error { return writeHere(gen.Move) },
	"finish":    func() error { return writeHere(gen.Finish) },
	"cpu":       func() error { return writeHere(gen.CPUID) },
	"probe":     func() error { return writeHere(gen.Probe) },
	"generated": writePackages,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "selfgen:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) != 1 || commands[args[0]] == nil {
		return fmt.Errorf("want one argument: peak, move, finish, cpu, probe or generated; got %q", args)
	}
	return commands[args[0]]()
}

func writeHere(make func() ([]gen.File, error)) error {
	files, err := make()
	if err != nil {
		return err
	}
	staging := outdir.NewStaging()
	defer staging.Discard()
	for _, f := range files {
		err := staging.Add(f.Name, func(w io.Writer) error {
			_, err := w.Write(f.Data)
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err = staging.Commit()
	return err
}

func writePackages() error {
	paths, err := filepath.Glob("specs/*.yaml")
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return fmt.Errorf("no specs/*.yaml here; run it in the module's root")
	}
	var targets []outdir.Target
	for _, path := range paths {
		t, err := packageOf(path)
		if err != nil {
			return err
		}
		targets = append(targets, t)
	}
	_, err = outdir.Write(targets...)
	return err
}

// packageOf generates the package of one spec file in memory.
func packageOf(path string) (outdir.Target, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return outdir.Target{}, err
	}
	spec, err := specfile.Parse(filepath.ToSlash(path), data)
	if err != nil {
		return outdir.Target{}, err
	}
	made, err := gen.Package(spec)
	if err != nil {
		return outdir.Target{}, err
	}
	t := outdir.Target{Base: "generated", Sub: spec.Package, Mark: gen.HeaderPrefix}
	for _, m := range made {
		t.Files = append(t.Files, outdir.File{Name: m.Name, Data: m.Data})
	}
	return t, nil
}
