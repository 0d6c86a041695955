package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/specs/specfile"
)

const generateLong = `Generate writes the Go package that a spec file describes: kernels, typed
constructors and their tests.

The spec file is that of -f, else upconv.yaml in the current folder or the
nearest one above it, up to the folder of go.mod. In a module with upconv.yaml:

	//go:generate go tool upconv generate

Several spec files may be given, by repeating -f, as a pattern or as arguments;
each describes one package.

The package is written to the folder that
  1. -o names, with the package's name below it: -o generated gives generated/decoder,
  2. else the spec's output key names, relative to the spec file (output: . is its folder),
  3. else has the package's name, beside the spec file.

All files are made in memory first. Files that are up to date are not touched;
the others are staged beside their place and renamed once all are on the disk.
Generated files that no longer belong there are removed. A file that was not
generated is never changed: it is an error that stops the command before it
writes. Symbolic links are not followed below the named folder.

With --check nothing is written; files that are not up to date are listed as
stale, missing or orphaned, and the exit status is 1.`

// generation is the generate command.
type generation struct {
	*app
	specs []string
	out   string
	check bool
	print string
}

func (a *app) generateCommand() *cobra.Command {
	g := &generation{app: a}
	cmd := &cobra.Command{
		Use:   "generate [spec.yaml...]",
		Short: "Write the Go packages that spec files describe",
		Long:  generateLong,
		Example: `  upconv generate
  upconv generate --check
  upconv generate -f specs/dcgan.yaml -o generated
  upconv generate --stdout kernels.go`,
		RunE: a.do(g.run),
	}
	g.fileFlags(cmd)
	cmd.Flags().BoolVar(&g.check, "check", false, "write nothing, list files that are not up to date")
	cmd.Flags().StringVar(&g.print, "stdout", "", "print one generated file instead of writing (`NAME`, or package/NAME)")
	cmd.MarkFlagsMutuallyExclusive("check", "stdout")
	return cmd
}

// fileFlags are the flags that say what is generated, and where.
func (g *generation) fileFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&g.specs, "file", "f", nil, "spec file or pattern, repeatable (default: "+specName+" in this folder or above it)")
	cmd.Flags().StringVarP(&g.out, "output", "o", "", "folder in which each package gets a folder of its name")
}

// prepare makes all files in memory.
func (g *generation) prepare(ctx context.Context, args []string) ([]outdir.Target, error) {
	note := startProgress(g.stderr, "reading the spec")
	defer note.stop()
	files, err := g.load(args)
	if err != nil {
		return nil, err
	}
	return g.targets(ctx, files, note)
}

func (g *generation) run(ctx context.Context, args []string) error {
	targets, err := g.prepare(ctx, args)
	if err != nil {
		return err
	}
	switch {
	case g.print != "":
		return g.printFile(targets)
	case g.check:
		changes, err := outdir.Check(targets...)
		if err == nil && len(changes) > 0 {
			err = findings(changes)
		}
		return err
	}
	note := startProgress(g.stderr, "writing")
	defer note.stop()
	_, err = outdir.Write(targets...)
	return err
}

// load reads all spec files and reports the faults of all of them.
func (g *generation) load(args []string) ([]*specfile.File, error) {
	paths, err := expand(append(g.specs, args...))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		paths = []string{""} // the one that is found
	}
	var files []*specfile.File
	var errs []error
	for _, path := range paths {
		f, err := g.loadSpec(path)
		files, errs = append(files, f), append(errs, err)
	}
	return files, errors.Join(errs...)
}

// targets generates every package in memory.
func (g *generation) targets(ctx context.Context, files []*specfile.File, note *progress) ([]outdir.Target, error) {
	var targets []outdir.Target
	for _, f := range files {
		note.step("generating package " + f.Package)
		err := interruptible(ctx, func() error {
			t, err := g.target(f)
			targets = append(targets, t)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return targets, nil
}

func (g *generation) target(f *specfile.File) (outdir.Target, error) {
	t := g.folder(f)
	origin, err := moduleRelative(f.Path)
	if err != nil {
		return t, err
	}
	source := *f
	source.Path = origin
	made, err := gen.Package(&source)
	if err != nil {
		return t, err
	}
	for _, m := range made {
		t.Files = append(t.Files, outdir.File{Name: m.Name, Data: m.Data})
	}
	return t, nil
}

// folder says where a package goes, without its files.
func (g *generation) folder(f *specfile.File) outdir.Target {
	t := outdir.Target{Base: g.out, Sub: f.Package, Mark: gen.HeaderPrefix}
	if g.out == "" {
		t.Base = filepath.Dir(f.Path)
		if f.Output != "" {
			t.Sub = f.Output
		}
	}
	return t
}

// printFile prints the one generated file of a name.
func (g *generation) printFile(targets []outdir.Target) error {
	var have []string
	var found []outdir.File
	for _, t := range targets {
		folder := filepath.Base(t.Path()) + "/"
		for _, f := range t.Files {
			have = append(have, f.Name)
			if g.print == f.Name || g.print == folder+f.Name {
				found = append(found, f)
			}
		}
	}
	switch len(found) {
	case 0:
		return fmt.Errorf("no file %q is generated; there is: %s", g.print, strings.Join(have, ", "))
	case 1:
		_, err := g.stdout.Write(found[0].Data)
		return err
	}
	return fmt.Errorf("%d packages have a file %q; write package/%s", len(found), g.print, g.print)
}
