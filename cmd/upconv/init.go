package main

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/specs"
)

// generateName is the file with the go:generate line.
const generateName = "generate.go"

// firstSpec is the spec file to begin with.
const firstSpec = `# yaml-language-server: $schema=https://raw.githubusercontent.com/upconv/upconv/main/docs/upconv.schema.json

# What is known about the layers; upconv generate makes a Go package of it.
version: 1
package: decoder
# output: internal/decoder # where the package goes; else a folder of its name, beside this file

layers:
  # A transposed convolution that doubles height and width: decoder.NewUp1.
  - name: up1
    op: conv_transpose # or conv, nearest, bilinear, bed_of_nails, max_pool, max_unpool, pixel_shuffle, resize_conv
    kernel: [4, 4]     # its length is the number of spatial axes: 1, 2 or 3
    stride: 2          # one number stands for all axes
    padding: 1         # a number, a list, {begin: [1, 1], end: [0, 0]}, same_upper, same_lower or valid
    # What is left out here is given to the constructor or at run time; what is fixed may run faster.
    in_channels: 128
    out_channels: 64
    # input: [16, 16]
    # output_padding: 0  # or output_size: [32, 32]
    # groups: 1          # or depthwise: true
    # layout: nhwc       # arrays are [N, spatial..., C], not [N, C, spatial...]
    # bias: false
    # activation: relu   # relu6, leaky_relu(0.2), prelu, sigmoid, tanh, clamp(-1, 1)
`

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a first spec file and the line that go generate runs",
		Long: `Init writes two files into the current folder: ` + specName + `, a spec with one layer and
comments that say what else there is, and ` + generateName + `, with the line for go generate.
Neither replaces a file that is there: then nothing is written.`,
		Args: cobra.NoArgs,
		RunE: a.do(a.initialize),
	}
}

func (a *app) initialize(context.Context, []string) error {
	name, err := packageHere()
	if err != nil {
		return err
	}
	files := outdir.NewStaging()
	defer files.Discard()
	var errs []error
	for _, f := range []struct{ name, text string }{
		{specName, firstSpec},
		{generateName, "package " + name + "\n\n//go:generate go tool upconv generate\n"},
	} {
		if _, err := os.Lstat(f.name); err == nil {
			errs = append(errs, fmt.Errorf("%s: is there already", f.name))
			continue
		}
		errs = append(errs, files.Add(f.name, func(w io.Writer) error {
			_, err := io.WriteString(w, f.text)
			return err
		}))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	written, err := files.Commit()
	if err == nil {
		_, err = fmt.Fprintf(a.stdout, "%s\n", strings.Join(written, "\n"))
	}
	return err
}

// packageHere is the name of the package in the current folder: that of its Go files or,
// where there are none, the folder's own if that can be one.
func packageHere() (string, error) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly)
		if err == nil && !strings.HasSuffix(path, "_test.go") {
			return f.Name.Name, nil
		}
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if name := filepath.Base(folder); specs.CheckPackageName(name) == nil {
		return name, nil
	}
	return "main", nil
}
