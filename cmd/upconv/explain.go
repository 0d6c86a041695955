package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/worksheet"
	"github.com/upconv/upconv/specs"
)

// explanation is the explain command.
type explanation struct {
	*app
	spec    string
	stage   string
	overlap string
	page    string
	format  explainFormat
}

// explainFormat is the value of --format.
type explainFormat string

func (f *explainFormat) String() string { return string(*f) }
func (f *explainFormat) Type() string   { return "text|csv" }

func (f *explainFormat) Set(s string) error {
	if s != "text" && s != "csv" {
		return errors.New("there is: text, csv")
	}
	*f = explainFormat(s)
	return nil
}

func (a *app) explainCommand() *cobra.Command {
	e := &explanation{app: a, format: "text"}
	cmd := &cobra.Command{
		Use:   "explain LAYER",
		Short: "Show how a layer becomes a loop nest",
		Long: `Explain shows the way of one layer through the generator: its shapes, how its
stamps overlap and, if unevenly, what may take its place, its phases and their
taps, the plan for each instruction set and the loop nest.

With --overlap, it draws how many stamps cover each output instead, on a small
input, as an SVG or PNG picture; with --html, it writes a page with that picture
and the stamps of the worked example, one after the other. With --format csv, it
prints a spreadsheet: a small input and kernel, and formulas that compute the
layer's output from them, step by step, anew for every number that is changed.

LAYER is the name of a layer in the spec file, or a canonical name such as
conv_transpose2d_k4s2p1_c128x64, which needs no spec file.`,
		Example: `  upconv explain up1
  upconv explain conv_transpose2d_k4s2p1_c128x64 --stage polyphase
  upconv explain conv_transpose2d_k3s2 --overlap checkerboard.svg
  upconv explain conv_transpose2d_k2s2 --format csv > stamps.csv`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeLayers(1),
		RunE: a.do(e.run),
	}
	cmd.Flags().StringVarP(&e.spec, "file", "f", "", specFlagHelp)
	cmd.Flags().StringVar(&e.stage, "stage", "", "show one stage: "+strings.Join(gen.Stages(), ", "))
	cmd.Flags().StringVar(&e.overlap, "overlap", "", "draw the overlap of a conv_transpose into `FILE`, .svg or .png")
	cmd.Flags().StringVar(&e.page, "html", "", "write the overlap and the stamps, one after the other, as a page into `FILE`")
	cmd.Flags().Var(&e.format, "format", "print text, or a spreadsheet with formulas")
	cmd.MarkFlagsMutuallyExclusive("stage", "overlap", "html", "format")
	return cmd
}

func (e *explanation) run(_ context.Context, args []string) error {
	l, err := e.layer(args[0])
	if err != nil {
		return err
	}
	switch {
	case e.overlap != "":
		return drawOverlap(e.overlap, l)
	case e.page != "":
		return writePage(e.page, l)
	case e.format == "csv":
		sheet, err := worksheet.Of(l)
		if err != nil {
			return err
		}
		return sheet.WriteCSV(e.stdout)
	}
	text, err := gen.Explain(l, e.stage)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, strings.TrimRight(text, "\n"))
	return err
}

// meantCanonical reports a name that begins as a canonical one does: op, rank, d_.
func meantCanonical(name string) bool {
	for _, op := range specs.Ops() {
		rest, ok := strings.CutPrefix(name, string(op))
		if ok && len(rest) > 2 && rest[0] >= '0' && rest[0] <= '9' && rest[1:3] == "d_" {
			return true
		}
	}
	return false
}

// layer finds a layer by its name in the spec, or by its canonical name.
func (e *explanation) layer(name string) (specs.Layer, error) {
	canonical, notCanonical := specs.ParseName(name)
	if e.spec == "" && notCanonical == nil {
		return canonical, nil
	}
	if e.spec == "" && meantCanonical(name) {
		return specs.Layer{}, notCanonical
	}
	f, err := e.loadSpec(e.spec)
	if err != nil {
		return specs.Layer{}, err
	}
	l, err := layerOf(f, name)
	if err != nil && notCanonical == nil {
		return canonical, nil
	}
	return l, err
}
